"""Sessions are counted in the order of their days, as far as they are still to come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reknit.practice import clock, loop
from reknit.practice.demo.stage import Pair

pytestmark = pytest.mark.django_db


def numbers(jo: Pair) -> list[int]:
    return [session.number for session in jo.relationship.sessions.order_by("starts_at")]


def test_a_session_planned_before_another_is_counted_before_it(jo: Pair) -> None:
    now = clock.now()
    held = loop.plan_session(jo.therapist, jo.relationship, now - timedelta(days=1))
    loop.record_session(jo.therapist, held, "attended")
    for days in (30, 7, 14):
        planned = loop.plan_session(jo.therapist, jo.relationship, now + timedelta(days=days))
    assert numbers(jo) == [1, 2, 3, 4]
    assert planned.number == 3
    loop.move_session(jo.therapist, planned, now + timedelta(days=60))
    assert numbers(jo) == [1, 2, 3, 4]


def test_one_that_is_over_keeps_its_number(jo: Pair) -> None:
    now = clock.now()
    first = loop.plan_session(jo.therapist, jo.relationship, now - timedelta(days=1))
    loop.record_session(jo.therapist, first, "attended")
    loop.plan_session(jo.therapist, jo.relationship, now - timedelta(days=9))
    first.refresh_from_db()
    assert first.number == 1
