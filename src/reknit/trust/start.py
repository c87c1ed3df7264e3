"""Where a fit starts: the defaults, moved to the level, spread and rhythm of the data."""

from __future__ import annotations

from typing import Any

import numpy as np

from reknit.trust.engine import Floats, Rows
from reknit.trust.params import DEFAULT, Params
from reknit.trust.spec import SPECS, rupture_moments


def _moments(rows: Rows) -> tuple[float, float, float]:
    """Mean rating, sd between relationships, and sd of a rating within one (from successive differences)."""
    owner = np.repeat(np.arange(rows.relationships), np.diff(rows.starts))
    seen = np.isfinite(rows.rating)
    y, who = rows.rating[seen], owner[seen]
    if len(y) < 3:
        return DEFAULT["bond_mean"], DEFAULT["bond_sd"], DEFAULT["rating_sd"]
    count = np.bincount(who, minlength=rows.relationships)
    total = np.bincount(who, weights=y, minlength=rows.relationships)
    means = total[count > 0] / count[count > 0]
    steps = np.diff(y)[who[1:] == who[:-1]]
    within = 1.4826 * float(np.median(np.abs(steps))) / np.sqrt(2) if len(steps) else DEFAULT["rating_sd"]
    spread = float(np.std(steps)) / np.sqrt(2) if len(steps) else within
    between = float(np.std(means)) if len(means) > 2 else DEFAULT["bond_sd"]
    return float(np.mean(means)), max(between, 0.02), max(within, 0.4 * spread, 0.005)


def usual_gap(rows: Rows) -> float:
    """Median time between two sessions of one relationship, in weeks (1 where there is none)."""
    gaps = np.diff(rows.week)
    inner = np.ones(len(gaps), bool)
    inner[rows.starts[1:-1] - 1] = False
    gaps = gaps[inner & (gaps > 0)]
    return float(np.median(gaps)) if len(gaps) else 1.0


def witness_step(rows: Rows) -> float:
    """Usual step between the therapist's numbers."""
    for channel in (rows.therapist_guess, rows.therapist_rating):
        if channel is not None:
            return rating_step(channel)
    return DEFAULT["witness_step"]


def rating_step(ratings: Floats) -> float:
    """Usual step between neighbouring ratings, as a fraction of the scale (0.005 at least).

    Values that are rare are set aside (slips, another number of items answered), unless most ratings are of
    such values: those are continuous, and what is common among them is the ends of the scale alone.
    """
    seen = ratings[np.isfinite(ratings)][:100_000]
    values, counts = np.unique(np.round(seen, 4), return_counts=True)
    common = counts >= 0.002 * len(seen)
    if len(values) > 3 and counts[common].sum() >= 0.8 * len(seen):
        values = values[common]
    steps = np.diff(values)
    return max(float(np.median(steps)), 0.005) if len(steps) else DEFAULT["rating_step"]


def start_params(rows: Rows) -> Params:
    """Defaults with levels, spreads and times taken from the data;
    also the centre of the fit's weak priors.
    """
    gap = usual_gap(rows)
    if np.isfinite(rows.rating).sum() < 3:
        return DEFAULT.with_values(usual_gap=gap)
    mean, between, within = _moments(rows)
    lengths = np.array(
        [rows.week[b - 1] - rows.week[a] for a, b in zip(rows.starts[:-1], rows.starts[1:], strict=True)]
    )
    span = max(float(np.quantile(lengths, 0.8)), 4 * gap)
    jump = max(2.5 * within, 0.05)
    return DEFAULT.with_values(
        bond_mean=mean,
        bond_sd=between,
        growth_mean=0.0,
        growth_sd=0.3 * between / span,
        growth_weeks=span,
        walk_sd=0.2 * within / np.sqrt(gap),
        state_sd=0.7 * within,
        state_weeks=1.5 * gap,
        strain_keep=float(np.exp(np.log(DEFAULT["strain_keep"]) / gap)),
        jump_mean=jump,
        jump_sd=0.4 * jump,
        rating_sd=0.7 * within,
        simple_mean=mean,
        strain_size=0.5 * rupture_moments(jump, 0.4 * jump)[0],
        usual_gap=gap,
        rating_step=rating_step(rows.rating),
        witness_step=witness_step(rows),
    )


def present(rows: Rows) -> frozenset[str]:
    """The channels on which the rows say anything."""
    found = {"rating"} if np.isfinite(rows.rating).any() else set()
    for name in ("difficulty", "attended", "repair"):
        channel = getattr(rows, name)
        if channel is not None and (channel >= 0).any():
            found.add(name)
    for name in ("therapist_rating", "therapist_guess"):
        channel = getattr(rows, name)
        if channel is not None and np.isfinite(channel).any():
            found.add(name)
    if rows.care is not None and (rows.care < 1).any():
        found.add("care")
    return frozenset(found)


def free_names(rows: Rows) -> tuple[str, ...]:
    """The parameters that these rows can teach, in order."""
    channels = present(rows)
    return tuple(spec.name for spec in SPECS if spec.channel in channels)


def subset(rows: Rows, chosen: Floats | np.ndarray) -> Rows:
    """The rows of some relationships (indices), as rows of their own."""
    starts, lengths = rows.starts[chosen], (rows.starts[1:] - rows.starts[:-1])[chosen]
    new_starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    at = np.arange(new_starts[-1]) - np.repeat(new_starts[:-1], lengths) + np.repeat(starts, lengths)
    names = (
        "week",
        "rating",
        "care",
        "difficulty",
        "attended",
        "repair",
        "therapist_rating",
        "therapist_guess",
    )
    fields: dict[str, Any] = {name: None if (c := getattr(rows, name)) is None else c[at] for name in names}
    moves: dict[str, Any] = {
        name: None if (c := getattr(rows, name)) is None else c[chosen] for name in ("move", "move_var")
    }
    return Rows(starts=new_starts, bounded=rows.bounded, **fields, **moves)
