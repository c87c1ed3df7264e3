"""The check-in: nothing lost, nothing doubled, nothing pressed."""

from __future__ import annotations

import gzip
import re
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.people.models import Membership

from .conftest import ITEMS, Person, filled


def said(person: Person) -> dict[str, Answer]:
    return {a.question: a for a in Answer.objects.filter(check_in__session=person.session)}


def test_a_line_left_alone_is_not_answered(phone: Browser, owner: Person) -> None:
    page = phone.get(owner.at(token=owner.check_in)).content.decode()
    lines = re.findall(rf'<input type="radio" name="(?:{"|".join(ITEMS)})"[^>]*>', page)
    assert len(lines) == 5 * 12  # eleven steps and the way back, five times
    assert not any("checked" in line for line in lines)

    response = phone.post(owner.at(token=owner.check_in), filled(way=None, trust=""))
    assert response.status_code == 303
    assert {key: a.value for key, a in said(owner).items() if key in ITEMS} == {
        "understood": 7, "matters": 7, "say": 7,
    }  # fmt: skip


def test_each_answer_goes_where_the_client_wants_it(phone: Browser, owner: Person) -> None:
    sent = filled(bothered="2", words="It hurt", words_audience="clinic", ratings_audience="only_me")
    phone.post(owner.at(token=owner.check_in), sent)
    answers = said(owner)
    assert (answers["words"].words, answers["words"].audience) == ("It hurt", "clinic")
    assert (answers["bothered"].value, answers["bothered"].audience) == (2, "clinic")
    assert {answers[key].audience for key in ITEMS} == {"only_me"}


def test_the_lines_follow_the_words_unless_the_client_says_otherwise(phone: Browser, owner: Person) -> None:
    sent = filled(bothered="2", words="It hurt", words_audience="in_the_room", ratings_audience="")
    phone.post(owner.at(token=owner.check_in), sent)
    assert {answer.audience for answer in said(owner).values()} == {"in_the_room"}


