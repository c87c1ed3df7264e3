"""The day: what goes well, whom the therapist meets, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reknit.practice import clock
from reknit.practice.appointments.models import Session, Status
from reknit.practice.doors.therapist import letters
from reknit.practice.doors.therapist.desk import at_the_desk
from reknit.practice.insight.briefs import Brief, brief
from reknit.practice.insight.caseload import caseload
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Ending

UNDO_FOR = timedelta(hours=1)
NEXT_DAYS, NEXT_AT_MOST = 7, 12
FEW = 3


@dataclass(frozen=True)
class Meeting:
    """A session today, with what one wants to know before the door opens."""

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
    now, midnight = clock.now(), _end_of_day()
    planned = mine.filter(status=Status.PLANNED)
    load = caseload(visitor)
    context = {
        "place": "today",
        "day": clock.today(),
        "going_well": load.going_well[:FEW],
        "is_new": load.is_empty and not access.relationships(visitor).exists(),
        "due": planned.filter(starts_at__lte=now),
        "just_recorded": mine.filter(recorded_at__gt=now - UNDO_FOR, check_in=None),
        "meetings": [
            Meeting(session, brief(visitor, session.relationship))
            for session in planned.filter(starts_at__gt=now, starts_at__lt=midnight)
        ],
        "next": planned.filter(starts_at__gte=midnight, starts_at__lt=midnight + timedelta(days=NEXT_DAYS))[
            :NEXT_AT_MOST
        ],
        "letters": letters.unopened(visitor),
        "questions": [row for row in load.needs_care if row.alert],
        "episodes": [row for row in load.needs_care if row.episode and not row.alert],
    }
    return render(request, "therapist/today.html", context)


def _end_of_day() -> datetime:
    """The coming midnight in the zone of whoever is looking."""
    start = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return start + timedelta(days=1)
