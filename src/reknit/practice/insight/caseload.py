"""All relationships of one therapist at a glance.

What goes well first, then what needs care. Never a ranking.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.insight.briefs import is_waiting, mended, went_well
from reknit.practice.insight.estimates import Point, points_of
from reknit.practice.insight.models import Alert
from reknit.practice.insight.sentences import trend_of, trend_sentence
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Ending, Relationship
from reknit.practice.repairs.models import Episode, State

NEXT_MOVE = {
    State.NOTICED: gettext_lazy("Something may have hurt; you have begun to look at it."),
    State.UNDERSTOOD: gettext_lazy("A reply is waiting to be written."),
    State.REPLIED: gettext_lazy("Your reply waits for their answer."),
    State.ANSWERED: gettext_lazy("They answered your reply."),
    State.AGREED: gettext_lazy("You agreed on something; the next check-ins say whether it helps."),
    State.FOLLOWED_UP: gettext_lazy("The next check-ins are in."),
    State.NOT_YET: gettext_lazy("It is not mended yet."),
}


@dataclass(frozen=True)
class Row:
    """One relationship on the caseload: one sentence and a thread."""

    relationship: Relationship
    sentence: str
    points: list[Point]
    alert: Alert | None
    episode: Episode | None
    next_session: Session | None


@dataclass(frozen=True)
class Caseload:
    """Every running relationship stands in exactly one list.

    Within a list they stand by the next session's date.
    """

    going_well: list[Row] = field(default_factory=list)
    needs_care: list[Row] = field(default_factory=list)
    steady: list[Row] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.going_well or self.needs_care or self.steady)


def caseload(visitor: Visitor) -> Caseload:
    """The caseload of the therapist who asks, in a fixed number of queries."""
    found = Caseload()
    running = (
        access.relationships(visitor)
        .filter(ending=Ending.RUNNING)
        .select_related("client", "trust")
        .prefetch_related("episodes", "alerts__session", "homework", "sessions", "check_ins")
    )
    for relationship in sorted(running, key=_by_next_session):
        _place(found, relationship)
    return found


def _place(found: Caseload, relationship: Relationship) -> None:
    points = points_of(relationship.trust) if hasattr(relationship, "trust") else []
    episodes, today = list(relationship.episodes.all()), clock.today()
    alert = next((alert for alert in relationship.alerts.all() if is_waiting(alert, today)), None)
    episode = next((episode for episode in episodes if episode.is_open), None)
    well = went_well(relationship, points, episodes)
    grows = trend_of(points).direction == "rising" or bool(mended(episodes))
    sentence, place = trend_sentence(points), found.steady
    if alert:
        sentence, place = (
            _("Might something have hurt in session %(n)d?") % {"n": alert.session.number},
            found.needs_care,
        )
    elif episode:
        sentence, place = str(NEXT_MOVE[State(episode.state)]), found.needs_care
    elif trend_of(points).direction == "falling":
        place = found.needs_care
    elif grows:
        sentence, place = well[0], found.going_well
    place.append(Row(relationship, sentence, points[-12:], alert, episode, _next(relationship)))


def _next(relationship: Relationship) -> Session | None:
    return next((session for session in relationship.sessions.all() if session.status == "planned"), None)


def _by_next_session(relationship: Relationship) -> tuple[bool, float, str]:
    upcoming = _next(relationship)
    return (
        upcoming is None,
        upcoming.starts_at.timestamp() if upcoming else 0.0,
        relationship.client.called.casefold(),
    )
