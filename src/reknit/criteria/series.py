"""Rated sessions of all relationships as flat arrays: what every criterion reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from reknit.trust.order import relationships, sorting
from reknit.trust.refusals import as_scale
from reknit.trust.sessions import CHOICES, IDENTIFIERS, RATINGS, Reader

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
        first = _firsts(self.first[keep])
        return Series(
            self.frame, self.row[keep], first, self.week[keep], self.slot[keep], self.raw[keep],
            self.scale, self.lower_is_better,
        )  # fmt: skip

    def column(self, name: str) -> Floats:
        """Another numeric column of the table in the order of the sessions; NaN where missing or absent."""
        if name not in self.frame.columns:
            return np.full(len(self), np.nan)
        values = Reader(self.frame).number(name).cast(pl.Float64).fill_null(float("nan")).to_numpy()
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


def read_series(frame: pl.DataFrame, scale: Any = (1.0, 7.0), *, lower_is_better: bool = False) -> Series:
    """Sort a session table by relationship (in order of appearance) and time.

    Args:
        frame: one row a session: ``client``, ``week`` (number) or ``date``, ``alliance``; optional
            ``therapist``, ``session``.
        scale: lowest and highest possible rating; None leaves the ratings unchecked, as if they were 1 to 7.
        lower_is_better: a fall of the ratings is good.

    Raises:
        TableError: the table is not as docs/command-line.md says; it names row, column and value.
    """
    limits = None if scale is None else as_scale(scale)
    reader = Reader(frame)
    reader.must_have("client")
    reader.client()
    keys = [name for name in ("client", "therapist") if name in frame.columns]
    for name in IDENTIFIERS:
        if name in frame.columns:
            reader.identifier(name)
    time, who = reader.weeks(), relationships(frame)
    reader.refuse_repeats(who, time, sorting(who, time)[0])
    flat = frame.select(
        *keys,
        row=pl.int_range(pl.len(), dtype=pl.Int64),
        week=pl.Series(time),
        session=_running(frame),
        y=_ratings(reader, limits),
    )
    if reader.timed_by == "date":
        flat = flat.with_columns(pl.col("week") - pl.col("week").min().over(keys))
    flat = flat.with_columns(who=pl.col("row").min().over(keys)).sort(
        "who", "week", "session", "row", nulls_last=True
    )
    first = _firsts(flat["who"].to_numpy())
    week = np.asarray(flat["week"].to_numpy(), dtype=np.float64)
    slot = _slots(week, flat["session"], first)
    raw = np.array(flat["y"].fill_null(float("nan")).to_numpy(), dtype=np.float64)
    ends = limits or (1.0, 7.0)
    return Series(frame, flat["row"].to_numpy(), first, week, slot, raw, ends, lower_is_better)


def _firsts(who: Ints) -> Ints:
    """For each row, the index of the first row of its own group."""
    new = np.ones(len(who), dtype=bool)
    new[1:] = who[1:] != who[:-1]
    return np.flatnonzero(new)[np.cumsum(new) - 1].astype(np.int64) if len(who) else who


def _ratings(reader: Reader, limits: tuple[float, float] | None) -> pl.Series:
    """The ratings, all null where the table has none; the channels are checked on the way."""
    for name, among in CHOICES.items():
        if name in reader.frame.columns:
            reader.number(name, among=among)
    limits = limits or (-1e12, 1e12)  # of any scale
    found = {name: reader.number(name, within=limits) for name in RATINGS if name in reader.frame.columns}
    if "alliance" not in found:
        return pl.Series("y", [None] * reader.frame.height, dtype=pl.Float64)
    return found["alliance"].cast(pl.Float64).fill_nan(None)


def _running(frame: pl.DataFrame) -> pl.Series:
    """Numbers of the sessions, null where they are missing or are no numbers."""
    if "session" not in frame.columns:
        return pl.Series("session", [None] * frame.height, dtype=pl.Float64)
    column = frame["session"]
    if not (column.dtype.is_numeric() or column.dtype == pl.String):
        column = column.cast(pl.String, strict=False)
    return column.cast(pl.Float64, strict=False).fill_nan(None)


def _slots(week: Floats, session: pl.Series, first: Ints) -> Ints:
    """The session's number on an even grid.

    The column ``session`` where it holds whole numbers that rise with time; otherwise the week, where weeks
    are whole and most neighbours are one week apart; otherwise the running number of the row.
    """
    order = np.arange(len(week), dtype=np.int64) - first
    inner = order[1:] > 0
    for grid in (np.array(session.fill_null(float("nan")).to_numpy(), dtype=np.float64), week):
        if len(grid) == 0 or not np.all(np.abs(grid) < 2**53) or np.any(grid != np.floor(grid)):
            continue
        steps = np.diff(grid)[inner]
        if np.all(steps > 0) and (len(steps) == 0 or np.median(steps) == 1):
            return grid.astype(np.int64)
    return order + 1
