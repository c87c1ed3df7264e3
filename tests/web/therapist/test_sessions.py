"""Sessions planned and moved; after one that was held, the link that asks how it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.test import Client

from reknit.practice import loop
from reknit.practice.appointments.models import Status
from reknit.practice.demo.stage import say

from .test_new_client import link_on


def test_a_session_is_planned_in_the_therapists_zone(desk: Client, jo: Any, home: str) -> None:
    desk.post(f"{home}sessions/", {"starts_at": "2026-03-31T10:00"})
    session = jo.relationship.sessions.get(number=4)
    assert session.starts_at == datetime(2026, 3, 31, 8, tzinfo=UTC)
    assert "Next session: Tuesday 31 March, 10:00." in desk.get(home).content.decode()


def test_the_same_hour_a_week_later_is_suggested(desk: Client, home: str) -> None:
    assert 'value="2026-03-24T10:00"' in desk.get(home).content.decode()


def test_two_sessions_at_one_time_are_refused_on_the_form(desk: Client, home: str) -> None:
    desk.post(f"{home}sessions/", {"starts_at": "2026-03-31T10:00"})
    asked = desk.post(f"{home}sessions/", {"starts_at": "2026-03-31T10:00"})
    assert asked.status_code == 422
    assert "There is already a session at that time." in asked.content.decode()


def test_an_hour_that_the_clock_skips_is_refused(desk: Client, home: str) -> None:
    asked = desk.post(f"{home}sessions/", {"starts_at": "2026-03-29T02:30"})  # summer time begins
    assert asked.status_code == 422
    assert 'value="2026-03-29T02:30"' in asked.content.decode()


def test_a_session_is_moved(desk: Client, due: Any, home: str) -> None:
    assert 'value="2026-03-24T09:00"' in desk.get(f"/practice/sessions/{due.pk}/move/").content.decode()
    desk.post(f"/practice/sessions/{due.pk}/move/", {"starts_at": "2026-03-25T11:00"})
    due.refresh_from_db()
    assert (due.starts_at, due.times_moved) == (datetime(2026, 3, 25, 10, tzinfo=UTC), 1)


def test_a_recorded_session_cannot_be_moved(desk: Client, last: Any) -> None:
    asked = desk.post(f"/practice/sessions/{last.pk}/move/", {"starts_at": "2026-03-25T11:00"})
    assert asked.status_code == 422
    assert "already recorded" in asked.content.decode()


def test_after_we_met_comes_the_link_for_the_clients_phone(desk: Client, due: Any) -> None:
    asked = desk.post(f"/practice/sessions/{due.pk}/record/", {"status": "attended"}, follow=True)
    page = asked.content.decode()
    assert "How was it for Jo?" in page
    link = loop.open_link(link_on(page))
    assert link is not None
    assert link.session == due


def test_taking_it_back_closes_the_link(desk: Client, due: Any) -> None:
    asked = desk.post(f"/practice/sessions/{due.pk}/record/", {"status": "attended"}, follow=True)
    token = link_on(asked.content.decode())
    desk.post(f"/practice/sessions/{due.pk}/take-back/")
    assert loop.open_link(token) is None
    due.refresh_from_db()
    assert due.status == Status.PLANNED
    assert 'value="http' not in desk.get(f"/practice/sessions/{due.pk}/check-in/").content.decode()


def test_once_the_client_has_answered_it_is_not_taken_back(desk: Client, last: Any) -> None:
    asked = desk.post(f"/practice/sessions/{last.pk}/take-back/", follow=True)
    assert "The client has already sent a check-in" in asked.content.decode()
    last.refresh_from_db()
    assert last.status == Status.ATTENDED


def test_no_link_is_made_for_a_session_that_was_not_held(desk: Client, due: Any) -> None:
    asked = desk.post(f"/practice/sessions/{due.pk}/check-in/", follow=True)
    assert "only after a session that was held" in asked.content.decode()
    assert not due.links.exists()


def test_the_guess_is_asked_before_the_answer_and_only_then(desk: Client, jo: Any, due: Any) -> None:
    desk.post(f"/practice/sessions/{due.pk}/record/", {"status": "attended"})
    address = f"/practice/sessions/{due.pk}/check-in/"
    assert "Your own sense" in desk.get(address).content.decode()
    due.refresh_from_db()
    say(jo, due, [8] * 5)
    page = desk.get(address).content.decode()
    assert "Their check-in has arrived." in page
    assert "Your own sense" not in page
