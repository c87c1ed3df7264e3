"""The day: what goes well, whom the therapist meets, what waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reknit.practice import clock
from reknit.practice.appointments.models import Session, Status
from reknit.practice.doors.therapist import letters
from reknit.practice.doors.therapist.desk import at_the_desk
from reknit.practice.insight.briefs import Brief, brief
from reknit.practice.insight.caseload import Row, caseload
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Ending, Relationship, Role

UNDO_FOR = timedelta(hours=1)
COMING_DAYS = timedelta(days=7)
FEW = 3


@dataclass(frozen=True)
class Meeting:
    """A session to come, with what one wants to know before the door opens."""

    session: Session
    brief: Brief


@require_safe
@at_the_desk
def today(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    mine = (
        access.of_visitor(visitor, Session.objects.filter(relationship__ending=Ending.RUNNING))
        .select_related("relationship__client")
        .order_by("starts_at")
    )
    load = caseload(visitor)
    context = {
        "place": "today",
        "day": clock.today(),
        "is_therapist": visitor.user and access.clinics_of(visitor.user, Role.THERAPIST).exists(),
        "is_new": load.is_empty and not access.relationships(visitor).exists(),
        "going_well": load.going_well[:FEW],
        "due": [session for session in mine.filter(status=Status.PLANNED) if session.is_due],
        "just_recorded": mine.filter(recorded_at__gt=clock.now() - UNDO_FOR, check_in=None),
        "waiting": _waiting(letters.by_relationship(letters.unopened(visitor)), load.needs_care),
    }
    return render(request, "therapist/today.html", context | _ahead(visitor, mine))


@dataclass
class Waiting:
    """What waits in one relationship: words to open, a question, a step of an episode."""

    relationship: Relationship
    letters: list[int] = field(default_factory=list)
    row: Row | None = None


def _waiting(words: list[tuple[Relationship, list[int]]], care: list[Row]) -> list[Waiting]:
    """One line a relationship, those with new words first."""
    found = {relationship.pk: Waiting(relationship, numbers) for relationship, numbers in words}
    for row in care:
        if row.alert or row.episode:
            found.setdefault(row.relationship.pk, Waiting(row.relationship)).row = row
    return list(found.values())


def _ahead(visitor: Visitor, mine: QuerySet[Session]) -> dict[str, Any]:
    """The coming week by day; today, or else the next day that has a session, with its briefs."""
    now = clock.now()
    week = mine.filter(status=Status.PLANNED, starts_at__gt=now, starts_at__lt=now + COMING_DAYS)
    days = [(day, list(sessions)) for day, sessions in groupby(week, lambda session: _day(session.starts_at))]
    first, nearest = days[0] if days else (None, [])
    return {
        "first_day": first,
        "meetings": [Meeting(session, brief(visitor, session.relationship)) for session in nearest],
        "later": days[1:],
    }


def _day(moment: datetime) -> date:
    """The day in the zone of whoever is looking."""
    return timezone.localtime(moment).date()
