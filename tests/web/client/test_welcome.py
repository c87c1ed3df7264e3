"""Beginning: what is read by whom, yes or no, and the address that is the client's to keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser

from reknit.practice import clock, loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.demo.stage import Pair, hold
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import User

from .conftest import Person


@pytest.fixture
def newcomer(therapist: User) -> tuple[Pair, str]:
    visitor = Visitor(user=therapist)
    relationship, token = loop.open_relationship(visitor, called="Noor")
    return Pair(relationship, visitor, Visitor.client(relationship)), token


def begin(token: str) -> str:
    return f"/c/{token}/begin/"


def test_it_says_who_reads_what_and_asks(phone: Browser, newcomer: tuple[Pair, str]) -> None:
    text = phone.get(f"/c/{newcomer[1]}/").content.decode()
    for part in (
        "Ana Ruiz",
        "only the clinic, and not your therapist",
        "only you",
        "not for emergencies",
        "Helpline",
    ):
        assert part in text
    assert "checked" not in text  # research is apart, and off


def test_no_keeps_nothing(phone: Browser, newcomer: tuple[Pair, str]) -> None:
    pair, token = newcomer
    assert "That is fine" in phone.post(begin(token), {"answer": "no", "research": "on"}).content.decode()
    assert not pair.relationship.consents.exists()
    assert phone.get(f"/c/{token}/").status_code == 200


@pytest.mark.parametrize(
    ("research", "purposes"), [({}, {"check_ins"}), ({"research": "on"}, {"check_ins", "research"})]
)
def test_yes_is_recorded_and_leads_to_the_own_page(
    phone: Browser, newcomer: tuple[Pair, str], research: dict[str, str], purposes: set[str]
) -> None:
    pair, token = newcomer
    response = phone.post(begin(token), {"answer": "yes"} | research)
    assert set(pair.relationship.consents.values_list("purpose", flat=True)) == purposes
    home = response["Location"].partition("?")[0]
    text = phone.get(response["Location"]).content.decode()
    assert f"http://testserver{home}" in text  # the address to keep
    assert "checked" not in text


def test_a_welcome_opens_the_own_page_once(phone: Browser, newcomer: tuple[Pair, str]) -> None:
    _pair, token = newcomer
    first = phone.post(begin(token), {"answer": "yes"})
    again = phone.post(begin(token), {"answer": "yes"})  # the connection failed; tapped again
    assert again.status_code == first.status_code == 303
    with clock.at(clock.now() + timedelta(minutes=11)):
        late = phone.post(begin(token), {"answer": "yes"})
        assert late.status_code == 200
        assert "already begun" in late.content.decode()
        assert "already begun" in phone.get(f"/c/{token}/").content.decode()


def test_before_the_first_check_in_comes_the_consent(phone: Browser, newcomer: tuple[Pair, str]) -> None:
    pair, _token = newcomer
    session = hold(pair, clock.now() - timedelta(hours=2))
    token = loop.issue_link(pair.therapist, pair.relationship, LinkKind.CHECK_IN, session)
    assert "May we ask you after sessions?" in phone.get(f"/c/{token}/").content.decode()
    early = phone.post(f"/c/{token}/", {"words": "Said too early"})
    assert early.status_code == 422
    assert "Said too early" in early.content.decode()
    assert "First say yes or no" in early.content.decode()
    assert not pair.relationship.check_ins.exists()
    home = phone.get(phone.post(begin(token), {"answer": "yes"})["Location"]).content.decode()
    assert "Say how it was" in home
    assert "How was it for you?" in phone.get(f"/c/{token}/").content.decode()


def test_a_check_in_link_never_makes_a_new_own_page(phone: Browser, owner: Person) -> None:
    with clock.at(clock.now() + timedelta(minutes=1)):
        text = phone.post(begin(owner.check_in), {"answer": "yes"}).content.decode()
    assert "already begun" in text
    assert phone.get(owner.at()).status_code == 200


def test_who_has_said_yes_is_not_asked_again(phone: Browser, owner: Person) -> None:
    loop.give_consent(owner.pair.client, research=True)
    consents = list(owner.relationship.consents.values())
    token = loop.issue_link(owner.pair.therapist, owner.relationship, LinkKind.WELCOME)
    text = phone.get(f"/c/{token}/").content.decode()
    assert "May we ask you after sessions?" not in text
    assert "You said yes before, and that stands." in text
    assert "stays closed on the new page" in text
    assert phone.get(owner.at()).status_code == 200  # looking changes nothing
    home = phone.post(begin(token), {"answer": "yes"})
    assert "This is your own page." in phone.get(home["Location"]).content.decode()
    assert list(owner.relationship.consents.values()) == consents  # the yes to research stands too


def test_a_new_welcome_opens_the_own_page_once_too(phone: Browser, owner: Person) -> None:
    token = loop.issue_link(owner.pair.therapist, owner.relationship, LinkKind.WELCOME)
    assert phone.post(begin(token), {"answer": "yes"}).status_code == 303
    assert phone.post(begin(token), {"answer": "yes"}).status_code == 303  # tapped again
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert "already begun" in phone.post(begin(token), {"answer": "yes"}).content.decode()
        assert "already begun" in phone.get(f"/c/{token}/").content.decode()


def test_who_has_stopped_is_asked(phone: Browser, owner: Person) -> None:
    loop.withdraw_consent(owner.pair.client)
    token = loop.issue_link(owner.pair.therapist, owner.relationship, LinkKind.WELCOME)
    assert "May we ask you after sessions?" in phone.get(f"/c/{token}/").content.decode()


def test_a_new_welcome_after_a_lost_address_keeps_closed_what_was_kept_from_the_therapist(
    phone: Browser, owner: Person
) -> None:
    token = loop.issue_link(owner.pair.therapist, owner.relationship, LinkKind.WELCOME)
    home = phone.post(begin(token), {"answer": "yes"})["Location"]
    text = phone.get(home).content.decode()
    said = phone.get(home.partition("?")[0] + "said/").content.decode()
    assert "stays closed here" in text
    assert "Robin therapist_now words" in said
    assert "Robin only_me words" not in said
    answer = owner.things["only_me"]
    assert phone.get(f"{home.partition('?')[0]}said/{answer.pk}/").status_code == 404
    assert (
        phone.get(owner.at()).status_code == 404
    )  # the client's own address stopped working, so they notice
