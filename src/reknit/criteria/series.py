"""Rated sessions of all relationships as flat arrays: what every criterion reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Series:
    """Sessions sorted by relationship and time; arrays of shape (sessions,) unless said otherwise.

    Args:
        frame: the table the sessions come from.
        row: each session's row in ``frame``.
        first: index of the first session of each session's own relationship.
        week: weeks since the start.
        slot: number of the session on an even grid, so that a session without a rating leaves a hole.
        raw: ratings as given, NaN where missing.
        scale: lowest and highest possible rating.
        lower_is_better: a fall of the ratings is good (symptoms).
    """

    frame: pl.DataFrame
    row: Ints
    first: Ints
    week: Floats
    slot: Ints
    raw: Floats
    scale: tuple[float, float] = (1.0, 7.0)
    lower_is_better: bool = False

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def y(self) -> Floats:
        """Scores of which higher is better; on a scale where lower is better, mirrored in its middle."""
        return sum(self.scale) - self.raw if self.lower_is_better else self.raw

    @property
    def span(self) -> float:
        """Width of the scale."""
        return self.scale[1] - self.scale[0]

    @cached_property
    def order(self) -> Ints:
        """Place of each session within its relationship, from 0."""
        return np.arange(len(self), dtype=np.int64) - self.first

    @cached_property
    def opens(self) -> Ints:
        """Index of the first session of each relationship, shape (relationships,)."""
        return np.flatnonzero(self.order == 0).astype(np.int64)

    @cached_property
    def last(self) -> Ints:
        """Index of the last session of each session's own relationship."""
        ends = np.append(self.opens[1:], len(self))[: len(self.opens)] - 1
        return np.repeat(ends, ends - self.opens + 1)

    def rated(self) -> Series:
        """Only the sessions with a rating."""
        keep = np.flatnonzero(~np.isnan(self.raw))
        who = self.first[keep]
        new = np.ones(len(keep), dtype=bool)
        new[1:] = who[1:] != who[:-1]
        first = np.flatnonzero(new)[np.cumsum(new) - 1].astype(np.int64) if len(keep) else who
        return Series(
            self.frame, self.row[keep], first, self.week[keep], self.slot[keep], self.raw[keep],
            self.scale, self.lower_is_better,
        )  # fmt: skip

    def column(self, name: str) -> Floats:
        """Another numeric column of the table in the order of the sessions; NaN where missing or absent."""
        if name not in self.frame.columns:
            return np.full(len(self), np.nan)
        values = self.frame[name].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
        return np.asarray(values, dtype=np.float64)[self.row]

    def before(self, values: Floats, steps: int = 1) -> Floats:
        """Values ``steps`` sessions earlier in the same relationship, NaN where there is none."""
        out = np.full(len(values), np.nan)
        out[steps:] = values[:-steps] if steps else values
        out[self.order < steps] = np.nan
        return out

    def total_before(self, values: Floats) -> Floats:
        """Sum of the earlier values in the same relationship (no NaN among them), 0 at the first session."""
        running = np.cumsum(values) - values
        return running - running[self.first]

    def walk(self, step: Callable[[Floats, Ints], Floats], start: float = 0.0) -> Floats:
        """A recursion over time, all relationships at once.

        Args:
            step: (state before (n,), session indices (n,)) -> state after (n,).
            start: the state before the first session.

        Returns:
            The state after each session.
        """
        out = np.empty(len(self))
        at = self.opens
        state = np.full(len(at), start)
        ends = self.last[at] if len(self) else at
        while len(at):
            state = step(state, at)
            out[at] = state
            going = at < ends
            at, ends, state = at[going] + 1, ends[going], state[going]
        return out


def read_series(
    frame: pl.DataFrame, scale: tuple[float, float] = (1.0, 7.0), *, lower_is_better: bool = False
) -> Series:
    """Sort a session table by relationship (in order of appearance) and time.

    Args:
        frame: one row a session: ``client``, ``week`` (number) or ``date``, ``alliance``; optional
            ``therapist``, ``session``.
        scale: lowest and highest possible rating.
        lower_is_better: a fall of the ratings is good.

    Raises:
        ValueError: a needed column is missing, not numeric, or lacks a week.
    """
    keys: list[str] = [name for name in ("client", "therapist") if name in frame.columns]
    if "client" not in keys:
        raise ValueError("column client is missing")
    lo, hi = scale
    if not lo < hi:
        raise ValueError(f"the scale runs from low to high, not {lo:g}:{hi:g}")
    flat = frame.select(
        *keys,
        row=pl.int_range(pl.len(), dtype=pl.Int64),
        week=_weeks(frame, keys),
        session=_number(frame, "session"),
        y=_number(frame, "alliance"),
    )
    if flat["week"].null_count():
        raise ValueError(f"column week: row {int(flat['week'].is_null().arg_true()[0]) + 1} has no week")
    flat = flat.with_columns(who=pl.col("row").min().over(keys)).sort(
        "who", "week", "session", "row", nulls_last=True
    )
    who = flat["who"].to_numpy()
    new = np.ones(len(who), dtype=bool)
    new[1:] = who[1:] != who[:-1]
    first = np.flatnonzero(new)[np.cumsum(new) - 1].astype(np.int64) if len(who) else who
    week = np.asarray(flat["week"].to_numpy(), dtype=np.float64)
    slot = _slots(week, flat["session"], first)
    raw = np.array(flat["y"].fill_null(float("nan")).to_numpy(), dtype=np.float64)
    return Series(frame, flat["row"].to_numpy(), first, week, slot, raw, scale, lower_is_better)


def _number(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A numeric column, null where missing; all null if the table has no such column."""
    if name not in frame.columns:
        return pl.lit(None, dtype=pl.Float64)
    if not (frame[name].dtype.is_numeric() or name == "session" or frame[name].dtype == pl.Null):
        raise ValueError(f"column {name} holds {frame[name].dtype}, not numbers")
    return pl.col(name).cast(pl.Float64, strict=False).fill_nan(None)


def _weeks(frame: pl.DataFrame, keys: list[str]) -> pl.Expr:
    if "week" in frame.columns:
        return _number(frame, "week")
    if "date" not in frame.columns:
        raise ValueError("column week (or date) is missing")
    day = pl.col("date").str.to_date() if frame["date"].dtype == pl.String else pl.col("date")
    day = day.cast(pl.Datetime("us"))
    return (day - day.min().over(keys)).dt.total_seconds() / (7 * 86400)


def _slots(week: Floats, session: pl.Series, first: Ints) -> Ints:
    """The session's number on an even grid.

    The column ``session`` where it holds whole numbers that rise with time; otherwise the week, where weeks
    are whole and most neighbours are one week apart; otherwise the running number of the row.
    """
    order = np.arange(len(week), dtype=np.int64) - first
    inner = order[1:] > 0
    for grid in (np.array(session.fill_null(float("nan")).to_numpy(), dtype=np.float64), week):
        if len(grid) == 0 or not np.all(np.isfinite(grid)) or np.any(grid != np.floor(grid)):
            continue
        steps = np.diff(grid)[inner]
        if np.all(steps > 0) and (len(steps) == 0 or np.median(steps) == 1):
            return grid.astype(np.int64)
    return order + 1
