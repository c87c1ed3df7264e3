"""A clinic of any size in the records of the practice, from `reknit.cohort.clinics`: for benches and tests.

Written in bulk, past the loop: for what is counted over a whole clinic, where it does not matter who did
what. Imported only once Django is set up.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from reknit.cohort.clinics import clinic as simulated
from reknit.measures import by_key, load
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.people.models import (
    Client,
    Clinic,
    Consent,
    Membership,
    Purpose,
    Relationship,
    Role,
    User,
)
from reknit.practice.questionnaires.models import Response, ResponseAnswer

ITEMS = [item.key for item in load("check_in").ratings]
MANY = 2000


def fill(
    clinic: Clinic, therapists: int, relationships: int, end: datetime, *, seed: int = 1, **world: Any
) -> list[Relationship]:
    """Put a simulated clinic into the records; its last session lies a day before `end`."""
    table = simulated(relationships, seed, **world).table
    staff = _staff(clinic, therapists, seed)
    pairs = _pairs(clinic, staff, table.get_column("client").unique().sort().to_list())
    last = float(table.get_column("week").max())  # type: ignore[arg-type]
    start = end - timedelta(weeks=last, days=1)
    table = table.with_columns(number=pl.int_range(1, pl.len() + 1).over("client"))
    rows = [row | {"at": start + timedelta(weeks=row["week"])} for row in table.to_dicts()]
    sessions = Session.objects.bulk_create((_session(pairs, row) for row in rows), MANY)
    both = list(zip(sessions, rows, strict=True))
    _check_ins(both)
    Homework.objects.bulk_create(
        (_homework(session, row) for session, row in both if row["declined"] is not None), MANY
    )
    _questionnaires(both)
    return list(pairs.values())


def _staff(clinic: Clinic, therapists: int, seed: int) -> list[User]:
    people = User.objects.bulk_create(
        User(email=f"t{seed}.{n}@clinic{clinic.pk}.example", name=f"Therapist {seed}.{n}")
        for n in range(therapists)
    )
    Membership.objects.bulk_create(Membership(user=u, clinic=clinic, role=Role.THERAPIST) for u in people)
    return people


def _pairs(clinic: Clinic, staff: list[User], keys: list[int]) -> dict[int, Relationship]:
    clients = Client.objects.bulk_create(Client(clinic=clinic, called=f"C{key}") for key in keys)
    pairs = Relationship.objects.bulk_create(
        Relationship(therapist=staff[place % len(staff)], client=client, clinic=clinic)
        for place, client in enumerate(clients)
    )
    Consent.objects.bulk_create(Consent(relationship=one, purpose=Purpose.CHECK_INS) for one in pairs)
    return dict(zip(keys, pairs, strict=True))


def _session(pairs: dict[int, Relationship], row: dict[str, Any]) -> Session:
    missed = Status.MISSED if row["missed"] else Status.ATTENDED
    status = Status.CANCELLED_LATE if row["cancelled_late"] and not row["missed"] else missed
    return Session(
        relationship=pairs[row["client"]], number=row["number"], starts_at=row["at"], status=status,
        times_moved=int(row["moved"] or 0),
    )  # fmt: skip


def _check_ins(both: list[tuple[Session, dict[str, Any]]]) -> None:
    """A check-in where there is a rating; five answers, and as many words as the simulation counted."""
    given = [(session, row) for session, row in both if row["rating"] is not None]
    made = CheckIn.objects.bulk_create(
        (
            CheckIn(
                relationship_id=session.relationship_id, session=session, key=uuid.uuid4(),
                received_at=session.starts_at + timedelta(hours=min(row["hours_to_answer"] or 5.0, 300.0)),
            )
            for session, row in given
        ),
        MANY,
    )  # fmt: skip
    Answer.objects.bulk_create(
        (
            Answer(check_in=check_in, question=item, value=round(row["rating"], 1))
            for check_in, (_session, row) in zip(made, given, strict=True)
            for item in ITEMS
        ),
        MANY,
    )
    Answer.objects.bulk_create(
        (
            Answer(check_in=check_in, question="words", words="word " * max(round(row["words"]), 1))
            for check_in, (_session, row) in zip(made, given, strict=True)
            if row["words"] is not None
        ),
        MANY,
    )


def _homework(session: Session, row: dict[str, Any]) -> Homework:
    proposed = session.starts_at - timedelta(days=2)
    return Homework(
        relationship_id=session.relationship_id, text="A walk", proposed_at=proposed,
        answered_at=proposed + timedelta(days=min(row["days_to_agree"] or 1.0, 60.0)),
        state=HomeworkState.RATHER_NOT if row["declined"] else HomeworkState.SUITS,
    )  # fmt: skip


def _questionnaires(both: list[tuple[Session, dict[str, Any]]]) -> None:
    """PHQ-9 at the beginning and where improvement was seen; trust in the clinic after sessions 1, 5 ..."""
    asked: list[tuple[Response, float]] = []
    for session, row in both:
        if row["number"] == 1 or row["improved"] == 1:
            asked.append((_response(session, "phq-9"), 1.0 if row["improved"] == 1 else 2.0))
        if row["number"] % 4 == 1 and row["rating"] is not None:
            asked.append((_response(session, "reknit-clinic-trust"), round(row["rating"], 1)))
    Response.objects.bulk_create((one for one, _value in asked), MANY)
    known = by_key()
    ResponseAnswer.objects.bulk_create(
        (
            ResponseAnswer(response=one, item=item.key, value=value)
            for one, value in asked
            for item in known[one.measure_key].leading.items
        ),
        MANY,
    )


def _response(session: Session, key: str) -> Response:
    measure = by_key()[key]
    return Response(
        relationship_id=session.relationship_id, session=session, measure=measure.canonical,
        audience=measure.audience, sent_at=session.starts_at + timedelta(hours=3),
    )  # fmt: skip
