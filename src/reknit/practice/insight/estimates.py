"""The bridge itself: ask the science about one relationship, and keep its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from reknit.practice import clock
from reknit.practice.appointments.models import Status
from reknit.practice.insight.fitting import Taught, taught
from reknit.practice.insight.models import TrustRecord
from reknit.practice.insight.series import Row, as_series, rows_of
from reknit.practice.people.models import Relationship
from reknit.practice.prepared import insert
from reknit.practice.repairs.models import Episode
from reknit.trust import Estimate, Recovery, estimate_series, recovery
from reknit.trust.alarm import SHIPPED_ALARM


@dataclass(frozen=True)
class Point:
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
    model = taught(relationship.clinic_id)
    points = _points(relationship, rows_of(relationship), model)
    insert([_kept(relationship, points, model)], instead_of="relationship")
    return points


def keep_first(many: list[tuple[Relationship, list[Row]]]) -> None:
    """The first estimates of many new relationships at once, from rows that are known already."""
    models = {clinic: taught(clinic) for clinic in {relationship.clinic_id for relationship, _ in many}}
    TrustRecord.objects.bulk_create(
        _kept(relationship, _points(relationship, rows, model), model)
        for relationship, rows in many
        for model in [models[relationship.clinic_id]]
    )


def _kept(relationship: Relationship, points: list[Point], model: Taught) -> TrustRecord:
    return TrustRecord(
        relationship=relationship,
        model_version=model.params.version,
        computed_at=clock.now(),
        points=[vars(point) for point in points],
    )


def _points(relationship: Relationship, rows: list[Row], model: Taught) -> list[Point]:
    estimates = estimate_series(as_series(rows), model.params) if rows else []
    zone = relationship.client.zone
    return [_point(row, zone, each, model.ask_from) for row, each in zip(rows, estimates, strict=True)]


def _point(row: Row, zone: ZoneInfo, estimate: Estimate, ask_from: float) -> Point:
    session = row.session
    return Point(
        session_id=session.pk,
        number=session.number,
        on=session.starts_at.astimezone(zone).date().isoformat(),
        rating=row.rating,
        attended=session.status == Status.ATTENDED,
        trust=estimate.trust,
        trust_lo80=estimate.trust_lo80,
        trust_hi80=estimate.trust_hi80,
        trust_lo95=estimate.trust_lo95,
        trust_hi95=estimate.trust_hi95,
        p_rupture=estimate.p_rupture,
        p_strain=estimate.p_strain,
        p_repair=estimate.p_repair,
        p_dropout=estimate.p_dropout,
        reasons=[(reason.code, reason.weight) for reason in estimate.reasons],
        ask_from=ask_from,
    )


def curve(relationship: Relationship) -> list[Point]:
    """The points kept for a relationship, oldest first; empty before the first session."""
    record = TrustRecord.objects.filter(relationship=relationship).first()
    return points_of(record) if record else []


def points_of(record: TrustRecord) -> list[Point]:
    return [Point(**kept) for kept in record.points]


def recovery_of(episode: Episode) -> Recovery | None:
    """How trust stands against what was to be expected had the episode not happened.

    None before it can be said.
    """
    rows = rows_of(episode.relationship)
    start = next((i for i, row in enumerate(rows) if row.session.pk == episode.session_id), None)
    if start is None or start + 1 >= len(rows):  # nothing after it to judge
        return None
    return recovery(as_series(rows), start, taught(episode.relationship.clinic_id).params)
