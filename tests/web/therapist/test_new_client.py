"""Somebody new: what is asked, what is handed over, and that a link is known only while it is needed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.models import Session as Login
from django.test import Client

from reknit.practice import loop
from reknit.practice.people.models import Relationship

NEW = "/practice/clients/new/"
FILLED = {
    "called": "K.",
    "starts_at": "2026-03-30T15:00",
    "contact": "",
    "time_zone": "Europe/Lisbon",
    "language": "de",
}


def add(desk: Client, **changes: str) -> Any:
    return desk.post(NEW, FILLED | changes, follow=True)


def link_on(page: str) -> str:
    found = re.search(r'value="http://testserver/c/([^/]+)/"', page)
    assert found, "no link on the page"
    return found.group(1)


def test_a_client_is_added_and_their_link_handed_over(desk: Client, owner: Any) -> None:
    page = add(desk).content.decode()
    relationship = Relationship.objects.get(therapist=owner)
    person, session = relationship.client, relationship.sessions.get()
    assert (person.called, person.time_zone, person.language) == ("K.", "Europe/Lisbon", "de")
    assert session.starts_at == datetime(
        2026, 3, 30, 13, tzinfo=UTC
    )  # typed in Berlin, where summer has begun
    assert "A link for K." in page
    assert "<svg" in page
    link = loop.open_link(link_on(page))
    assert link is not None
    assert link.relationship == relationship


def test_the_page_can_be_read_again_but_the_link_is_not_kept_in_clear(desk: Client, owner: Any) -> None:
    token = link_on(add(desk).content.decode())
    pk = Relationship.objects.get(therapist=owner).pk
    assert link_on(desk.get(f"/practice/with/{pk}/welcome/").content.decode()) == token
    for login in Login.objects.all():
        assert token not in login.session_data
        assert token not in str(login.get_decoded())


def test_another_sitting_does_not_see_it_and_makes_a_new_one(desk: Client, owner: Any) -> None:
    token = link_on(add(desk).content.decode())
    address = f"/practice/with/{Relationship.objects.get(therapist=owner).pk}/welcome/"
    later = Client()
    later.force_login(owner)
    page = later.get(address).content.decode()
    assert 'value="http' not in page
    assert token not in page
    again = link_on(later.post(address, follow=True).content.decode())
    assert again != token
    assert loop.open_link(again) is not None


def test_mistakes_are_said_and_nothing_typed_is_lost(desk: Client) -> None:
    asked = desk.post(NEW, FILLED | {"called": " ", "starts_at": "next week", "contact": "k@home.example"})
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "A few words are needed here." in page
    assert "Enter a valid date/time." in page
    assert 'value="next week"' in page
    assert 'value="k@home.example"' in page
    assert not Relationship.objects.exists()


def test_a_year_typed_wrong_is_noticed(desk: Client) -> None:
    page = add(desk, starts_at="0226-03-30T15:00").content.decode()
    assert "Is the year right?" in page


def test_somebody_without_a_clinic_cannot_take_on_a_client(stranger: Client) -> None:
    assert stranger.get(NEW).status_code == 403
    assert stranger.post(NEW, FILLED).status_code == 403
    assert "You are not one here" in stranger.get("/practice/").content.decode()
