"""The 30 seconds before a session: how it is going, what is open, what to keep, what to respect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.homework.models import HomeworkState
from reknit.practice.insight.circles import circle
from reknit.practice.insight.estimates import Point, curve
from reknit.practice.insight.models import Alert, AlertState
from reknit.practice.insight.sentences import trend_of, trend_sentence
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import Agreement, AgreementState, Episode, Learning, LearningState, State

LATELY = timedelta(days=60)


@dataclass(frozen=True)
class Brief:
    """What a therapist wants to know before the door opens. `went_well` comes first on every page."""

    relationship: Relationship
    next_session: Session | None
    points: list[Point]
    trend: str
    went_well: list[str]
    alert: Alert | None
    episode: Episode | None
    agreements: list[Agreement]
    learnings: list[Learning]


def brief(visitor: Visitor, relationship: Relationship) -> Brief:
    """The brief of one relationship. Raises PermissionDenied for anybody but its therapist."""
    access.require_therapist(visitor, relationship)
    points = curve(relationship)
    episodes = list(relationship.episodes.all())
    return Brief(
        relationship=relationship,
        next_session=relationship.sessions.filter(status="planned").first(),
        points=points,
        trend=trend_sentence(points),
        went_well=went_well(relationship, points, episodes),
        alert=waiting_alert(relationship),
        episode=next((episode for episode in episodes if episode.is_open), None),
        agreements=list(relationship.agreements.filter(state=AgreementState.STANDING)),
        learnings=list(relationship.learnings.exclude(state=LearningState.RETIRED)),
    )


def waiting_alert(relationship: Relationship) -> Alert | None:
    """The question that waits for an answer now: open, or put off until today or earlier."""
    today = clock.today()
    return next((alert for alert in relationship.alerts.all() if is_waiting(alert, today)), None)


def is_waiting(alert: Alert, today: date) -> bool:
    if alert.state == AlertState.SNOOZED:
        return alert.snoozed_until is None or alert.snoozed_until <= today
    return alert.state == AlertState.OPEN


def went_well(relationship: Relationship, points: list[Point], episodes: list[Episode]) -> list[str]:
    """What goes well, as sentences; empty when there is nothing to say yet, never made up."""
    said = [*mended(episodes)]
    if circle(relationship, points, episodes).is_virtuous:
        said.insert(
            0, _("The two of you are in a virtuous circle: one good thing makes the next one easier.")
        )
    if trend_of(points).direction == "rising":
        said.append(trend_sentence(points))
    since = clock.now() - LATELY
    taken_up = [
        h for h in relationship.homework.all() if h.state in (HomeworkState.SUITS, HomeworkState.DONE)
    ]
    if count := sum(homework.proposed_at > since for homework in taken_up):
        said.append(
            ngettext(
                "One proposal for between sessions suited them.",
                "%(count)d proposals for between sessions suited them.",
                count,
            )
            % {"count": count}
        )
    if len(points) >= 4 and all(point.attended for point in points[-4:]):
        said.append(_("They came to each of the last four sessions."))
    return said


def mended(episodes: list[Episode]) -> list[str]:
    """Repairs of the last two months that held, said once."""
    since = clock.now() - LATELY
    states = {episode.state for episode in episodes if episode.closed_at and episode.closed_at > since}
    if State.EXCEEDED in states:
        return [_("After your last repair trust grew past where it stood.")]
    return [_("After your last repair trust came back.")] if State.RESTORED in states else []
