"""Every address of the client door as owner, as another client, and as somebody with no link."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client as Browser

from reknit.practice import loop
from reknit.practice.checkins.models import Link, LinkKind
from reknit.practice.doors.client import urls
from reknit.practice.people.models import Membership, Role
from reknit.practice.trail.models import Entry

from .conftest import Person

ABOUT = {
    "check_in": "session",
    "widen": "answer",
    "reply": "reply",
    "mended": "episode",
    "learning": "learning",
    "agreement": "agreement",
    "homework": "homework",
    "acknowledgement": "acknowledgement",
    "owed_answer": "owed",
}
WITHOUT_LINK = {"no_more", "worker"}  # test_messages.py; a script, the same for everybody
ALL_NAMES = [pattern.name for pattern in urls.urlpatterns if pattern.name not in WITHOUT_LINK]
NAMES = [name for name in ALL_NAMES if not name.startswith("questionnaire")]  # those have tests of their own


def address(asking: str, about: Person, name: str) -> str:
    route = next(str(pattern.pattern) for pattern in urls.urlpatterns if pattern.name == name)
    parts: dict[str, object] = {}
    if "pk" in route:
        parts["pk"] = about.things[ABOUT[name]].pk if name in ABOUT else 1
    if "key" in route:
        parts["key"] = about.things["answer"].check_in.key
    return about.at(name, token=asking, **parts)


@pytest.mark.parametrize("name", NAMES)
def test_the_owner_gets_in_and_nothing_leaves_with_the_address(
    phone: Browser, owner: Person, name: str
) -> None:
    response = phone.get(address(owner.home, owner, name))
    assert response.status_code in (200, 405)
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["Cache-Control"] in ("no-store", "private, no-cache")
    assert not response.cookies


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", NAMES)
def test_another_client_finds_nothing_of_the_owner(
    phone: Browser, owner: Person, other: Person, name: str, method: str
) -> None:
    before = Entry.objects.filter(relationship_id=owner.relationship.pk).count()
    sent = {"answer": "yes", "words": "x", "audience": "therapist_now", "done": "yes", "sentence": "x"}
    response = getattr(phone, method)(address(other.home, owner, name), sent)
    text = response.content.decode()
    if response.status_code in (301, 302, 303):
        text += phone.get(response["Location"]).content.decode()
    assert "Robin" not in text
    assert Entry.objects.filter(relationship_id=owner.relationship.pk).count() == before
    if name in ABOUT:
        assert response.status_code in (404, 405)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ALL_NAMES)
def test_no_link_no_page(phone: Browser, owner: Person, name: str, method: str) -> None:
    for token in ("no-such-link", owner.home[:-1], owner.home.swapcase()):
        response = getattr(phone, method)(address(token, owner, name))
        assert response.status_code == 404
        assert b"Elm Street" not in response.content
        assert b"Robin" not in response.content


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"door", "begin", "received", "add", "concern"}))
def test_a_check_in_link_opens_nothing_else(phone: Browser, owner: Person, name: str) -> None:
    for method in (phone.get, phone.post):
        assert method(address(owner.check_in, owner, name)).status_code == 404


@pytest.mark.parametrize("change", ["expired", "revoked", "unknown"])
def test_a_closed_link_looks_the_same_however_it_closed(phone: Browser, owner: Person, change: str) -> None:
    link = Link.objects.get(token_hash=Link.hash_of(owner.home))
    if change == "revoked":
        loop.issue_link(owner.pair.client, owner.relationship, LinkKind.HOME)
    elif change == "expired":
        Link.objects.filter(pk=link.pk).update(expires_at=link.created_at)
    else:
        Link.objects.filter(pk=link.pk).delete()
    closed = phone.get(owner.at())
    assert closed.status_code == 404
    assert closed.content == phone.get("/c/something-else-altogether/").content


def test_what_was_kept_from_the_therapist_is_on_no_page_of_a_check_in_link(
    phone: Browser, owner: Person
) -> None:
    loop.receive_check_in(owner.pair.client, owner.session, _secret())
    for path in (owner.at(token=owner.check_in), owner.at("concern", token=owner.check_in)):
        text = phone.get(path).content.decode()
        assert "a secret" not in text
        assert "Nobody can read it" not in text


def _secret() -> loop.CheckInData:
    return loop.CheckInData(UUID(int=7), words="a secret", words_audience="only_me")


def test_errors_say_nothing_and_the_log_holds_no_token(
    phone: Browser, owner: Person, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reknit.practice.doors.client.views import home
    from reknit.practice.logs import QuietLines

    monkeypatch.setattr(home.told, "ways", lambda visit: 1 / 0)
    phone.raise_request_exception = False
    response = phone.get(owner.at())
    assert response.status_code == 500
    assert b"Robin" not in response.content
    assert owner.home.encode() not in response.content
    assert caplog.records
    assert all(owner.home not in QuietLines().format(record) for record in caplog.records)


def test_only_the_clinic_means_not_the_therapist_even_one_who_leads_the_clinic(owner: Person) -> None:
    therapist = owner.relationship.therapist
    Membership.objects.create(user=therapist, clinic=owner.relationship.clinic, role=Role.LEAD)
    read = loop.read_answers(owner.pair.therapist, owner.relationship)
    assert owner.things["clinic"] not in read
    assert owner.things["clinic"] not in loop.read_words_for_clinic(owner.pair.therapist)
