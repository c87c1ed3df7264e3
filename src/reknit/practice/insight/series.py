"""Records become a series: what the therapist may know of a relationship, one row a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import numpy as np

from reknit.measures import load
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import Answer
from reknit.practice.people.access import visible_to_therapist
from reknit.practice.people.models import Relationship
from reknit.practice.prepared import Prepared
from reknit.practice.repairs.models import Reply, ReplyAnswer
from reknit.trust import Series

CHECK_IN = load("check_in")
WEEK = 7 * 24 * 3600.0


class Held(NamedTuple):
    """What the science asks of a session; a `Session` has the same names."""

    pk: int
    number: int
    starts_at: datetime
    status: str


@dataclass
class Row:
    """One session as the science sees it. Nothing here that the therapist may not know."""

    session: Session | Held
    ratings: dict[str, float | None] = field(default_factory=dict)
    seconds: float | None = None
    difficulty: int | None = None
    guess: float | None = None
    repair: int = 0

    @cached_property
    def rating(self) -> float | None:
        return CHECK_IN.score(self.ratings)


def rows_of(relationship: Relationship) -> list[Row]:
    """The sessions that took place or were missed, with the answers that their audience lets the
    therapist see."""
    rows = {held[0]: Row(Held(*held), guess=guess) for *held, guess in _SESSIONS.rows(relationship.pk)}
    for session_id, seconds, question, value in _ANSWERS.rows(relationship.pk):
        if row := rows.get(session_id):
            row.seconds = seconds
            if question == "bothered":
                row.difficulty = int(value or 0)
            else:
                row.ratings[question] = value
    ordered = list(rows.values())
    _mark_repairs(relationship, ordered)
    return ordered


_SESSIONS = Prepared(
    lambda relationship: (
        Session.objects.filter(relationship=relationship)
        .exclude(status__in=(Status.PLANNED, Status.CANCELLED))
        .order_by("starts_at", "id")
        .values_list("pk", "number", "starts_at", "status", "guess__value")
    ),
    int,
)
_ANSWERS = Prepared(
    lambda relationship: (
        Answer.objects.filter(
            visible_to_therapist(), check_in__relationship=relationship, value__isnull=False
        )
        .order_by()
        .values_list("check_in__session_id", "check_in__seconds_taken", "question", "value")
    ),
    int,
)
_REPLIES = Prepared(
    lambda relationship: Reply.objects.filter(
        episode__relationship=relationship, shared_at__isnull=False
    ).values_list("shared_at", "answered_at", "answer"),
    int,
)


def _mark_repairs(relationship: Relationship, rows: list[Row]) -> None:
    """A reply that the client could answer counts at the first session after it: 1 shared, 2 confirmed."""
    for shared_at, answered_at, answer in _REPLIES.rows(relationship.pk):
        confirmed = answer == ReplyAnswer.YES
        row = _first_after(rows, answered_at if confirmed and answered_at else shared_at)
        if row:
            row.repair = max(row.repair, 2 if confirmed else 1)


def _first_after(rows: list[Row], moment: datetime | None) -> Row | None:
    return next((row for row in rows if moment and row.session.starts_at > moment), None)


def as_series(rows: list[Row]) -> Series:
    """The arrays that `reknit.trust` asks for; weeks count from the first session."""
    start = rows[0].session.starts_at if rows else None
    return Series(
        week=np.array([(r.session.starts_at - start).total_seconds() / WEEK for r in rows if start]),
        rating=np.array([_nan(r.rating) for r in rows]),
        difficulty=np.array([-1 if r.difficulty is None else r.difficulty for r in rows], dtype=np.int8),
        attended=np.array([int(r.session.status == Status.ATTENDED) for r in rows], dtype=np.int8),
        repair=np.array([r.repair for r in rows], dtype=np.int8),
        therapist_guess=np.array([_nan(r.guess) for r in rows]),
        care=np.array([CHECK_IN.care(r.ratings, r.seconds) for r in rows]),
        scale=CHECK_IN.scale,
    )


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value
