"""One relationship: its sessions in, one estimate per session out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reknit.trust import layout as kernel
from reknit.trust.engine import Floats, Result, Rows, Small, run_filter, run_smoother
from reknit.trust.explain import Reason, rank
from reknit.trust.params import DEFAULT, Params, as_params
from reknit.trust.refusals import as_scale

Z80, Z95 = 1.2815515655446004, 1.959963984540054


@dataclass(frozen=True)
class Series:
    """Sessions of one relationship, in any order; arrays of n entries (any sequence will do).

    ``week`` in weeks, ``rating`` on ``scale`` (nan: missing); ``difficulty`` 0 no, 1 a little, 2 yes, -1 not
    asked; ``attended`` 1, 0, -1 unknown; ``repair`` 0 none, 1 recorded by the therapist, 2 confirmed by the
    client, -1 unknown; ``therapist_rating`` and ``therapist_guess`` on ``scale``; ``care`` 1 careful answer
    .. 0 straight-lined or hasty. A channel of None says nothing. Ratings off the scale are drawn to its
    nearest end.
    """

    week: npt.ArrayLike
    rating: npt.ArrayLike
    difficulty: npt.ArrayLike | None = None
    attended: npt.ArrayLike | None = None
    repair: npt.ArrayLike | None = None
    therapist_rating: npt.ArrayLike | None = None
    therapist_guess: npt.ArrayLike | None = None
    care: npt.ArrayLike | None = None
    scale: tuple[float, float] = (0.0, 10.0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", as_scale(self.scale))

    def __len__(self) -> int:
        return int(np.size(np.asarray(self.week)))

    def head(self, n: int) -> Series:
        """The first n sessions by week."""
        order = np.argsort(np.asarray(self.week, np.float64), kind="stable")[:n]
        fields: dict[str, Any] = {
            name: None if (value := getattr(self, name)) is None else np.asarray(value)[order]
            for name in self.__dataclass_fields__
            if name != "scale"
        }
        return replace(self, **fields)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is believed after one session, on the scale of the ratings.

    Trust may lie above the top of the scale: a rating at the ceiling does not say by how much. ``strain`` and
    ``bond`` are in points of the scale; ``next_mean`` and ``next_sd`` are the moments of the next rating
    (which keeps to the scale); the ``p_`` are probabilities: of a rupture, a repair at this session, of
    strain that matters, of leaving before the next session.
    """

    trust: float
    trust_lo80: float
    trust_hi80: float
    trust_lo95: float
    trust_hi95: float
    bond: float
    strain: float
    p_rupture: float
    p_strain: float
    p_repair: float
    next_mean: float
    next_sd: float
    p_dropout: float
    reasons: tuple[Reason, ...] = ()


def _floats(value: npt.ArrayLike | None, order: npt.NDArray[np.int64], lo: float, hi: float) -> Floats | None:
    """A rating channel on the unit scale, sorted."""
    if value is None:
        return None
    array = np.asarray(value, np.float64)[order]
    array = np.where(np.isfinite(array), array, np.nan)
    return np.ascontiguousarray(np.clip((array - lo) / (hi - lo), 0.0, 1.0))


def _small(value: npt.ArrayLike | None, order: npt.NDArray[np.int64], top: int) -> Small | None:
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype.kind == "f":
        array = np.where(np.isfinite(array), array, -1)
    small: Small = np.clip(array[order], -1, top).astype(np.int8)
    return small


def as_rows(series: Series) -> Rows:
    """The series as rows for the kernel;
    raises ValueError on weeks that are no numbers or unequal lengths.
    """
    week = np.atleast_1d(np.asarray(series.week, np.float64))
    n = len(week)
    lo, hi = series.scale
    if not np.isfinite(week).all():
        raise ValueError("week must be a number at every session")
    for name in ("rating", "difficulty", "attended", "repair", "therapist_rating", "therapist_guess", "care"):
        value = getattr(series, name)
        if value is not None and np.size(np.asarray(value)) != n:
            raise ValueError(f"{name} has {np.size(np.asarray(value))} entries, week has {n}")
    order = np.argsort(week, kind="stable")
    rating = _floats(series.rating, order, lo, hi)
    assert rating is not None
    care = _floats(series.care, order, 0.0, 1.0)
    return Rows(
        starts=np.array([0, n], np.int64),
        week=np.ascontiguousarray(week[order]),
        rating=rating,
        care=None if care is None else np.nan_to_num(care, nan=1.0),
        difficulty=_small(series.difficulty, order, 2),
        attended=_small(series.attended, order, 1),
        repair=_small(series.repair, order, 2),
        therapist_rating=_floats(series.therapist_rating, order, lo, hi),
        therapist_guess=_floats(series.therapist_guess, order, lo, hi),
    )


def bands(out: Floats, lo: float, hi: float) -> tuple[Floats, Floats, Floats, Floats]:
    """80 and 95 % limits of trust on the input scale (low80, high80, low95, high95).

    The lower limits never pass the top of the scale nor the upper ones its bottom: beyond an end, ratings
    cannot tell how far trust lies.
    """
    span = hi - lo
    trust, sd = lo + span * out[kernel.TRUST], span * out[kernel.TRUST_SD]
    return (
        np.minimum(trust - Z80 * sd, hi),
        np.maximum(trust + Z80 * sd, lo),
        np.minimum(trust - Z95 * sd, hi),
        np.maximum(trust + Z95 * sd, lo),
    )


def _estimates(series: Series, rows: Rows, result: Result) -> list[Estimate]:
    lo, hi = series.scale
    span = hi - lo
    out = result.out
    lo80, hi80, lo95, hi95 = (limit.tolist() for limit in bands(out, lo, hi))
    trust = (lo + span * out[kernel.TRUST]).tolist()
    bond = (lo + span * out[kernel.BOND]).tolist()
    strain = (span * out[kernel.STRAIN]).tolist()
    mean, sd = (lo + span * out[kernel.NEXT_MEAN]).tolist(), (span * out[kernel.NEXT_SD]).tolist()
    chances = [
        out[column].tolist()
        for column in (kernel.P_RUPTURE, kernel.P_STRAIN, kernel.P_REPAIR, kernel.P_DROPOUT)
    ]
    n = len(rows)
    none = [-1] * n
    said = [
        none if channel is None else channel.tolist()
        for channel in (rows.difficulty, rows.attended, rows.repair)
    ]
    return [
        Estimate(
            trust[k], lo80[k], hi80[k], lo95[k], hi95[k], bond[k], strain[k], chances[0][k], chances[1][k],
            chances[2][k], mean[k], sd[k], chances[3][k],
            rank(result.moves[k, : kernel.CHANNELS], said[0][k], said[1][k], said[2][k]),
        )
        for k in range(n)
    ]  # fmt: skip


def estimate_series(
    series: Series, params: Params | str | Path = DEFAULT, smooth: bool = False
) -> list[Estimate]:
    """Estimate trust after every session of one relationship, in the order of their weeks.

    Each estimate uses the sessions up to its own only; with ``smooth`` what is believed (not the forecasts)
    uses the whole series. Raises ValueError on unusable weeks, unequal lengths or an impossible scale.
    """
    rows = as_rows(series)
    if len(rows) == 0:
        return []
    known = as_params(params)
    result = run_filter(rows, known, kernel.STORE, threads=1)
    if smooth:
        run_smoother(rows, known, result)
    return _estimates(series, rows, result)
