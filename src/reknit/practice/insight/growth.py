"""What a therapist may know of their own growth: theirs alone, never anybody else's, never beside others'.

Everything here is about whoever asks. There is no function for somebody else's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from reknit.practice.checkins.models import Guess
from reknit.practice.insight.models import Alert, AlertState, TrustRecord
from reknit.practice.insight.series import as_series, rows_of
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.repairs.models import AgreementState, Episode, LearningState, ReplyAnswer, State
from reknit.trust import DEFAULT, Recovery, recovery
from reknit.trust.instinct import FEW, Sense, Shrunken, calibration, shrunken

__all__ = ["FEW", "FEW_REPAIRS", "FollowThrough", "Gain", "Growth", "Sense", "growth"]

FEW_REPAIRS = 3  # repairs below which nothing is said of the gain
LATEST_REPAIRS = 12  # what counts is how repairs go now
SESSIONS_AFTER = 3
GAIN_PRIOR_SD, GAIN_BETWEEN_SD = 0.7, 0.7  # points of the check-in's scale
TALKED = (State.REPLIED, State.ANSWERED, State.AGREED, State.FOLLOWED_UP, State.NOT_YET)
MENDED = (State.RESTORED, State.EXCEEDED)


@dataclass(frozen=True)
class FollowThrough:
    """Of the questions that were asked: how many were looked at, talked about, and came to a good end.

    Each is part of the one before it, except that a question may turn out to be about nothing.
    """

    asked: int
    looked: int
    not_ruptures: int
    talked: int
    mended: int
    ended_well: int


@dataclass(frozen=True)
class Gain:
    """How far above what was to be expected, had nothing happened, trust stands after repairs, in points."""

    repairs: int
    above: Shrunken


@dataclass(frozen=True)
class Growth:
    """One's own growth. `senses` is empty and `gain` None where there is too little to say."""

    guesses: int
    senses: list[Sense]
    follow_through: FollowThrough
    repairs: int
    gain: Gain | None
    mended: int
    exceeded: int
    confirmed: int
    standing: int


def growth(visitor: Visitor) -> Growth:
    """The growth of whoever asks, from their own relationships and from nothing that was kept from them.

    Raises:
        PermissionDenied: a client asks.
    """
    if visitor.is_client:
        raise PermissionDenied
    guesses, ratings, whose = _pairs(visitor)
    repaired = _repaired(visitor)
    mine = access.relationships(visitor)
    states = Counter(_episodes(visitor).values_list("state", flat=True))
    learned = Q(learnings__state__in=(LearningState.CONFIRMED, LearningState.CORRECTED))
    return Growth(
        guesses=len(guesses),
        senses=calibration(guesses, ratings, whose),
        follow_through=_follow_through(visitor),
        repairs=len(repaired),
        gain=_gain(repaired),
        mended=states[State.RESTORED] + states[State.EXCEEDED],
        exceeded=states[State.EXCEEDED],
        confirmed=mine.filter(learned).count(),
        standing=mine.filter(agreements__state=AgreementState.STANDING).count(),
    )


def _pairs(visitor: Visitor) -> tuple[list[float], list[float], list[int]]:
    """Guesses, ratings and relationships, in order of time; only ratings that this therapist may see."""
    records = TrustRecord.objects.filter(relationship__in=access.relationships(visitor))
    ratings = {
        session: rating
        for points in records.values_list("points", flat=True)
        for session, rating in zip(points.get("session_id", ()), points.get("rating", ()), strict=True)
        if rating is not None
    }
    guesses = Guess.objects.filter(session__relationship__in=access.relationships(visitor))
    rows = guesses.order_by("session__starts_at", "pk").values_list(
        "value", "session_id", "session__relationship_id"
    )
    known = [(value, ratings[session], whose) for value, session, whose in rows if session in ratings]
    return [one[0] for one in known], [one[1] for one in known], [one[2] for one in known]


def _episodes(visitor: Visitor) -> QuerySet[Episode]:
    return access.of_visitor(visitor, Episode.objects.all())


def _follow_through(visitor: Visitor) -> FollowThrough:
    asked = access.of_visitor(visitor, Alert.objects.all()).values_list("state", "episode__state")
    states = list(asked)
    became = Counter(episode for _alert, episode in states if episode)
    mended, well = sum(became[state] for state in MENDED), became[State.ENDED_WELL]
    return FollowThrough(
        asked=len(states),
        looked=sum(alert not in (AlertState.OPEN, AlertState.SNOOZED) for alert, _episode in states),
        not_ruptures=sum(alert == AlertState.NOT_A_RUPTURE for alert, _e in states)
        + became[State.NOT_A_RUPTURE],
        talked=sum(became[state] for state in TALKED) + mended + well,
        mended=mended,
        ended_well=well,
    )


def _repaired(visitor: Visitor) -> list[Recovery]:
    """The latest repairs to which the client said yes, and how trust stood some sessions later."""
    said_yes = Q(replies__answer=ReplyAnswer.YES, replies__answered_at__isnull=False)
    latest = _episodes(visitor).filter(said_yes).select_related("relationship").distinct()
    found = (_recovery(episode) for episode in latest.order_by("-noticed_at")[:LATEST_REPAIRS])
    return [one for one in found if one]


def _recovery(episode: Episode) -> Recovery | None:
    """Trust against the no-event forecast, a fixed number of sessions after the difficulty.

    A fixed number, since looking on until trust is back would find it back.
    """
    rows = rows_of(episode.relationship)
    start = next((i for i, row in enumerate(rows) if row.session.pk == episode.session_id), 0)
    rows = rows[: start + 1 + SESSIONS_AFTER]
    return recovery(as_series(rows), start, DEFAULT) if 0 < start < len(rows) - SESSIONS_AFTER else None


def _gain(repaired: list[Recovery]) -> Gain | None:
    if len(repaired) < FEW_REPAIRS:
        return None
    above = np.array([one.now - one.expected for one in repaired])
    doubt = np.array([one.now_sd**2 + one.expected_sd**2 for one in repaired])
    return Gain(len(repaired), shrunken(above, doubt, GAIN_PRIOR_SD, GAIN_BETWEEN_SD))