def test_tapping_twice_reloading_and_coming_back_never_double_and_never_lose(
    phone: Browser, owner: Person
) -> None:
    path, sent = owner.at(token=owner.check_in), filled(words="It hurt", bothered="1")
    first, second = phone.post(path, sent), phone.post(path, sent)
    assert first["Location"] == second["Location"]
    assert CheckIn.objects.filter(session=owner.session).count() == 1
    assert Answer.objects.filter(check_in__session=owner.session).count() == 7

    again = phone.get(path).content.decode()
    assert "It has arrived" in again
    assert "It hurt" not in again

    phone.post(path, filled(key=str(uuid4()), words="And the clock", **dict.fromkeys(ITEMS, "1")))
    assert {a.words for a in said(owner).values() if a.words} == {"It hurt", "And the clock"}
    assert said(owner)["trust"].value == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"trust": "11"},
        {"trust": "five"},
        {"bothered": "9"},
        {"words": "x" * 10_001},
        {"words": "nul\x00byte"},
        {"words_audience": "everybody"},
    ],
)
def test_bad_input_is_answered_kindly_and_keeps_everything(
    phone: Browser, owner: Person, wrong: dict[str, str]
) -> None:
    sent = filled(**({"words": "My words stay"} | wrong), understood="3")
    response = phone.post(owner.at(token=owner.check_in), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Nothing has been sent yet" in page
    assert 'aria-invalid="true"' in page or "field--wrong" in page
    assert sent["words"].replace("\x00", "") in page.replace("\x00", "")
    assert re.search(r'name="understood" value="3"[^>]*checked', page)
    assert sent["key"] in page
    assert not CheckIn.objects.filter(session=owner.session).exists()


def test_an_empty_form_is_not_sent(phone: Browser, owner: Person) -> None:
    nothing = filled(**dict.fromkeys(ITEMS), bothered=None)
    response = phone.post(owner.at(token=owner.check_in), nothing)
    assert response.status_code == 422
    assert "One answer is enough" in response.content.decode()


def test_a_broken_key_does_no_harm(phone: Browser, owner: Person) -> None:
    assert phone.post(owner.at(token=owner.check_in), filled(key="mangled")).status_code == 303
    assert CheckIn.objects.filter(session=owner.session).count() == 1


def test_what_happens_next_is_told_to_the_sender_alone(phone: Browser, owner: Person) -> None:
    sent = filled(words="It hurt", words_audience="only_me")
    after = phone.get(phone.post(owner.at(token=owner.check_in), sent)["Location"]).content.decode()
    assert "Nobody can read it but you." in after
    assert "Ana Ruiz can read it now." in after  # the lines
    assert "Helpline" in after
    guessed = phone.get(owner.at("received", token=owner.check_in, key=uuid4())).content.decode()
    assert "Nobody can read it but you." not in guessed


def test_adding_starts_from_the_audience_chosen_before(phone: Browser, owner: Person) -> None:
    sent = filled(words="It hurt", words_audience="clinic")
    after = phone.get(phone.post(owner.at(token=owner.check_in), sent)["Location"]).content.decode()
    assert re.findall(r'name="audience" value="(\w+)"[^>]*checked', after) == ["clinic"]


def test_more_can_be_added_after_sending(phone: Browser, owner: Person) -> None:
    sent = filled(words="It hurt")
    phone.post(owner.at(token=owner.check_in), sent)
    add = owner.at("add", token=owner.check_in, key=sent["key"])
    assert phone.post(add, {"words": "", "audience": "only_me"}).status_code == 422
    assert phone.post(add, {"words": "One more thing", "audience": "only_me"}).status_code == 303
    assert phone.post(add, {"words": "One more thing", "audience": "only_me"}).status_code == 303
    added = [a for a in said(owner).values() if a.words == "One more thing"]
    assert [a.audience for a in added] == ["only_me"]


def test_the_clinic_is_offered_only_where_somebody_else_listens(phone: Browser, owner: Person) -> None:
    offer = "Only the clinic, not my therapist"
    assert offer in phone.get(owner.at(token=owner.check_in)).content.decode()
    Membership.objects.exclude(user=owner.relationship.therapist).delete()
    assert offer not in phone.get(owner.at(token=owner.check_in)).content.decode()
    response = phone.post(owner.at(token=owner.check_in), filled(words_audience="clinic"))
    assert response.status_code == 422


@pytest.mark.parametrize(("number", "asked"), [(1, True), (4, False), (5, True)])
def test_the_clinic_invites_what_is_hard_to_say_at_sessions_one_and_five(
    phone: Browser, owner: Person, number: int, asked: bool
) -> None:
    Session.objects.filter(number=number, relationship=owner.relationship).exclude(
        pk=owner.session.pk
    ).update(number=100)
    Session.objects.filter(pk=owner.session.pk).update(number=number)
    page = phone.get(owner.at(token=owner.check_in)).content.decode()
    assert ('name="invited"' in page) is asked
    if asked:
        phone.post(owner.at(token=owner.check_in), filled(invited="You talk a lot", words_audience="clinic"))
        answer = next(a for a in said(owner).values() if a.words)
        assert (answer.words, answer.audience) == ("You talk a lot", "clinic")
        assert said(owner)["bothered"].value == 0


def test_the_page_is_light_and_asks_the_database_little(phone: Browser, owner: Person) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = phone.get(owner.at(token=owner.check_in)).content
    assert len(queries) <= 8
    loaded = re.findall(r'(?:href|src)="/static/([^"]+)"', page.decode())
    assert len(loaded) >= 4
    weight = len(gzip.compress(page)) + sum(_weight(name) for name in set(loaded))
    assert weight <= 20 * 1024


def _weight(name: str) -> int:
    path = finders.find(name)
    assert path, name
    with open(path, "rb") as file:
        return len(gzip.compress(file.read()))


def test_nothing_is_fetched_from_elsewhere(phone: Browser, owner: Person, settings) -> None:
    settings.REKNIT_QUICK_EXIT_URL = "https://away.example/"
    for path in (owner.at(), owner.at(token=owner.check_in)):
        page = phone.get(path).content.decode()
        for tag in re.findall(r"<(?:link|script|img|form|iframe)[^>]*>", page):
            assert "//" not in tag
        assert re.findall(r'href="(https?://[^"]+)"', page) == ["https://away.example/"]
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son\w+=", page)
