"""The bridge to the science of friction: a clinic's records become a friction table, and what trust buys.

Words are counted and not read: the count is of what the therapist may see, and it leaves this module as one
number in a table of the whole clinic.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import polars as pl

from reknit.cohort.buys import Effect, buys
from reknit.cohort.friction import with_trust
from reknit.measures import Score, by_key, load
from reknit.measures.change import Direction, change
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.people.access import visible_to_therapist
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Clinic
from reknit.practice.questionnaires.models import Response

CHECK_IN = load("check_in")
HOUR, DAY, WEEK = 3600.0, 86_400.0, 7 * 86_400.0
TURNED_DOWN = (HomeworkState.RATHER_NOT, HomeworkState.CHANGE)
ENDS_OF_SEVERITY = 10.0
COLUMNS: dict[str, Any] = {
    "session": pl.Int64, "client": pl.Int64, "person": pl.Int64, "therapist": pl.Int64, "week": pl.Float64,
    "rating": pl.Float64, "missed": pl.Float64, "cancelled_late": pl.Float64, "moved": pl.Float64,
    "declined": pl.Float64, "days_to_agree": pl.Float64, "hours_to_answer": pl.Float64, "words": pl.Float64,
    "improved": pl.Float64, "severity": pl.Float64,
}  # fmt: skip

Row = dict[str, Any]


def friction_table(clinic: Clinic, until: datetime) -> pl.DataFrame:
    """One row a session that took place or was missed before `until`, as `reknit.cohort.friction` takes it.

    `client` numbers the relationship; `person` and `therapist` say whose it is; trust is added.
    """
    rows = _sessions(clinic, until)
    by_relationship: dict[int, list[Row]] = defaultdict(list)
    for row in rows.values():
        by_relationship[row["client"]].append(row)
    _ratings(rows, clinic, until)
    _answers(rows, clinic, until)
    _homework(by_relationship, clinic, until)
    _improvement(by_relationship, clinic, until)
    return with_trust(pl.DataFrame(list(rows.values()), schema=COLUMNS))


def what_trust_buys(table: pl.DataFrame) -> list[Effect]:
    """The lagged effects in a friction table with trust."""
    return buys(table)


def _sessions(clinic: Clinic, until: datetime) -> dict[int, Row]:
    """A row for each session of a therapy; supervision is not one."""
    sessions = Session.objects.filter(
        relationship__clinic=clinic, relationship__supervisee=None, starts_at__lt=until
    )
    sessions = sessions.exclude(status__in=(Status.PLANNED, Status.CANCELLED))
    found = sessions.order_by("relationship_id", "starts_at", "id").values_list(
        "pk", "relationship_id", "relationship__client_id", "relationship__therapist_id", "starts_at",
        "status", "times_moved",
    )  # fmt: skip
    return {
        pk: {
            "session": pk, "client": relationship, "person": person, "therapist": therapist,
            "week": starts_at.timestamp() / WEEK, "starts_at": starts_at.timestamp(),
            "missed": float(status == Status.MISSED), "moved": float(moved > 0),
            "cancelled_late": float(status == Status.CANCELLED_LATE),
        }
        for pk, relationship, person, therapist, starts_at, status, moved in found
    }  # fmt: skip


def _ratings(rows: dict[int, Row], clinic: Clinic, until: datetime) -> None:
    """The mean of a session's lines and how many words came with it, where the therapist may see them."""
    answers = Answer.objects.filter(
        visible_to_therapist(), check_in__relationship__clinic=clinic, check_in__received_at__lt=until
    )
    lines = {item.key for item in CHECK_IN.ratings}
    given: dict[int, dict[str, float | None]] = defaultdict(dict)
    seen = answers.filter(question__in=lines).values_list("check_in__session_id", "question", "value")
    for session, question, value in seen.iterator():
        given[session][question] = value
    for session, values in given.items():
        if row := rows.get(session):
            row["rating"] = CHECK_IN.score(values)
    said = answers.filter(question="words").values_list("check_in__session_id", "words")
    for session, words in said.iterator():
        if (row := rows.get(session)) and (count := len(words.split())):
            row["words"] = float(count)


def _answers(rows: dict[int, Row], clinic: Clinic, until: datetime) -> None:
    """Hours from each session to its check-in."""
    came = CheckIn.objects.filter(relationship__clinic=clinic, received_at__lt=until)
    for session, received_at in came.values_list("session_id", "received_at").iterator():
        if row := rows.get(session):
            row["hours_to_answer"] = max(received_at.timestamp() - row["starts_at"], 0.0) / HOUR


def _homework(rows: dict[int, list[Row]], clinic: Clinic, until: datetime) -> None:
    """Proposals count at the session after them: whether they were turned down, how long the answer took."""
    answered = Homework.objects.filter(relationship__clinic=clinic, answered_at__lt=until)
    found = answered.exclude(state=HomeworkState.WITHDRAWN).values_list(
        "relationship_id", "proposed_at", "answered_at", "state"
    )
    at: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for relationship, proposed_at, answered_at, state in found:
        proposed = proposed_at.timestamp()
        row = next((row for row in rows.get(relationship, []) if row["starts_at"] > proposed), None)
        if row:
            days = max(answered_at.timestamp() - proposed, 0.0) / DAY if answered_at else 0.0
            at[row["session"]].append((float(state in TURNED_DOWN), days))
            row["declined"], row["days_to_agree"] = (
                sum(values) / len(values) for values in zip(*at[row["session"]], strict=True)
            )


def _improvement(rows: dict[int, list[Row]], clinic: Clinic, until: datetime) -> None:
    """When reliable improvement was first seen, on the measure that each relationship was asked most."""
    scores: dict[int, dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
    sent = Response.objects.filter(relationship__clinic=clinic, sent_at__lt=until, session__isnull=False)
    sent = sent.exclude(audience=Audience.ONLY_ME).order_by("session__starts_at", "id")
    known = by_key()
    for response in sent.prefetch_related("answers"):
        measure = known.get(response.measure_key)
        if measure is None or not measure.scores or measure.leading.reliable_change is None:
            continue
        score = measure.leading.of({item: v for item, v in response.values.items() if v is not None})
        if score is not None and response.session_id is not None:
            scores[response.relationship_id][measure.key].append((response.session_id, score))
    for relationship, by_measure in scores.items():
        key = max(sorted(by_measure), key=lambda name: len(by_measure[name]))
        _mark_improved(rows.get(relationship, []), known[key].leading, by_measure[key])


def _mark_improved(rows: list[Row], score: Score, given: list[tuple[int, float]]) -> None:
    (_session, first), *later = given
    reached = {
        session for session, value in later if change(score, first, value).direction == Direction.BETTER
    }
    low, high = score.scale
    worst = (first - low) / (high - low) if score.higher_is == "worse" else (high - first) / (high - low)
    for row in rows:
        row["severity"], row["improved"] = ENDS_OF_SEVERITY * worst, float(row["session"] in reached)
        if row["session"] in reached:
            return
