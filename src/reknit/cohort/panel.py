"""From a friction table to the arrays of a lagged within-person model: leads, instruments, deviations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reknit.cohort.friction import Outcome

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Deviate = Callable[[Floats], Floats]

WEEKS_A_MONTH = 52.1775 / 12
RARE = 0.02  # months and session numbers with a smaller share of the rows are joined to their neighbour
LEAST_EARLIER = 3  # earlier ratings that a level and a trend can be extrapolated from


@dataclass(frozen=True)
class Panel:
    """Rows of one model: `y` (n,) outcome, `x` (n, p) trust first, `z` (n, p) instruments, `controls` (n, q).

    `group` (n,) numbers the relationships; `level_y` and `level_x` (n,) are outcome and trust as they were
    before deviations were taken.
    """

    group: Ints
    y: Floats
    x: Floats
    z: Floats
    controls: Floats
    level_y: Floats
    level_x: Floats


@dataclass(frozen=True)
class _Rows:
    """The table's columns as arrays over its rows, sorted by relationship and week."""

    group: Ints
    place: Ints  # of the session within its relationship, from 0
    month: Ints
    rating: Floats
    trust: Floats
    outcome: Floats  # in the session itself; logarithm taken where it is an amount

    @property
    def has_next(self) -> Flags:
        return np.append(self.group[1:] == self.group[:-1], False)

    @property
    def trend(self) -> Floats:
        return np.log1p(self.place)


def _rows(table: pl.DataFrame, outcome: Outcome) -> _Rows:
    group = table.get_column("client").rle_id().cast(pl.Int64).to_numpy()
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1])) if len(group) else np.array([0])
    values = _numbers(table, outcome.name)
    if outcome.kind == "log":
        values = np.log(np.maximum(values, outcome.least))
    return _Rows(
        group=group,
        place=np.arange(len(group)) - first[group] if len(group) else group,
        month=np.floor(_numbers(table, "week") / WEEKS_A_MONTH).astype(np.int64),
        rating=_numbers(table, "rating"),
        trust=_numbers(table, "trust"),
        outcome=values,
    )


def _numbers(table: pl.DataFrame, name: str) -> Floats:
    return np.array(table.get_column(name).cast(pl.Float64).fill_null(np.nan).to_numpy(), np.float64)


def lagged(table: pl.DataFrame, outcome: Outcome) -> Panel:
    """Outcomes that follow a session, in forward orthogonal deviations; detrended ratings as instrument.

    Args:
        table: friction table with `trust`, sorted by client and week.
        outcome: a `share` or an amount (`log`).
    """
    rows = _rows(table, outcome)
    follows = np.append(rows.outcome[1:], np.nan)
    surprise = _earlier_residual(rows)
    use = rows.has_next & np.isfinite(follows) & np.isfinite(surprise)
    trends = [rows.trend, rows.place, rows.place**2, _dummies(rows.month, use)]
    controls = np.column_stack(trends)[use].astype(float)
    group, y, trust = (each[use] for each in (rows.group, follows, rows.trust))
    surprise = _purged(surprise[use], _lately(rows)[use])
    deviate, keep = _forward(group)
    return Panel(
        group=group[keep],
        y=deviate(y)[keep],
        x=deviate(trust)[keep][:, None],
        z=surprise[keep][:, None],
        controls=np.column_stack([deviate(column) for column in controls.T])[keep],
        level_y=y[keep],
        level_x=trust[keep],
    )


def at_risk(table: pl.DataFrame, outcome: Outcome) -> Panel:
    """Sessions after which something that happens once may happen, with detrended ratings as instrument."""
    rows = _rows(table, outcome)
    follows = np.append(rows.outcome[1:], np.nan)
    surprise = _earlier_residual(rows)
    use = rows.has_next & np.isfinite(follows) & np.isfinite(surprise) & (rows.outcome == 0)
    number = _dummies(rows.place, use)
    parts = [np.ones(len(use)), number, _dummies(rows.month, use)]
    if "severity" in table.columns:
        parts.append(np.nan_to_num(_numbers(table, "severity"), nan=0.0))
    controls = np.column_stack(parts)[use]
    return Panel(
        group=rows.group[use],
        y=follows[use],
        x=rows.trust[use][:, None],
        z=surprise[use][:, None],
        controls=controls,
        level_y=follows[use],
        level_x=rows.trust[use],
    )


