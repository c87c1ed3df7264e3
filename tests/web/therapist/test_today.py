"""The day: what to do first, whom one meets, one tap to say how it went, and taking it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.appointments.models import Status

from .conftest import NOW, browser_of, member

TODAY = "/practice/"


def text(desk: Client, address: str = TODAY) -> str:
    return desk.get(address).content.decode()


def test_a_new_therapist_is_told_what_to_do_first(clinic: Any) -> None:
    page = text(browser_of(member("new@x.example", clinic)))
    assert "Add your first client" in page
    assert "/practice/clients/new/" in page


def test_a_session_that_is_over_asks_how_it_went(desk: Client, due: Any) -> None:
    page = text(desk)
    assert "One session waits for a word from you." in page
    for label in ("We met", "Missed, no word", "Cancelled late", "Cancelled in good time", "Moved"):
        assert label in page
    assert "today, 09:00" in page  # 08:00 UTC is nine o'clock in Berlin, where Robin is


@pytest.mark.parametrize("status", ["missed", "cancelled_late", "cancelled"])
def test_one_tap_records_and_one_takes_it_back(desk: Client, due: Any, status: str) -> None:
    asked = desk.post(f"/practice/sessions/{due.pk}/record/", {"status": status, "from": "today"})
    assert asked["Location"] == TODAY
    due.refresh_from_db()
    assert due.status == status
    assert "Take back" in text(desk)
    desk.post(f"/practice/sessions/{due.pk}/take-back/", {"from": "today"})
    due.refresh_from_db()
    assert due.status == Status.PLANNED


def test_an_unknown_outcome_changes_nothing(desk: Client, due: Any) -> None:
    for status in ("", "planned", "danced"):
        asked = desk.post(f"/practice/sessions/{due.pk}/record/", {"status": status}, follow=True)
        assert "Say what became of the session." in asked.content.decode()
    due.refresh_from_db()
    assert due.status == Status.PLANNED


def test_todays_sessions_come_with_a_brief(desk: Client, jo: Any) -> None:
    loop.plan_session(jo.therapist, jo.relationship, NOW + timedelta(hours=3))
    agreement = loop.propose_agreement(jo.therapist, jo.relationship, "We begin with a pause.")
    loop.answer_agreement(jo.client, agreement, True)
    loop.propose_learning(
        jo.therapist, jo.relationship, sentence="I hate journaling.", topic="journaling", polarity="avoid",
        strength="never",
    )  # fmt: skip
    page = text(desk)
    assert "One session is ahead of you today." in page
    for said in (
        "13:00",
        "We begin with a pause.",
        "I hate journaling.",
        "Might something have hurt in session 3?",
    ):
        assert said in page


def test_without_a_session_today_the_next_days_brief_is_shown(desk: Client, jo: Any) -> None:
    loop.plan_session(jo.therapist, jo.relationship, NOW + timedelta(days=1))
    loop.plan_session(jo.therapist, jo.relationship, NOW + timedelta(days=3))
    page = text(desk)
    assert "Nothing more today. You meet again tomorrow." in page
    assert "Friday 27 March" in page


def test_words_wait_until_they_are_opened(desk: Client, jo: Any, home: str) -> None:
    assert "Words to open, from session 3." in text(desk)
    desk.get(f"{home}words/")
    assert "Words to open" not in text(desk)


def test_the_day_turns_at_the_therapists_own_midnight(desk: Client, jo: Any) -> None:
    loop.plan_session(jo.therapist, jo.relationship, NOW.replace(hour=23, minute=30))
    assert "tomorrow" in text(desk)  # half past midnight in Berlin
    with clock.at(NOW.replace(hour=23, minute=15)):
        assert "Wednesday 25 March 2026" in text(desk)
