"""One relationship: its sessions in, one estimate per session out."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reknit.trust import layout as kernel
from reknit.trust.engine import Floats, Result, Rows, Small, run_filter, run_smoother
from reknit.trust.explain import Reason, ranked
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
        kept: dict[str, Any] = {
            name: None if (value := getattr(self, name)) is None else np.asarray(value)[order]
            for name in self.__dataclass_fields__
            if name != "scale"
        }
        return replace(self, **kept)


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


def _floats(array: npt.NDArray[np.float64], lo: float, hi: float, missing: float = np.nan) -> Floats:
    """A rating channel on the unit scale, drawn to its nearest end."""
    unit = np.minimum(np.maximum((array - lo) / (hi - lo), 0.0), 1.0)
    return np.where(np.isfinite(array), unit, missing)


def _small(array: npt.NDArray[Any], top: int) -> Small:
    """A channel of few steps, -1 where unknown."""
    if array.dtype.kind == "f":
        array = np.where(np.isfinite(array), array, -1)
    small: Small = np.minimum(np.maximum(array, -1), top).astype(np.int8)
    return small


_CHANNELS = ("rating", "difficulty", "attended", "repair", "therapist_rating", "therapist_guess", "care")


def as_rows(series: Series) -> Rows:
    """The series as rows for the kernel;
    raises ValueError on weeks that are no numbers or unequal lengths.
    """
    week = np.atleast_1d(np.asarray(series.week, np.float64))
    n = len(week)
    lo, hi = series.scale
    if not np.isfinite(week).all():
        raise ValueError("week must be a number at every session")
    order = np.argsort(week, kind="stable")
    said: dict[str, npt.NDArray[Any] | None] = dict.fromkeys(_CHANNELS)
    for name in _CHANNELS:
        value = getattr(series, name)
        if value is None:
            continue
        if np.size(array := np.asarray(value)) != n:
            raise ValueError(f"{name} has {np.size(array)} entries, week has {n}")
        said[name] = np.atleast_1d(array)[order]

    def rated(name: str) -> Floats | None:
        return None if (array := said[name]) is None else _floats(np.asarray(array, np.float64), lo, hi)

    def stepped(name: str, top: int) -> Small | None:
        return None if (array := said[name]) is None else _small(array, top)

    rating, care = rated("rating"), said["care"]
    assert rating is not None
    return Rows(
        starts=np.array([0, n], np.int64),
        week=week[order],
        rating=rating,
        care=None if care is None else _floats(np.asarray(care, np.float64), 0.0, 1.0, missing=1.0),
        difficulty=stepped("difficulty", 2),
        attended=stepped("attended", 1),
        repair=stepped("repair", 2),
        therapist_rating=rated("therapist_rating"),
        therapist_guess=rated("therapist_guess"),
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


def _columns(series: Series, rows: Rows, result: Result, decimals: int | None = None) -> dict[str, list[Any]]:
    """What `Estimate` holds, one list a field, in its order."""
    lo, hi = series.scale
    span, out = hi - lo, result.out
    lo80, hi80, lo95, hi95 = bands(out, lo, hi)
    numbers = {
        "trust": lo + span * out[kernel.TRUST],
        "trust_lo80": lo80,
        "trust_hi80": hi80,
        "trust_lo95": lo95,
        "trust_hi95": hi95,
        "bond": lo + span * out[kernel.BOND],
        "strain": span * out[kernel.STRAIN],
        "p_rupture": out[kernel.P_RUPTURE],
        "p_strain": out[kernel.P_STRAIN],
        "p_repair": out[kernel.P_REPAIR],
        "next_mean": lo + span * out[kernel.NEXT_MEAN],
        "next_sd": span * out[kernel.NEXT_SD],
        "p_dropout": out[kernel.P_DROPOUT],
    }
    moves = result.moves[:, : kernel.CHANNELS]
    if decimals is not None:
        numbers = {name: column.round(decimals) for name, column in numbers.items()}
        moves = moves.round(decimals)
    columns: dict[str, list[Any]] = {name: column.tolist() for name, column in numbers.items()}
    return columns | {"reasons": ranked(moves, rows.difficulty, rows.attended, rows.repair)}


def estimate_series(
    series: Series, params: Params | str | Path = DEFAULT, smooth: bool = False
) -> list[Estimate]:
    """Estimate trust after every session of one relationship, in the order of their weeks.

    Each estimate uses the sessions up to its own only; with ``smooth`` what is believed (not the forecasts)
    uses the whole series. Raises ValueError on unusable weeks, unequal lengths or an impossible scale.
    """
    return [
        Estimate(*values) for values in zip(*estimate_columns(series, params, smooth).values(), strict=True)
    ]


def estimate_columns(
    series: Series, params: Params | str | Path = DEFAULT, smooth: bool = False, decimals: int | None = None
) -> dict[str, list[Any]]:
    """The same as `estimate_series` with one list for each field of `Estimate`, which is quicker to keep.

    Numbers are rounded to so many ``decimals``; None keeps them whole.
    """
    rows = as_rows(series)
    if len(rows) == 0:
        return {each.name: [] for each in fields(Estimate)}
    known = as_params(params)
    result = run_filter(rows, known, kernel.STORE, threads=1)
    if smooth:
        run_smoother(rows, known, result)
    return _columns(series, rows, result, decimals)