def _running(values: Floats, group: Ints) -> Floats:
    """Sum over the rows of the same group *before* each row."""
    total = np.cumsum(values) - values
    first = np.append(True, group[1:] != group[:-1])
    start = np.maximum.accumulate(np.where(first, np.arange(len(values)), 0))
    return np.asarray(total - total[start])


def _earlier_residual(rows: _Rows) -> Floats:
    """Rating less what the pair's earlier ratings extrapolate to; nan where they are too few."""
    given = np.isfinite(rows.rating)
    at = np.flatnonzero(given)
    deviate, keep = _recursive(rows.group[at], rows.trend[at], LEAST_EARLIER)
    out = np.full(len(given), np.nan)
    out[at] = np.where(keep, deviate(rows.rating[at]), np.nan)
    return out


def _purged(surprise: Floats, lately: Floats) -> Floats:
    """The part of the surprise that recent outcomes do not account for."""
    about = np.column_stack([np.ones(len(lately)), lately])
    return np.asarray(surprise - about @ np.linalg.lstsq(about, surprise, rcond=None)[0])


def _lately(rows: _Rows) -> Floats:
    """Mean of the last two known outcomes up to this session; the mean of all where none is known."""
    known = np.flatnonzero(np.isfinite(rows.outcome))
    whole = float(rows.outcome[known].mean()) if len(known) else 0.0
    out = np.full(len(rows.outcome), whole)
    if not len(known):
        return out
    same = np.append(False, rows.group[known][1:] == rows.group[known][:-1])
    values = rows.outcome[known]
    two = np.where(same, (values + np.append(values[0], values[:-1])) / 2, values)
    last = np.searchsorted(known, np.arange(len(out)), side="right") - 1
    found = (last >= 0) & (rows.group[known[np.maximum(last, 0)]] == rows.group)
    out[found] = two[last[found]]
    return out


def _dummies(values: Ints, use: Flags) -> Floats:
    """A column for each value but the first; rare ones are joined to the one before."""
    if not use.any():
        return np.zeros((len(values), 0))
    names, counts = np.unique(values[use], return_counts=True)
    kept: list[int] = []
    pending = 0
    for name, count in zip(names.tolist(), counts.tolist(), strict=True):
        pending += count
        if pending >= RARE * counts.sum():
            kept.append(name)
            pending = 0
    place = np.searchsorted(np.array(kept[:-1]), values, side="left") if len(kept) > 1 else 0 * values
    return np.asarray(np.eye(max(len(kept), 1))[place][:, 1:])


def _forward(group: Ints) -> tuple[Deviate, Flags]:
    """Forward orthogonal deviations: less the mean of the pair's later rows, scaled to equal variance."""
    back = group[::-1]
    later = _running(np.ones(len(back)), back)
    count = np.maximum(later, 1)

    def deviate(values: Floats) -> Floats:
        turned = values[::-1]
        return np.asarray(((turned - _running(turned, back) / count) * np.sqrt(count / (count + 1)))[::-1])

    return deviate, (later > 0)[::-1]


def _recursive(group: Ints, trend: Floats, least: int) -> tuple[Deviate, Flags]:
    """Recursive residuals from level and trend (Brown, Durbin & Evans 1975), scaled to equal variance.

    Returns:
        a function from values (n,) to residuals (n,), and a mask (n,) of the rows that have one.
    """
    ones = np.ones(len(trend))
    s0, s1, s2 = (_running(v, group) for v in (ones, trend, trend**2))
    det = s0 * s2 - s1**2
    keep = (s0 >= least) & (det > 1e-6)
    safe = np.where(keep, det, 1.0)
    scale = np.sqrt(1 + (s2 - 2 * s1 * trend + s0 * trend**2) / safe)

    def deviate(values: Floats) -> Floats:
        t0, t1 = _running(values, group), _running(values * trend, group)
        level, slope = (s2 * t0 - s1 * t1) / safe, (s0 * t1 - s1 * t0) / safe
        return np.where(keep, (values - level - slope * trend) / scale, np.nan)

    return deviate, keep
