"""Virtuous circles, and what is stuck: defined in the open, found per relationship, said in words.

Trust that grows makes everything else easier, and what is easier lets trust grow. A relationship is in a
*virtuous circle* when trust has risen for six sessions with a probability of at least nine in ten, or a
repair grew past where trust stood, and at least two lighter things speak for it too: friction falls,
proposals are taken up, answers come sooner. It is *stuck* when trust has not risen for eight sessions and
a repair is not mended yet or proposals are declined.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.insight.estimates import Point
from reknit.practice.insight.sentences import how_sure
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import Episode, State
from reknit.trust.story import trend

SPAN, SURE = 6, 0.9
STUCK_SPAN = 8
LATELY = timedelta(days=90)
LIGHTER_SIGNS = 2
TAKEN_UP = (HomeworkState.SUITS, HomeworkState.DONE)
DECLINED = (HomeworkState.RATHER_NOT, HomeworkState.CHANGE)


@dataclass(frozen=True)
class Circle:
    """What was found: whether it is a virtuous circle, whether it is stuck, and the signs as sentences."""

    is_virtuous: bool
    is_stuck: bool
    signs: list[str]


def circle(relationship: Relationship, points: list[Point], episodes: list[Episode]) -> Circle:
    """Look for a virtuous circle in one relationship; reads its sessions, check-ins and homework."""
    rise = trend(points, span=SPAN, sure=SURE)
    strong = []
    if rise.direction == "rising" and len(points) > SPAN:
        sure = how_sure(rise.probability)
        strong.append(_("Trust has grown for %(n)d sessions; we are %(sure)s.") % {"n": SPAN, "sure": sure})
    if any(
        e.state == State.EXCEEDED and e.closed_at and e.closed_at > clock.now() - LATELY for e in episodes
    ):
        strong.append(_("After a repair trust grew past where it stood."))
    lighter = _lighter_signs(relationship)
    return Circle(
        is_virtuous=bool(strong) and len(lighter) >= LIGHTER_SIGNS,
        is_stuck=not strong and _is_stuck(relationship, points, episodes),
        signs=[*strong, *lighter],
    )


def _lighter_signs(relationship: Relationship) -> list[str]:
    sessions = [session for session in relationship.sessions.all() if session.is_over]
    homework = sorted(relationship.homework.all(), key=lambda one: one.proposed_at)[-3:]
    signs = []
    before, after = sessions[-2 * SPAN : -SPAN], sessions[-SPAN:]
    if len(before) == SPAN and _friction(after) < _friction(before):
        signs.append(_("Fewer sessions are missed or moved."))
    elif len(after) == SPAN and not _friction(after):
        signs.append(_("For six sessions nothing was missed or moved."))
    if len(homework) >= 2 and _count(homework, TAKEN_UP) >= 2:
        signs.append(_("What you propose is taken up."))
    waits = _waits(relationship)
    if len(waits) >= 2 * SPAN and median(waits[-SPAN:]) < median(waits[-2 * SPAN : -SPAN]):
        signs.append(_("They answer sooner than before."))
    return signs


def _friction(sessions: list[Session]) -> int:
    """How often a session was missed, cancelled late or moved."""
    return sum(session.was_missed + session.times_moved for session in sessions)


def _count(homework: list[Homework], states: tuple[HomeworkState, ...]) -> int:
    return sum(one.state in states for one in homework)


def _waits(relationship: Relationship) -> list[float]:
    """Hours from each session to its check-in, oldest first."""
    starts = {session.pk: session.starts_at for session in relationship.sessions.all()}
    pairs = sorted(
        (starts[c.session_id], c.received_at) for c in relationship.check_ins.all() if c.session_id in starts
    )
    return [(received - started).total_seconds() / 3600 for started, received in pairs]


def _is_stuck(relationship: Relationship, points: list[Point], episodes: list[Episode]) -> bool:
    if len(points) <= STUCK_SPAN or trend(points, span=STUCK_SPAN).direction == "rising":
        return False
    lately = sorted(relationship.homework.all(), key=lambda one: one.proposed_at)[-3:]
    return any(e.state == State.NOT_YET for e in episodes) or _count(lately, DECLINED) >= 2
