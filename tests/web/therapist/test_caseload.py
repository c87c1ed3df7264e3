"""The caseload: well first, then care, then steady; few queries however long it grows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reknit.practice import loop
from reknit.practice.appointments.models import Session
from reknit.practice.demo.stage import hold, meet, say
from reknit.practice.homework.models import Homework
from reknit.practice.insight.models import Alert, TrustRecord
from reknit.practice.people.models import Client as Person
from reknit.practice.people.models import Relationship, User
from reknit.practice.repairs.models import Episode, Origin

from .conftest import NOW, WEEK

CASELOAD = "/practice/caseload/"


def test_going_well_comes_first_then_care_then_steady(desk: Client, jo: Any, owner: User) -> None:
    well = meet(owner, "Wilma", NOW - 6 * WEEK)
    for week in range(6):
        say(well, hold(well, NOW - (6 - week) * WEEK), [4 + week] * 5)
    even = meet(owner, "Eve", NOW - 2 * WEEK)
    hold(even, NOW - 2 * WEEK)
    page = desk.get(CASELOAD).content.decode()
    places = [page.index(said) for said in ("Going well", "Wilma", "Needs care", ">Jo<", "Steady", "Eve")]
    assert places == sorted(places)
    assert "Might something have hurt in session 3?" in page
    assert page.count('class="thread"') == 2  # one session makes no thread


def test_an_empty_caseload_says_what_to_do(desk: Client) -> None:
    assert "Nobody is here yet." in desk.get(CASELOAD).content.decode()


def test_an_ended_relationship_stands_apart(desk: Client, jo: Any) -> None:
    loop.end_relationship(jo.therapist, jo.relationship, "planned")
    page = desk.get(CASELOAD).content.decode()
    assert "One relationship that has ended" in page
    assert page.index("has ended") < page.index(">Jo<")


@pytest.fixture
def sixty(owner: User, clinic: Any) -> None:
    for n in range(60):
        relationship = Relationship.objects.create(
            therapist=owner, clinic=clinic, client=Person.objects.create(clinic=clinic, called=f"P{n}")
        )
        sessions = [
            Session.objects.create(
                relationship=relationship,
                number=k + 1,
                starts_at=NOW - (3 - k) * WEEK + timedelta(minutes=n),
                status="attended" if k < 3 else "planned",
            )
            for k in range(5)
        ]
        points = [_point(session, n) for session in sessions[:3]]
        columns = {name: [point[name] for point in points] for name in points[0]}
        TrustRecord.objects.create(relationship=relationship, model_version="test", points=columns)
        Homework.objects.create(relationship=relationship, text="A walk")
        if n % 4 == 0:
            Alert.objects.create(relationship=relationship, session=sessions[2], probability=0.5)
        if n % 4 == 1:
            Episode.objects.create(relationship=relationship, session=sessions[2], origin=Origin.OWN_SENSE)


def _point(session: Session, n: int) -> dict[str, Any]:
    trust = 4 + (n % 3) * session.number
    low = {"trust_lo80": trust - 1, "trust_lo95": trust - 2}
    high = {"trust_hi80": trust + 1, "trust_hi95": trust + 2}
    chances = dict.fromkeys(("p_rupture", "p_strain", "p_repair", "p_dropout"), 0.1)
    return {
        "session_id": session.pk, "number": session.number, "on": "2026-03-01", "rating": 7.0,
        "attended": True, "trust": trust, "reasons": [], "ask_from": 0.5, **low, **high, **chances,
    }  # fmt: skip


def test_sixty_relationships_in_twelve_queries(desk: Client, sixty: None) -> None:
    desk.get(CASELOAD)  # a sign-in is noted as used once a minute
    with CaptureQueriesContext(connection) as queries:
        page = desk.get(CASELOAD).content.decode()
    assert page.count("row-line") == 60
    assert len(queries) <= 12, "\n".join(query["sql"][:120] for query in queries)
