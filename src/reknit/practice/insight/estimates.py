"""The bridge itself: ask the science about one relationship, and keep its answer."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from reknit.practice import clock
from reknit.practice.appointments.models import Status
from reknit.practice.insight.fitting import Taught, taught
from reknit.practice.insight.models import TrustRecord
from reknit.practice.insight.series import Row, as_series, rows_of
from reknit.practice.people.models import Relationship
from reknit.practice.prepared import insert
from reknit.practice.repairs.models import Episode
from reknit.practice.trail import head_of
from reknit.trust import Recovery, estimate_columns, recovery
from reknit.trust.alarm import SHIPPED_ALARM

DECIMALS = 6

Columns = dict[str, list[Any]]
"""One list for each field of `Point`, one place a session: how estimates are kept."""


class Point(NamedTuple):
    """Trust after one session, on the check-in's scale (0 to 10), with its doubt.

    `rating` is the mean of the session's answers where the therapist may see them; probabilities lie in 0..1.
    `ask_from` is the p_rupture from which the session is asked about.
    """

    session_id: int
    number: int
    on: str
    rating: float | None
    attended: bool
    trust: float
    trust_lo80: float
    trust_hi80: float
    trust_lo95: float
    trust_hi95: float
    p_rupture: float
    p_strain: float
    p_repair: float
    p_dropout: float
    reasons: list[tuple[str, float]]
    ask_from: float = SHIPPED_ALARM

    @property
    def date(self) -> date:
        return date.fromisoformat(self.on)


def refresh(relationship: Relationship) -> list[Point]:
    """Estimate anew from the records and keep the answer. Called inside the transaction that changed them."""
    return keep(_estimated(relationship, rows_of(relationship), taught(relationship.clinic_id)))


def keep(found: TrustRecord) -> list[Point]:
    """Keep an estimate in the place of the relationship's earlier one."""
    insert([found], instead_of="relationship")
    return points_of(found)


class Ahead(NamedTuple):
    """An estimate that counts a check-in not on record yet, good while the relationship's trail ends so."""

    head: str
    found: TrustRecord


def ahead(
    relationship: Relationship,
    session_id: int,
    ratings: dict[str, float | None],
    difficulty: int | None,
    seconds: float | None,
) -> Ahead | None:
    """Estimate as if these answers were on record, so that the transaction has only to keep what was found.

    None where the session is not among those that count.
    """
    head = head_of(relationship.pk)  # before the rows: what changes between the two is noticed
    rows = rows_of(relationship)
    row = next((row for row in rows if row.session.pk == session_id), None)
    if row is None:
        return None
    row.ratings, row.difficulty, row.seconds = ratings, difficulty, seconds
    return Ahead(head, _estimated(relationship, rows, taught(relationship.clinic_id)))


def keep_first(many: list[tuple[Relationship, list[Row]]]) -> None:
    """The first estimates of many new relationships at once, from rows that are known already."""
    models = {clinic: taught(clinic) for clinic in {relationship.clinic_id for relationship, _ in many}}
    TrustRecord.objects.bulk_create(
        _estimated(relationship, rows, models[relationship.clinic_id]) for relationship, rows in many
    )


def _estimated(relationship: Relationship, rows: list[Row], model: Taught) -> TrustRecord:
    return TrustRecord(
        relationship=relationship,
        model_version=model.params.version,
        computed_at=clock.now(),
        points=_columns(relationship, rows, model) if rows else {},
    )


def _columns(relationship: Relationship, rows: list[Row], model: Taught) -> Columns:
    said = estimate_columns(as_series(rows), model.params, decimals=DECIMALS)
    zone, sessions = relationship.client.zone, [row.session for row in rows]
    known: Columns = {
        "session_id": [session.pk for session in sessions],
        "number": [session.number for session in sessions],
        "on": [session.starts_at.astimezone(zone).date().isoformat() for session in sessions],
        "rating": [row.rating for row in rows],
        "attended": [session.status == Status.ATTENDED for session in sessions],
        "ask_from": [model.ask_from] * len(rows),
    }
    return {name: known[name] if name in known else said[name] for name in Point._fields}


def curve(relationship: Relationship) -> list[Point]:
    """The points kept for a relationship, oldest first; empty before the first session."""
    record = TrustRecord.objects.filter(relationship=relationship).first()
    return points_of(record) if record else []


def points_of(record: TrustRecord) -> list[Point]:
    columns: Columns = record.points
    return (
        [Point(*values) for values in zip(*(columns[name] for name in Point._fields), strict=True)]
        if columns
        else []
    )


def recovery_of(episode: Episode) -> Recovery | None:
    """How trust stands against what was to be expected had the episode not happened.

    None before it can be said.
    """
    rows = rows_of(episode.relationship)
    start = next((i for i, row in enumerate(rows) if row.session.pk == episode.session_id), None)
    if start is None or start + 1 >= len(rows):  # nothing after it to judge
        return None
    return recovery(as_series(rows), start, taught(episode.relationship.clinic_id).params)
