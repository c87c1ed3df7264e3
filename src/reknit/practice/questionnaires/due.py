"""Which questionnaires wait for a client, reckoned from the sessions that were held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from reknit.measures import Measure
from reknit.practice import clock
from reknit.practice.appointments.models import Session, Status
from reknit.practice.people.models import Clinic, Relationship
from reknit.practice.questionnaires.models import ClinicMeasure, Response, Schedule

STAYS_OPEN = timedelta(days=14)


@dataclass(frozen=True)
class Due:
    """A questionnaire that waits: its measure, the session it follows, what was filled in already."""

    schedule: Schedule
    measure: Measure
    session: Session
    response: Response | None


def setting_of(clinic: Clinic | int, key: str) -> ClinicMeasure | None:
    """How a clinic uses a measure; None when it does not."""
    pk = clinic.pk if isinstance(clinic, Clinic) else clinic
    return ClinicMeasure.objects.filter(clinic=pk, key=key).select_related("alerted", "stands_in").first()


def usable_measures(clinic: Clinic | int) -> list[Measure]:
    """The measures that a therapist of the clinic can schedule now."""
    pk = clinic.pk if isinstance(clinic, Clinic) else clinic
    settings = ClinicMeasure.objects.filter(clinic=pk, is_on=True).select_related("alerted", "stands_in")
    return [setting.measure for setting in settings.order_by("key") if setting.can_be_asked]


def waiting(relationship: Relationship) -> list[Due]:
    """The questionnaires that the client could fill in now, one at most for each schedule."""
    schedules = list(relationship.schedules.filter(ended_at=None))
    if not schedules:
        return []
    held = list(relationship.sessions.filter(status=Status.ATTENDED).order_by("starts_at", "id"))
    found = (_due(schedule, held) for schedule in schedules)
    return [due for due in found if due is not None]


def _due(schedule: Schedule, held: list[Session]) -> Due | None:
    """The latest session on which a schedule falls, unless it was answered or is long past."""
    setting = setting_of(schedule.relationship.clinic_id, schedule.measure)
    if setting is None or not setting.can_be_asked:
        return None
    session = next((s for place, s in reversed(list(enumerate(held, 1))) if schedule.falls_on(place)), None)
    if session is None or session.starts_at < clock.now() - STAYS_OPEN:
        return None
    measure = setting.measure
    response = Response.objects.filter(session=session, measure=measure.canonical).first()
    if response and response.sent_at:
        return None
    return Due(schedule, measure, session, response)
