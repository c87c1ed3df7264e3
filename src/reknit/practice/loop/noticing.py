"""A difficulty is noticed while it is small: an alert is a question, and the therapist answers it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import CheckIn
from reknit.practice.insight.alarm import asks_for_a_look
from reknit.practice.insight.estimates import Point
from reknit.practice.insight.models import Alert, AlertState
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.steps import move_to
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import Episode, Origin, State
from reknit.practice.trail import record

RECENT = 2  # an answer may become readable one session late ("once I am in the room"); older ones are history
DAYS_TO_LOOK = 7
LONG_PAST = timedelta(days=42)  # whoever comes after that, a question about then would only puzzle


def notice(relationship: Relationship, points: list[Point]) -> list[Alert]:
    """Open a question for the latest sessions where something may have hurt, unless one was asked already.

    Never about a session long past, as after a long pause or where a history is brought in. While an episode
    is open the two are already working on it, so nothing further is asked.
    """
    since = clock.today() - LONG_PAST
    recent = [point for point in points[-RECENT:] if point.date >= since and asks_for_a_look(point)]
    if not recent or any(episode.is_open for episode in relationship.episodes.all()):
        return []
    asked = set(relationship.alerts.values_list("session_id", flat=True))
    return [
        Alert.objects.create(
            relationship=relationship,
            session_id=point.session_id,
            probability=point.p_rupture,
            reasons=point.reasons,
        )
        for point in recent
        if point.session_id not in asked
    ]


@transaction.atomic
def snooze_alert(visitor: Visitor, alert: Alert, days: int = 7) -> None:
    """Look again later."""
    access.require_therapist(visitor, alert)
    _answer(alert, AlertState.SNOOZED)
    alert.snoozed_until = clock.today() + timedelta(days=days)
    alert.save(update_fields=["snoozed_until"])
    record(visitor.trail_name, "changed", f"alert:{alert.pk}:snoozed", relationship_id=alert.relationship_id)


@transaction.atomic
def dismiss_alert(visitor: Visitor, alert: Alert) -> None:
    """Not a rupture. The therapist may know better.

    The answer is kept, so that the rate of false alarms is known.
    """
    access.require_therapist(visitor, alert)
    _answer(alert, AlertState.NOT_A_RUPTURE)
    record(
        visitor.trail_name,
        "changed",
        f"alert:{alert.pk}:not_a_rupture",
        relationship_id=alert.relationship_id,
    )


def _answer(alert: Alert, state: AlertState) -> None:
    alert.state = state
    alert.answered_at = clock.now()
    alert.save(update_fields=["state", "answered_at"])


@transaction.atomic
def open_episode(
    visitor: Visitor,
    relationship: Relationship,
    origin: str,
    *,
    session: Session | None = None,
    alert: Alert | None = None,
    check_in: CheckIn | None = None,
) -> Episode:
    """Start working on a difficulty.

    From an alert, from the client's words, or by the therapist's own sense. A question that still waits about
    the same session is answered by it.
    """
    access.require_therapist(visitor, relationship)
    for part in (session, alert, check_in):
        if part is not None and part.relationship_id != relationship.pk:
            raise NotNow(_("That belongs to another relationship."))
    if session is None:
        session = alert.session if alert else check_in.session if check_in else _last_session(relationship)
    episode = Episode.objects.create(
        relationship=relationship, session=session, check_in=check_in or getattr(session, "check_in", None),
        origin=Origin(origin), due_on=clock.today() + timedelta(days=DAYS_TO_LOOK),
    )  # fmt: skip
    move_to(episode, State.NOTICED, by_client=False)
    waiting = (AlertState.OPEN, AlertState.SNOOZED)
    alert = alert or Alert.objects.filter(session=session, state__in=waiting).first()
    if alert:
        _answer(alert, AlertState.EPISODE)
        alert.episode = episode
        alert.save(update_fields=["episode"])
    record(visitor.trail_name, "created", f"episode:{episode.pk}", relationship_id=relationship.pk)
    return episode


def _last_session(relationship: Relationship) -> Session | None:
    return relationship.sessions.exclude(status="planned").order_by("starts_at").last()
