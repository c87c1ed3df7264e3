"""Tables in, the same kind of table out: Polars, pandas or PyArrow, one row a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from reknit.trust import layout as kernel
from reknit.trust.engine import Floats, Rows, Small, run_filter, run_smoother
from reknit.trust.explain import packed_texts
from reknit.trust.kinds import like_input, to_polars
from reknit.trust.order import relationships, sorting
from reknit.trust.params import as_params
from reknit.trust.pool import known_effects
from reknit.trust.refusals import Scale, TableError, as_scale
from reknit.trust.series import bands
from reknit.trust.sessions import CHOICES, RATINGS, Reader

__all__ = ["ADDED", "Cohort", "TableError", "estimate", "read_cohort"]

ADDED = (
    "trust", "trust_lo80", "trust_hi80", "trust_lo95", "trust_hi95", "bond", "strain", "p_rupture",
    "p_strain", "p_repair", "next_mean", "next_sd", "p_dropout", "reason",
)  # fmt: skip
LEVELS = ("trust", "bond", "next_mean")
BOUNDS = (("trust_lo80", "trust_hi80"), ("trust_lo95", "trust_hi95"))


def _rating(reader: Reader, name: str, scale: Scale, lower_is_better: bool = False) -> Floats | None:
    """A rating as fractions of the scale, higher better; None where the column is absent or empty."""
    if name not in reader.frame.columns:
        return None
    lo, hi = scale
    column = reader.number(name, within=scale)
    array = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    if np.isnan(array).all():
        return None
    unit = (hi - array if lower_is_better else array - lo) / (hi - lo)
    return np.clip(unit, 0.0, 1.0, out=unit)


def _small(reader: Reader, name: str) -> Small | None:
    """A channel of few answers, -1 where there is none; None where the column is absent or empty."""
    if name not in reader.frame.columns:
        return None
    column = reader.number(name, among=CHOICES[name])
    if column.dtype.is_float():
        column = column.fill_nan(None)
    if column.null_count() == len(column):
        return None
    return column.cast(pl.Int8).fill_null(-1).to_numpy()


@dataclass(slots=True)
class Cohort:
    """A table made ready for the kernel: sorted rows,
    and for each relationship its first row in the table.
    """

    rows: Rows
    first_row: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64] | None

    def ended(self, table: Any) -> Small | None:
        """The column `ended` in sorted order, -1 where unknown; None where there is none."""
        column = _small(Reader(to_polars(table)), "ended")
        return column if column is None or self.order is None else column[self.order]

    def groups(self, table: Any) -> dict[str, npt.NDArray[np.str_]]:
        """The therapist and clinic of each relationship, where the table has them."""
        reader = Reader(to_polars(table))
        return {
            name: reader.text(name).gather(self.first_row).to_numpy().astype(np.str_)
            for name in ("clinic", "therapist")
            if name in reader.frame.columns
        }


def read_cohort(table: Any, scale: Any = (1, 7), *, lower_is_better: bool = False) -> Cohort:
    """Sort a table into relationships (one client with one therapist) and map its ratings to the unit scale.

    With `lower_is_better` ratings are mirrored, so that 1 is best. Raises TableError, naming row, column and
    value, where the table is not as `docs/command-line.md` says.
    """
    limits = as_scale(scale)
    reader = Reader(to_polars(table))
    reader.must_have("client", "alliance")
    for name in ("client", "therapist", "session"):
        if name in reader.frame.columns:
            reader.identifier(name)
    week, who = reader.weeks(), relationships(reader.frame)
    order, starts = sorting(who, week)
    first = starts[:-1] if order is None else order[starts[:-1]]
    reader.client(first)
    reader.refuse_repeats(who, week, order)
    channels: dict[str, Any] = {name: _small(reader, name) for name in ("difficulty", "attended", "repair")}
    channels |= {name: _rating(reader, name, limits, lower_is_better) for name in RATINGS}
    channels["care"] = _rating(reader, "care", (0.0, 1.0))
    rating = channels.pop("alliance")
    channels |= {"week": week, "rating": np.full(len(week), np.nan) if rating is None else rating}
    if order is not None:
        channels = {name: None if c is None else c[order] for name, c in channels.items()}
    if channels["care"] is not None:
        channels["care"] = np.nan_to_num(channels["care"], nan=1.0)
    rows = Rows(starts=starts, **channels)
    return Cohort(rows, first, order)


def estimate(
    table: Any,
    params: Any = None,
    smooth: bool = False,
    scale: Any = (1, 7),
    *,
    lower_is_better: bool = False,
) -> Any:
    """Estimate trust after every session of every relationship.

    Parameters
    ----------
    table : Polars, pandas or PyArrow table, one row a session, in any order
        `client`; `week` (number) or `date`; `alliance` on `scale` (empty: missing); and any of `therapist`,
        `session`, `difficulty`, `attended`, `therapist_rating`, `therapist_guess`, `repair`, `care`.
    params : `reknit.Params`, or the path of a file that `reknit fit` or `Params.save` wrote
        None takes the shipped defaults.
    smooth : bool
        Use the whole series for what is believed about each session (forecasts stay one-sided).
    scale : lowest and highest possible rating, such as ``(1, 7)`` or ``"1:7"``
    lower_is_better : bool
        The ratings are of something bad, such as symptoms; what comes back is on the same scale.

    Returns
    -------
    The same kind of table, same rows and order, with the columns of `ADDED` (docs/command-line.md); those
    that were there are replaced. Equations: docs/model.md; the filter is Kim (1994), J. Econometrics 60:1.

    Raises
    ------
    TableError (a ValueError) that names row, column and value where the table cannot be read, or `params`
    cannot.
    """
    limits, known = as_scale(scale), as_params(params)
    cohort = read_cohort(table, limits, lower_is_better=lower_is_better)
    if known.effects:
        cohort.rows.move, cohort.rows.move_var = known_effects(known.effects, cohort.groups(table))
    result = run_filter(cohort.rows, known, kernel.STORE if smooth else kernel.ESTIMATES)
    if smooth:
        run_smoother(cohort.rows, known, result)
    added = _columns(result.out, result.reasons, limits)
    if lower_is_better:
        added = _turned_back(added, sum(limits))
    if cohort.order is not None:
        place = np.empty(len(cohort.order), np.uint32)
        place[cohort.order] = np.arange(len(place), dtype=np.uint32)
        added = added.select(pl.all().gather(place))
    return like_input(table, added)


def _turned_back(out: pl.DataFrame, total: float) -> pl.DataFrame:
    """What was mirrored, on the scale of the ratings again: lower and upper limits change places."""
    changes = [(total - pl.col(name)).alias(name) for name in LEVELS]
    for lo, hi in BOUNDS:
        changes += [(total - pl.col(hi)).alias(lo), (total - pl.col(lo)).alias(hi)]
    told = pl.col("reason").str.replace_all("as high as expected or higher", "as good as expected or better")
    for high, good in (("higher", "better"), ("lower", "worse")):
        told = told.str.replace_all(high, good, literal=True)
    return out.with_columns(*changes, told)


def _columns(out: Floats, reasons: npt.NDArray[np.uint8], scale: tuple[float, float]) -> pl.DataFrame:
    """The added columns, on the scale of the table."""
    lo, hi = map(float, scale)
    span = hi - lo
    limits = bands(out, lo, hi)
    for column in (kernel.TRUST, kernel.BOND, kernel.NEXT_MEAN):
        out[column] *= span
        out[column] += lo
    for column in (kernel.STRAIN, kernel.NEXT_SD):
        out[column] *= span
    texts = pl.Series("text", packed_texts())
    return pl.DataFrame(
        {
            "trust": out[kernel.TRUST],
            "trust_lo80": limits[0],
            "trust_hi80": limits[1],
            "trust_lo95": limits[2],
            "trust_hi95": limits[3],
            "bond": out[kernel.BOND],
            "strain": out[kernel.STRAIN],
            "p_rupture": out[kernel.P_RUPTURE],
            "p_strain": out[kernel.P_STRAIN],
            "p_repair": out[kernel.P_REPAIR],
            "next_mean": out[kernel.NEXT_MEAN],
            "next_sd": out[kernel.NEXT_SD],
            "p_dropout": out[kernel.P_DROPOUT],
            "reason": texts.gather(reasons.astype(np.uint32)),
        }
    )
