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
from reknit.trust.params import DEFAULT, Params
from reknit.trust.pool import known_effects
from reknit.trust.series import bands

SMALL = {"difficulty": 2, "attended": 1, "repair": 2}
RATINGS = ("therapist_rating", "therapist_guess")
ADDED = (
    "trust", "trust_lo80", "trust_hi80", "trust_lo95", "trust_hi95", "bond", "strain", "p_rupture",
    "p_strain", "p_repair", "next_mean", "next_sd", "p_dropout", "reason",
)  # fmt: skip


class TableError(ValueError):
    """A table that cannot be read as sessions; the message names the column."""


def to_polars(table: Any) -> pl.DataFrame:
    """Any supported table as a Polars frame; raises TableError for another kind of object."""
    if isinstance(table, pl.LazyFrame):
        return table.collect()
    if isinstance(table, pl.DataFrame):
        return table
    home = type(table).__module__.split(".")[0]
    if home == "pandas":
        frame: pl.DataFrame = pl.from_pandas(table)
        return frame
    if home == "pyarrow":
        arrow = pl.from_arrow(table)
        return arrow if isinstance(arrow, pl.DataFrame) else arrow.to_frame()
    raise TableError(f"a Polars, pandas or PyArrow table is needed, not {type(table).__name__}")


def like_input(table: Any, added: pl.DataFrame) -> Any:
    """The caller's table with the added columns, in the kind of table it came as."""
    if isinstance(table, pl.DataFrame | pl.LazyFrame):
        frame = table.collect() if isinstance(table, pl.LazyFrame) else table
        return frame.drop([c for c in added.columns if c in frame.columns]).hstack(added)
    if type(table).__module__.split(".")[0] == "pandas":
        extra = added.to_pandas()
        extra.index = table.index
        kept = table.drop(columns=[c for c in added.columns if c in table.columns])
        return kept.assign(**{name: extra[name] for name in added.columns})
    arrow = added.to_arrow()
    kept = table.drop_columns([c for c in added.columns if c in table.column_names])
    for name in added.columns:
        kept = kept.append_column(name, arrow.column(name))
    return kept


def _need(frame: pl.DataFrame, name: str) -> pl.Series:
    if name not in frame.columns:
        raise TableError(f"column {name!r} is missing")
    return frame.get_column(name)


def weeks(frame: pl.DataFrame) -> Floats:
    """Weeks as numbers, from `week` or else `date` (ISO text, date or datetime;
    weeks since the first of all).
    """
    if "week" in frame.columns:
        column = frame.get_column("week").cast(pl.Float64, strict=False)
        name = "week"
    else:
        column = _dates(_need(frame, "date"))
        name = "date"
    array = column.fill_null(np.nan).to_numpy()
    if not np.isfinite(array).all():
        row = int(np.flatnonzero(~np.isfinite(array))[0]) + 1
        raise TableError(f"column {name!r}, row {row}: not a usable time")
    return np.ascontiguousarray(array)


def _dates(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        column = column.str.to_datetime(strict=False, time_unit="us")
    stamps = column.cast(pl.Datetime("us"), strict=False)
    micro = stamps.dt.replace_time_zone(None).dt.timestamp("us").cast(pl.Float64)
    first = micro.min()
    return (micro - (first if isinstance(first, float) else 0.0)) / (7 * 86_400 * 1e6)


def _rating(frame: pl.DataFrame, name: str, lo: float, hi: float) -> Floats | None:
    if name not in frame.columns:
        return None
    array = frame.get_column(name).cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    if np.isnan(array).all():
        return None
    unit = (array - lo) / (hi - lo)
    return np.clip(unit, 0.0, 1.0, out=unit)


def _small(frame: pl.DataFrame, name: str, top: int) -> Small | None:
    if name not in frame.columns:
        return None
    column = frame.get_column(name)
    if column.dtype not in (pl.Int8, pl.Int16, pl.Int32, pl.Int64):
        column = column.cast(pl.Float64, strict=False).fill_nan(None).round()
    if column.null_count() == len(column):
        return None
    return column.clip(-1, top).fill_null(-1).cast(pl.Int8).to_numpy()


def _codes(frame: pl.DataFrame, name: str) -> npt.NDArray[np.int64]:
    """A number for every distinct value of an identifier; nulls are one value of their own."""
    column = frame.get_column(name)
    if column.dtype.is_integer() and column.null_count() == 0:
        return column.cast(pl.Int64).to_numpy()
    if column.dtype not in (pl.String, pl.Categorical):
        column = column.cast(pl.String)
    codes = column.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1)
    return codes.to_numpy()


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
        column = _small(to_polars(table), "ended", 2)
        return column if column is None or self.order is None else column[self.order]

    def groups(self, table: Any) -> dict[str, npt.NDArray[np.str_]]:
        """The therapist and clinic of each relationship, where the table has them."""
        frame = to_polars(table)
        return {
            name: frame.get_column(name)
            .gather(self.first_row)
            .cast(pl.String)
            .fill_null("")
            .to_numpy()
            .astype(np.str_)
            for name in ("clinic", "therapist")
            if name in frame.columns
        }


