"""From an alarm to an episode: where it began, how low it went, and whether the ratings came back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from reknit.criteria.series import Bools, Floats, Ints, Series

COLUMNS = (
    "client",
    "start_week",
    "low_week",
    "end_week",
    "kind",
    "criterion",
    "depth",
    "recovered",
    "exceeded",
)


@dataclass(frozen=True)
class Criterion:
    """One published rule.

    Args:
        name: as on the command line.
        paper: where it is published.
        rule: ``rule(series, **options)`` finds the episodes.
        score: ``score(series, **options)`` gives every session of the series an alarm score, higher where a
            rupture is likelier, from data up to that session only; NaN where it cannot say. None for a rule
            that needs later sessions.
        cutoff: name of the option that a cut-off sets, if the rule has one.
        needs: columns of the table without which it says nothing.
        rated: the rule reads only sessions with a rating.
        fitted: the rule takes ``params`` of the trust model.
        scaled: the rule needs the ends of the scale.
    """

    name: str
    paper: str
    rule: Callable[..., Found]
    score: Callable[..., Floats] | None
    cutoff: str | None = None
    needs: tuple[str, ...] = ("alliance",)
    rated: bool = True
    fitted: bool = False
    scaled: bool = False


@dataclass(frozen=True)
class Found:
    """Episodes as indices into the series, arrays of shape (episodes,).

    Args:
        series: the sessions the indices refer to.
        start, at, low, end: sessions at which the episode begins, the rule fires, it is lowest, and it ends.
        kind: one kind for all, or one each.
        depth: how far it went, in units of the rating, positive.
        recovered: share of the depth regained, 0 to 1; NaN where that means nothing.
        exceeded: 1 where it came back above the old level, else 0; NaN where that means nothing.
        more: further columns by name.
    """

    series: Series
    start: Ints
    at: Ints
    low: Ints
    end: Ints
    kind: str | Sequence[str]
    depth: Floats
    recovered: Floats
    exceeded: Floats
    more: Mapping[str, Floats | Ints] = field(default_factory=dict)

    def take(self, keep: Ints) -> Found:
        """Only some of the episodes, by index."""
        return replace(
            self,
            start=self.start[keep],
            at=self.at[keep],
            low=self.low[keep],
            end=self.end[keep],
            kind=self.kind if isinstance(self.kind, str) else [self.kind[k] for k in keep],
            depth=self.depth[keep],
            recovered=self.recovered[keep],
            exceeded=self.exceeded[keep],
            more={name: values[keep] for name, values in self.more.items()},
        )

    def table(self, criterion: str) -> pl.DataFrame:
        """One row an episode, in the order of the clients' appearance and of time."""
        series, n = self.series, len(self.start)
        rows = series.row[self.start]
        kinds = [self.kind] * n if isinstance(self.kind, str) else list(self.kind)
        out = {
            "client": series.frame["client"][rows],
            "start_week": series.week[self.start],
            "low_week": series.week[self.low],
            "end_week": series.week[self.end],
            "kind": pl.Series(kinds, dtype=pl.String),
            "criterion": pl.Series([criterion] * n, dtype=pl.String),
            "depth": _clear(self.depth),
            "recovered": _clear(self.recovered),
            "exceeded": _clear(self.exceeded).cast(pl.Int64),
        }
        if "therapist" in series.frame.columns:
            out["therapist"] = series.frame["therapist"][rows]
        out["start_session"] = series.slot[self.start]
        out["alarm_week"] = series.week[self.at]
        out |= {name: _clear(values) for name, values in self.more.items()}
        return pl.DataFrame(out)


def _clear(values: Floats | Ints) -> pl.Series:
    column = pl.Series(values)
    return column.fill_nan(None) if column.dtype.is_float() else column


def follow(
    series: Series,
    alarm: Bools,
    level: Floats,
    *,
    start: Ints | None = None,
    near: float = 0.25,
    within: int = 5,
    merge: bool = True,
) -> Found:
    """Follow each alarm for some sessions and say whether the ratings came back.

    An alarm that falls inside an episode already open belongs to it. An episode is *rupture-repair* if
    within ``within`` ratings after the alarm all but the share ``near`` of the depth is regained, otherwise
    *rupture*.
    Ratings come back by chance too: neither word is evidence that anybody repaired anything.

    Args:
        series: the sessions.
        alarm: True at the sessions where the rule fires.
        level: the old level at each session, from which depth is measured.
        start: index of the session at which the episode began; by default the one before the alarm.
        near: share of the depth that may be missing at a return.
        within: how many ratings after the alarm a return may take.
        merge: False keeps every alarm as an episode of its own.
    """
    at = np.flatnonzero(alarm).astype(np.int64)
    begun = np.maximum(at - 1, series.first[at]) if start is None else start[at]
    old, last = level[at], series.last[at]
    low, lowest = at.copy(), series.y[at].copy()
    best = lowest.copy()
    end = np.full(len(at), -1, dtype=np.int64)
    for step in range(1, within + 1):
        now = np.minimum(at + step, last)
        seen = np.where(at + step <= last, series.y[now], np.nan)
        deeper = (seen < lowest) & (end < 0)
        low, lowest = np.where(deeper, now, low), np.where(deeper, seen, lowest)
        best = np.where(deeper, seen, np.fmax(best, seen))
        back = (end < 0) & (seen >= old - near * (old - lowest)) & (lowest < old)
        end = np.where(back, now, end)
    returned = end >= 0
    end = np.where(returned, end, np.minimum(at + within, last))
    depth = np.maximum(old - lowest, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        regained = np.clip((best - lowest) / depth, 0.0, 1.0)
    found = Found(
        series=series,
        start=begun,
        at=at,
        low=low,
        end=end,
        kind=["rupture-repair" if back else "rupture" for back in returned],
        depth=depth,
        recovered=regained,
        exceeded=(best > old).astype(np.float64),
    )
    return found.take(not_inside(at, end)) if merge else found


def not_inside(at: Ints, end: Ints) -> Ints:
    """Alarms that do not fall inside an episode kept before."""
    keep, free = [], -1
    for k, (alarm, closes) in enumerate(zip(at.tolist(), end.tolist(), strict=True)):
        if alarm > free:
            keep.append(k)
            free = closes
    return np.array(keep, dtype=np.int64)
