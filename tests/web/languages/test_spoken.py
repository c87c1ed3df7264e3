"""Which language a page, a letter and a message speak; dates, times and numbers in it; what is remembered."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser
from django.utils import translation
from django.utils.translation import ngettext

from reknit.practice import clock, loop
from reknit.practice.checkins.models import CheckIn
from reknit.practice.doors.common.templatetags.reknit import moment
from reknit.practice.languages import LANGUAGES
from reknit.practice.loop import letters
from reknit.practice.people.models import Role, User
from tests.web.client.conftest import Person, filled
from tests.web.client.test_doors import NAMES, address

from .reading import Reading

pytestmark = pytest.mark.django_db
READ = [
    name for name in NAMES if name not in ("begin", "add", "mended", "download", "new_link", "stop", "worker")
]


def tongue(response: Any) -> str:
    return re.search(r'<html lang="([\w-]+)"', response.content.decode()).group(1)  # type: ignore[union-attr]


def asking(phone: Browser, address: str, wanted: str) -> Any:
    return phone.get(address, headers={"accept-language": wanted})


@pytest.mark.parametrize(
    ("wanted", "spoken"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("zh-TW", "zh-hans"),
        ("zh-CN,zh;q=0.9", "zh-hans"),
        ("ar-EG", "ar"),
        ("it,fr;q=0.5,es;q=0.7", "es"),
        ("es-419", "es"),
        ("nl", "en"),
        ("", "en"),
        ("de;q=x,,;*", "en"),
    ],
)
def test_a_client_is_first_met_in_the_language_of_their_phone(
    phone: Browser,
    owner: Person,
    wanted: str,
    spoken: str,
) -> None:
    response = asking(phone, owner.at(token=owner.check_in), wanted)
    assert tongue(response) == response["Content-Language"] == spoken
    assert tongue(asking(phone, "/", wanted)) == spoken
    assert tongue(asking(phone, "/c/none/", wanted)) == spoken


def test_a_choice_is_remembered_without_a_cookie(phone: Browser, owner: Person) -> None:
    response = phone.post(owner.at(), {"language": "fr"}, headers={"accept-language": "de"})
    assert response.status_code == 200
    assert not response.cookies
    assert tongue(asking(phone, owner.at(), "de")) == "fr"
    assert tongue(asking(phone, owner.at(token=owner.check_in), "de")) == "fr"
    phone.post(owner.at(), {"language": "tlh"})
    assert tongue(asking(phone, owner.at(), "de")) == "fr", "a language that we do not speak changes nothing"


@pytest.mark.parametrize("name", ["mended", "add", "new_link", "begin"])
def test_changing_the_language_does_nothing_else(phone: Browser, owner: Person, name: str) -> None:
    before = owner.relationship.links.count()
    sent = {"language": "ar", "words": "x", "audience": "therapist_now", "answer": "no"}
    response = phone.post(address(owner.home, owner, name), sent)
    assert response.status_code in (200, 303)
    owner.things["episode"].refresh_from_db()
    assert owner.things["episode"].state == "replied"
    assert owner.relationship.links.count() == before
    assert not CheckIn.objects.filter(session=owner.session).exists()


def test_what_was_typed_comes_back_in_the_other_language(phone: Browser, owner: Person) -> None:
    page = phone.post(owner.at(token=owner.check_in), filled(language="es", words="A <b>half</b> thought"))
    assert "A &lt;b&gt;half&lt;/b&gt; thought" in page.content.decode()
    assert page.context["form"]["understood"].value() == "7"
    assert not CheckIn.objects.filter(session=owner.session).exists()
    sent = phone.post(owner.at(token=owner.check_in), filled(words="A <b>half</b> thought"))
    assert sent.status_code == 303


def test_the_language_of_the_consent_is_kept_for_messages(
    phone: Browser,
    therapist: User,
    settings: Any,
) -> None:
    settings.PUBLIC_URL = "https://reknit.example"
    pair = loop.open_relationship(a_visitor(therapist), called="K.", contact="k@example.org")
    relationship, token = pair
    phone.post(f"/c/{token}/begin/", {"answer": "yes"}, headers={"accept-language": "de"})
    relationship.client.refresh_from_db()
    assert relationship.client.language == "de"
    assert relationship.consents.get().wording_version == "2026-11 de", "the German words"
    session = loop.plan_session(a_visitor(therapist), relationship, clock.now() - timedelta(hours=2))
    loop.record_session(a_visitor(therapist), session, "attended")
    with clock.at(datetime(2026, 11, 26, 12, tzinfo=UTC) + timedelta(days=365)), translation.override("en"):
        relationship.messages.update(due_at=clock.now(), expires_at=clock.now() + timedelta(days=1))
        assert loop.send_due()
    assert {letter.subject for letter in mail.outbox} == {"Ein Formular zum Ausfüllen"}
    assert not [letter for letter in mail.outbox if "K." in letter.body or "form to fill" in letter.body]


def test_a_letter_to_staff_speaks_their_language_and_not_the_clients(
    therapist: User, django_capture_on_commit_callbacks: Any
) -> None:
    therapist.language = "es"
    body = "At %(clinic)s you are now %(role)s as well."
    with translation.override("ar"), django_capture_on_commit_callbacks(execute=True):
        letters.tell(therapist, body, clinic="Elm Street", role=Role.LEAD.label)
    assert mail.outbox[0].subject == "Algo en Reknit te necesita"
    expected = "En Elm Street tienes ahora también esta función: dirección de la clínica."
    assert mail.outbox[0].body == expected


def a_visitor(user: User) -> Any:
    from reknit.practice.people.access import Visitor

    return Visitor(user=user)


def test_staff_pages_never_mix_two_languages(client: Browser, therapist: User) -> None:
    assert tongue(asking(client, "/accounts/login/", "de,es;q=0.5")) == "es"
    assert tongue(asking(client, "/accounts/login/", "de")) == "en"
    client.force_login(therapist)
    assert tongue(asking(client, "/practice/", "es-MX")) == "es"
    assert tongue(asking(client, "/practice/", "ar")) == "en"
    client.post("/accounts/language/", {"language": "es"})
    assert tongue(asking(client, "/practice/", "en")) == "es"
    assert client.post("/accounts/language/", {"language": "ar"}).status_code == 422


DATES = {
    "en": "Tuesday 2 March, 09:30",
    "es": "martes 2 de marzo, 09:30",
    "de": "Dienstag, 2. März, 09:30 Uhr",
    "fr": "mardi 2 mars, 9 h 30",
    "zh-hans": "3月2日 星期二 09:30",
    "ar": "الثلاثاء 2 مارس، 09:30",
}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_day_and_an_hour_as_people_there_say_them(code: str) -> None:
    with clock.at(datetime(2027, 3, 1, tzinfo=UTC)), translation.override(code):
        assert moment(datetime(2027, 3, 2, 9, 30, tzinfo=UTC)) == DATES[code]


def test_numbers_take_the_form_that_the_language_has_for_them() -> None:
    one = "Nothing has been sent yet. %(left)d question has no answer; you can leave it so and send."
    many = "Nothing has been sent yet. %(left)d questions have no answer; you can leave them so and send."
    with translation.override("ar"):
        said = {ngettext(one, many, n) % {"left": n} for n in (0, 1, 2, 3, 11, 100)}
    assert len(said) == 6
    assert sum("سؤالان" in each for each in said) == 1
    with translation.override("fr"):
        assert ngettext(one, many, 0) == ngettext(one, many, 1) != ngettext(one, many, 2)
    with translation.override("zh-hans"):
        assert ngettext(one, many, 1) == ngettext(one, many, 2)


PEOPLE = """Elm Street Helpline Ana Ruiz Robin Kim Berg therapist now only clinic words hear that went too
fast hates journaling writing walk the river you dared say second bill English español Deutsch français"""
MARKS = {"Reknit", "Cookie", "http", "testserver"}


@pytest.mark.parametrize("name", READ)
def test_no_english_is_left_on_a_chinese_page(phone: Browser, owner: Person, name: str) -> None:
    """Sentences that nobody marked for translation, and those fixed in English before anybody read them."""
    owner.relationship.client.language = "zh-hans"
    owner.relationship.client.save()
    page = Reading(phone.get(address(owner.home, owner, name)).content.decode())
    text = " ".join(page.found).replace(owner.home, "")
    assert re.search(r"[一-鿿]{4}", text)
    left = set(re.findall(r"[A-Za-zÀ-ÿ]{3,}", text)) - set(PEOPLE.split()) - MARKS
    assert not left, f"{name}: {sorted(left)}"
