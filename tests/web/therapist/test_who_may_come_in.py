"""Every address of this door, as owner, colleague, stranger, client and nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reknit.practice import loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.therapist.urls import urlpatterns
from reknit.practice.trail.models import Entry

GENERAL = {"today", "caseload", "new_client", "growth", "rehearse", "rehearse_scene"}
KNOWN_BY = {"rehearse_scene": ["journaling"]}  # what an address needs that is about no record
OF_SESSIONS = {"move", "record", "take_back", "check_in", "guess"}
OF_EPISODES = {"episode", "understand", "reply", "episode_learning", "episode_agreement", "reflect", "close"}
OF_EPISODES |= {"ask", "take_share_back"}
NAMES = sorted(str(pattern.name) for pattern in urlpatterns)
PRIVATE = sorted(set(NAMES) - GENERAL)


@pytest.fixture
def records(jo: Any, due: Any) -> dict[str, int]:
    """The key of the record that each address is about."""
    relationship, therapist = jo.relationship, jo.therapist
    alert = relationship.alerts.get()
    episode = loop.open_episode(therapist, relationship, "own_sense")
    agreement = loop.propose_agreement(therapist, relationship, "We begin with a pause.")
    homework = loop.propose_homework(therapist, relationship, "A walk after lunch")
    keys = dict.fromkeys(PRIVATE, relationship.pk)
    keys |= dict.fromkeys(OF_SESSIONS, due.pk) | dict.fromkeys(OF_EPISODES, episode.pk)
    return keys | {"question": alert.pk, "retire_agreement": agreement.pk, "withdraw_homework": homework.pk}


@pytest.mark.parametrize("name", PRIVATE)
def test_only_the_owner_finds_it(
    name: str, records: dict[str, int], desk: Client, colleague: Client, stranger: Client
) -> None:
    address = reverse(f"therapist:{name}", args=[records[name]])
    before = Entry.objects.count()
    for outsider in (colleague, stranger):
        for asked in (outsider.get(address), outsider.post(address, {"text": "x", "status": "attended"})):
            assert asked.status_code in (404, 405), f"{name} answered {asked.status_code}"
            assert b">Jo<" not in asked.content
    assert Entry.objects.count() == before, "an outsider left a mark"
    assert {desk.get(address).status_code, desk.post(address).status_code} & {200, 302, 422}


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_asked_to_sign_in(name: str, records: dict[str, int], client: Client) -> None:
    address = reverse(f"therapist:{name}", args=[records[name]] if name in records else KNOWN_BY.get(name))
    for asked in (client.get(address), client.post(address)):
        assert asked.status_code in (302, 405)
        assert "/accounts/login/" in asked.headers.get("Location", "/accounts/login/")


def test_a_client_who_came_by_a_link_is_nobody_here(jo: Any, client: Client, home: str) -> None:
    token = loop.issue_link(jo.client, jo.relationship, LinkKind.HOME)
    assert client.get(reverse("client:door", args=[token])).status_code == 200
    assert "/accounts/login/" in client.get(home)["Location"]


def test_the_lists_hold_only_ones_own(jo: Any, desk: Client, colleague: Client, stranger: Client) -> None:
    for address in ("/practice/", "/practice/caseload/"):
        assert b">Jo<" in desk.get(address).content
        for outsider in (colleague, stranger):
            assert b">Jo<" not in outsider.get(address).content


def test_a_therapist_who_left_the_clinic_no_longer_opens_it(owner: Any, desk: Client, home: str) -> None:
    assert desk.get(home).status_code == 200
    owner.memberships.all().delete()
    assert desk.get(home).status_code == 404


def test_no_page_is_kept_by_a_browser(desk: Client, home: str) -> None:
    assert "no-store" in desk.get(home)["Cache-Control"]
