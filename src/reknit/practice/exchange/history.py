"""Old ratings become sessions with a check-in each, many relationships at a time; and can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.insight import estimates
from reknit.practice.insight.series import Row
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Client, Clinic, Relationship, User
from reknit.practice.trail import record

MEASURE = "imported|1"
ASKED = "trust"  # one number a session is all that old ratings hold; it stands for the whole check-in
AT = time(12)


@dataclass(frozen=True)
class OldRow:
    """One session of the past. `rating` is on 0 to 10; None where none was given."""

    on: date
    rating: float | None
    difficulty: int | None
    attended: bool


@dataclass(frozen=True)
class Kept:
    """What was made for one relationship, so that it can be taken back."""

    relationship: Relationship
    is_new: bool
    rows: list[OldRow]
    sessions: list[Session]


def known_clients(therapist: User, clinic: Clinic) -> dict[str, Relationship]:
    """The therapist's relationships by the client's code and by what the client is called."""
    mine = Relationship.objects.filter(therapist=therapist, clinic=clinic).select_related("client")
    found: dict[str, Relationship] = {}
    for relationship in mine.order_by("-pk"):
        found[relationship.client.called] = relationship
        found[relationship.client.code] = relationship
    return found


@transaction.atomic
def keep_old_rows(
    actor: str, therapist: User, clinic: Clinic, many: Sequence[tuple[str, list[OldRow]]]
) -> list[Kept]:
    """Keep the old sessions of some clients of one therapist, all or none.

    Args:
        actor: who does it, as the trail says it.
        many: what each client is called, and the sessions in order of time.
    """
    known = known_clients(therapist, clinic)
    new = [called for called, _rows in many if called not in known]
    clients = Client.objects.bulk_create(
        Client(clinic=clinic, called=called, time_zone=clinic.time_zone) for called in new
    )
    started = {called: rows[0].on for called, rows in many}
    made = Relationship.objects.bulk_create(
        Relationship(therapist=therapist, clinic=clinic, client=client, started_on=started[client.called])
        for client in clients
    )
    known |= {relationship.client.called: relationship for relationship in made}
    fresh = {relationship.pk for relationship in made}
    kept = [_kept(known[called], rows, clinic, is_new=known[called].pk in fresh) for called, rows in many]
    Session.objects.bulk_create((s for each in kept for s in each.sessions), batch_size=500)
    _check_ins(pair for each in kept for pair in zip(each.rows, each.sessions, strict=True))
    estimates.keep_first([(each.relationship, _as_rows(each)) for each in kept if each.is_new])
    for each in kept:
        if not each.is_new:
            estimates.refresh(each.relationship)
        pk = each.relationship.pk
        record(actor, "imported", f"relationship:{pk}", relationship_id=pk, detail=str(len(each.sessions)))
    return kept


def _kept(relationship: Relationship, rows: list[OldRow], clinic: Clinic, *, is_new: bool) -> Kept:
    """The sessions to make; a day on which there is a session already is left as it is."""
    there = {} if is_new else dict(relationship.sessions.values_list("starts_at", "number"))
    zone, last = ZoneInfo(clinic.time_zone), max(there.values(), default=0)
    at = {row: datetime.combine(row.on, AT, zone) for row in rows}
    new = [row for row in rows if at[row] not in there]
    sessions = [
        Session(
            relationship=relationship, number=last + place, starts_at=at[row],
            status=Status.ATTENDED if row.attended else Status.MISSED,
        )
        for place, row in enumerate(new, 1)
    ]  # fmt: skip
    return Kept(relationship, is_new, new, sessions)


def _as_rows(kept: Kept) -> list[Row]:
    """What the estimate reads, without asking the database for what was only just written."""
    return [
        Row(session, {ASKED: old.rating}, difficulty=old.difficulty)
        for old, session in zip(kept.rows, kept.sessions, strict=True)
    ]


def _check_ins(pairs: Iterable[tuple[OldRow, Session]]) -> None:
    said = [(row, s) for row, s in pairs if row.rating is not None or row.difficulty is not None]
    check_ins = CheckIn.objects.bulk_create(
        (
            CheckIn(
                relationship=session.relationship, session=session, key=uuid4(), measure=MEASURE,
                received_at=session.starts_at,
            )
            for _row, session in said
        ),
        batch_size=500,
    )  # fmt: skip
    answers = []
    for (row, _session), check_in in zip(said, check_ins, strict=True):
        for question, value in ((ASKED, row.rating), ("bothered", row.difficulty)):
            if value is not None:
                answers.append(_answer(check_in, question, value))
    Answer.objects.bulk_create(answers, batch_size=500)


def _answer(check_in: CheckIn, question: str, value: float) -> Answer:
    return Answer(check_in=check_in, question=question, value=value, audience=Audience.THERAPIST_NOW)


@transaction.atomic
def take_back(actor: str, relationship: Relationship, sessions: Iterable[int], is_new: bool) -> None:
    """Remove what an import made. A relationship that it made goes too, unless something was added since."""
    Session.objects.filter(pk__in=list(sessions), relationship=relationship).delete()
    record(actor, "took_back", f"relationship:{relationship.pk}", relationship_id=relationship.pk)
    own = relationship
    since = (own.sessions, own.episodes, own.consents, own.learnings)
    untouched = not any(records.exists() for records in since)
    if is_new and untouched:
        relationship.client.delete()
    else:
        estimates.refresh(relationship)
