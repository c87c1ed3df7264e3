"""Hostile series: no input may return NaN, an interval turned round, or a probability outside [0, 1]."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from reknit.cohort.evaluation.worlds import Plan
from reknit.trust.table import estimate

ORDER = ("trust_lo95", "trust_lo80", "trust", "trust_hi80", "trust_hi95")
PROBABILITIES = ("p_rupture", "p_strain", "p_repair", "p_dropout")


def hostile(seed: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """Name and table (client, week, alliance on 1 to 7, and channels) of every trap."""
    weeks = np.arange(12.0)
    yield "constant at the ceiling", sessions(np.arange(200.0), np.full(200, 7.0))
    yield "constant at the floor", sessions(np.arange(200.0), np.full(200, 1.0))
    yield "one session", sessions(np.zeros(1), np.array([4.0]))
    yield "one session, no rating", sessions(np.zeros(1), np.array([np.nan]))
    yield "all ratings missing", sessions(weeks, np.full(12, np.nan))
    yield "gaps of years", sessions(weeks * 150, np.linspace(2, 7, 12))
    yield "every session at the same time", sessions(np.zeros(12), np.linspace(1, 7, 12))
    yield "seconds apart", sessions(weeks * 1e-6, np.tile([1.0, 7.0], 6))
    yield "from end to end of the scale", sessions(np.arange(100.0), np.tile([1.0, 7.0], 50))
    yield "negative weeks", sessions(weeks - 500, np.linspace(3, 6, 12))
    yield "one fall from heaven", sessions(np.arange(60.0), np.append(np.full(59, 7.0), 1.0))
    yield "missed every session", sessions(weeks, np.full(12, np.nan), attended=0, difficulty=None)
    yield "a difficulty at every session", sessions(weeks, np.full(12, 7.0), difficulty=2)
    yield "a repair at every session", sessions(weeks, np.full(12, 4.0), repair=2)
    yield (
        "witnesses who contradict",
        sessions(weeks, np.full(12, 7.0), therapist_rating=1.0, therapist_guess=1.0),
    )
    yield "a thousand sessions", sessions(np.arange(1000.0), np.tile([7.0, 6.8, 7.0, 2.0], 250))
    yield "noise in every channel", noise(seed, 400)


def sessions(week: np.ndarray, alliance: np.ndarray, **channels: float | None) -> pl.DataFrame:
    """One client's table with constant channels."""
    number = np.arange(1, len(week) + 1)
    columns = {"client": np.ones(len(week), int), "session": number, "week": week, "alliance": alliance}
    table = pl.DataFrame(columns).fill_nan(None)
    return table.with_columns(pl.lit(value, pl.Float64).alias(name) for name, value in channels.items())


def noise(seed: int, people: int) -> pl.DataFrame:
    """Every column at random, half of the cells empty."""
    rng = np.random.default_rng(seed)
    n = people * 10
    columns = {
        "alliance": rng.uniform(1, 7, n), "difficulty": rng.integers(0, 3, n),
        "attended": rng.integers(0, 2, n),
        "repair": rng.integers(0, 3, n), "therapist_rating": rng.uniform(1, 7, n),
        "therapist_guess": rng.uniform(1, 7, n),
    }  # fmt: skip
    table = pl.DataFrame({"client": np.repeat(np.arange(people), 10), "week": rng.exponential(3, n).cumsum()})
    return table.with_columns(
        pl.Series(name, np.where(rng.random(n) < 0.5, np.nan, values)).fill_nan(None)
        for name, values in columns.items()
    )


def faults(found: pl.DataFrame) -> int:
    """How many cells of an estimate are not finite, out of order or not a probability."""
    numbers = found.select(*ORDER, *PROBABILITIES, "next_mean", "next_sd").cast(pl.Float64).to_numpy()
    count = int((~np.isfinite(numbers)).sum())
    interval = found.select(ORDER).to_numpy()
    count += int((np.diff(interval, axis=1) < -1e-9).sum())
    probability = found.select(PROBABILITIES).to_numpy()
    count += int(((probability < 0) | (probability > 1)).sum())
    return count + int((found["next_sd"].to_numpy() <= 0).sum())


def robustness(plan: Plan) -> pl.DataFrame:
    """Faults per hostile table, forwards and smoothed."""
    rows = [
        (name, table.height, faults(estimate(table)), faults(estimate(table, smooth=True)))
        for name, table in hostile(plan.seed)
    ]
    return pl.DataFrame(rows, schema=["series", "sessions", "faults", "faults when smoothed"], orient="row")
