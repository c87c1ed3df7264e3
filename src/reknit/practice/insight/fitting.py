"""What a clinic's own sessions teach the trust model, once there are enough of them.

Until then, and where nothing was fitted, the shipped parameters serve (docs/model.md says where they come
from). A fit sees what the therapists may see, knows no names, tells no therapist from another, and keeps
nothing but the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import numpy as np

from reknit.practice import clock
from reknit.practice.insight.models import ClinicModel
from reknit.practice.insight.series import as_series, rows_of
from reknit.practice.people.models import Clinic, Relationship
from reknit.practice.prepared import Prepared
from reknit.trust import DEFAULT, Params
from reknit.trust.alarm import SHIPPED_ALARM, alarm_from

ENOUGH_RELATIONSHIPS = 200
ENOUGH_RATINGS = 2_000
AGAIN_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Taught:
    """Parameters in use, and the probability of a rupture from which a session is asked about."""

    params: Params
    ask_from: float


SHIPPED = Taught(DEFAULT, SHIPPED_ALARM)


def taught(clinic_id: int) -> Taught:
    """The clinic's own parameters, or the shipped ones."""
    kept = _KEPT.first(clinic_id)
    return Taught(_read(kept[0]), kept[1]) if kept else SHIPPED


_KEPT = Prepared(
    lambda clinic: ClinicModel.objects.filter(clinic=clinic).values_list("params", "ask_from"), int
)


@lru_cache(maxsize=64)
def _read(params: str) -> Params:
    return Params.from_json(params)


def fit_clinics() -> int:
    """Fit every clinic that has enough sessions and was not fitted lately; how many were."""
    lately = ClinicModel.objects.filter(fitted_at__gt=clock.now() - AGAIN_AFTER)
    return sum(fit_clinic(clinic) for clinic in Clinic.objects.exclude(trust_model__in=lately))


def fit_clinic(
    clinic: Clinic, relationships: int = ENOUGH_RELATIONSHIPS, ratings: int = ENOUGH_RATINGS
) -> bool:
    """Fit one clinic and keep the answer; False where it has fewer relationships or ratings than asked."""
    found = Relationship.objects.filter(clinic=clinic, supervisee=None).select_related("client")
    if found.count() < relationships:
        return False
    columns: dict[str, list[np.ndarray]] = {}
    for number, relationship in enumerate(found.iterator()):
        if rows := rows_of(relationship):
            series = as_series(rows)
            for name in ("week", "rating", "difficulty", "attended", "repair", "therapist_guess", "care"):
                columns.setdefault(name, []).append(np.asarray(getattr(series, name)))
            columns.setdefault("client", []).append(np.full(len(rows), number))
            columns.setdefault("session", []).append(np.arange(len(rows)))
    table = {name: np.concatenate(parts) for name, parts in columns.items()}
    if not table or int(np.isfinite(table["rating"]).sum()) < ratings:
        return False
    params = _fit(table, series.scale)
    kept = {
        "params": params.to_json(),
        "ask_from": alarm_from(params),
        "relationships": params.relationships,
        "fitted_at": clock.now(),
    }
    ClinicModel.objects.update_or_create(clinic=clinic, defaults=kept)
    return True


def _fit(table: dict[str, np.ndarray], scale: tuple[float, float]) -> Params:
    import polars as pl

    from reknit.trust.fit import fit

    named = pl.DataFrame(table).rename({"rating": "alliance"})
    answers = pl.col("difficulty", "attended", "repair")
    return fit(named.with_columns(pl.when(answers >= 0).then(answers)), scale)