def _relationships(frame: pl.DataFrame) -> npt.NDArray[np.int64]:
    """A number for every relationship, one client with one therapist, rising with the client's."""
    client = _codes(frame, "client")
    if "therapist" not in frame.columns:
        return client
    therapist = _codes(frame, "therapist")
    lowest, width = int(therapist.min()), int(therapist.max()) - int(therapist.min()) + 1
    if max(abs(int(client.min())), abs(int(client.max()))) + 1 < 2**62 // width:
        return client * width + (therapist - lowest)
    both = pl.DataFrame({"client": client, "therapist": therapist}).to_struct()
    return both.rank("dense").cast(pl.Int64).to_numpy()


def _order(who: npt.NDArray[np.int64], week: Floats) -> tuple[npt.NDArray[np.int64] | None, Any]:
    """The permutation that sorts by relationship and week (None: sorted already), and the starts."""
    new, order = who[1:] != who[:-1], None
    together = (who[1:] >= who[:-1]).all() or pl.Series(who).n_unique() == new.sum() + 1
    if not together or not (new | (week[1:] >= week[:-1])).all():
        order = np.lexsort((week, who)).astype(np.int64)
        who = who[order]
        new = who[1:] != who[:-1]
    return order, np.concatenate(([0], np.flatnonzero(new) + 1, [len(who)])).astype(np.int64)


def read_cohort(table: Any, scale: tuple[float, float] = (1, 7)) -> Cohort:
    """Sort a table into relationships (one client with one therapist) and map its ratings to the unit scale.

    Raises TableError where `client`, `alliance` or a usable time is missing, or the table is empty.
    """
    frame = to_polars(table)
    lo, hi = map(float, scale)
    if not (np.isfinite(lo) and np.isfinite(hi) and lo < hi):
        raise TableError(f"scale must be two numbers, low before high: {scale}")
    _need(frame, "client")
    _need(frame, "alliance")
    if len(frame) == 0:
        raise TableError("the table has no rows")
    week = weeks(frame)
    order, starts = _order(_relationships(frame), week)
    rating = _rating(frame, "alliance", lo, hi)
    channels: dict[str, Any] = {name: _small(frame, name, top) for name, top in SMALL.items()}
    channels |= {name: _rating(frame, name, lo, hi) for name in RATINGS}
    channels["care"] = _rating(frame, "care", 0.0, 1.0)
    channels["week"] = week
    channels["rating"] = np.full(len(week), np.nan) if rating is None else rating
    if order is not None:
        channels = {name: None if c is None else c[order] for name, c in channels.items()}
    if channels["care"] is not None:
        channels["care"] = np.nan_to_num(channels["care"], nan=1.0)
    rows = Rows(starts=starts, **channels)
    first = starts[:-1] if order is None else order[starts[:-1]]
    return Cohort(rows, first, order)


def estimate(
    table: Any, params: Params | None = None, smooth: bool = False, scale: tuple[float, float] = (1, 7)
) -> Any:
    """Estimate trust after every session of every relationship.

    Parameters
    ----------
    table : Polars, pandas or PyArrow table, one row a session, in any order, with the columns `client`,
    `week` or
        `date`, `alliance` (on `scale`; empty: missing) and any of `therapist`, `difficulty`, `attended`,
        `therapist_rating`, `therapist_guess`, `repair`, `care`.
    params : fitted parameters; None takes the shipped defaults.
    smooth : use the whole series for what is believed about each session (forecasts stay one-sided).
    scale : lowest and highest possible rating.

    Returns the same kind of table, same rows and order, with the columns of `ADDED`. Raises TableError.
    """
    params = DEFAULT if params is None else params
    cohort = read_cohort(table, scale)
    if params.effects:
        cohort.rows.move, cohort.rows.move_var = known_effects(params.effects, cohort.groups(table))
    result = run_filter(cohort.rows, params, kernel.STORE if smooth else kernel.ESTIMATES)
    if smooth:
        run_smoother(cohort.rows, params, result)
    added = _columns(result.out, result.reasons, scale)
    if cohort.order is not None:
        place = np.empty(len(cohort.order), np.uint32)
        place[cohort.order] = np.arange(len(place), dtype=np.uint32)
        added = added.select(pl.all().gather(place))
    return like_input(table, added)


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
