"""Sudden gains and losses, against R's suddengains 0.7.2 and against the rule written out slowly."""

from __future__ import annotations

import itertools
import statistics
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reknit.criteria import episodes

DATA = Path(__file__).parents[2] / "data" / "suddengains_sgdata.csv"

# What suddengains::create_bysg(sgdata, sg_crit1_cutoff = 7, bdi_s1 to bdi_s12) finds:
# id, sg_session_n, sg_magnitude, sg_reversal_value, sg_reversal.
GAINS = [
    (1, 3, 11, 28.5, 1), (1, 7, 12, 23, 0), (3, 8, 9, 30.5, 0), (4, 3, 10, 27, 1), (5, 3, 10, 31, 0),
    (5, 8, 13, 12.5, 0), (9, 3, 9, 27.5, 0), (10, 2, 10, 30, 0), (10, 4, 8, 21, 0), (12, 3, 8, 27, 1),
    (13, 3, 13, 29.5, 0), (13, 8, 8, 14, 0), (14, 2, 14, 30, 0), (18, 3, 11, 29.5, 0), (39, 3, 9, 28.5, 0),
    (40, 2, 8, 27, 0), (40, 5, 11, 15.5, 0), (40, 8, 10, 6, 1), (41, 6, 11, 20.5, 0), (41, 9, 8, 7, 0),
    (42, 5, 24, 27, 0), (42, 8, 9, 5.5, 0), (43, 5, 14, 28, 0), (43, 7, 14, 12, 0),
]  # fmt: skip
# The same with identify = "sl" and a cut-off of -7.
LOSSES = [(4, 9, 9, 28.5, 1), (34, 7, 12, 14, 0), (35, 7, 18, 13, 1)]


def sgdata() -> pl.DataFrame:
    wide = pl.read_csv(DATA)
    return (
        wide.select("id", *[f"bdi_s{k}" for k in range(1, 13)])
        .unpivot(index="id", value_name="alliance")
        .select(
            client="id", week=pl.col("variable").str.extract(r"s(\d+)$").cast(pl.Int64), alliance="alliance"
        )
    )


def rows(found: pl.DataFrame) -> list[tuple[float, ...]]:
    return sorted(found.select("client", "start_week", "depth", "reversal_value", "reversed").rows())


@pytest.mark.parametrize("drop_missing", [False, True])
@pytest.mark.parametrize(
    ("kind", "cutoff", "expected"), [("sudden-gain", 7, GAINS), ("sudden-loss", -7, LOSSES)]
)
def test_agrees_with_r_row_for_row(
    kind: str, cutoff: float, expected: list[tuple[float, ...]], drop_missing: bool
) -> None:
    table = sgdata().drop_nulls() if drop_missing else sgdata()
    found = episodes(
        table.sample(fraction=1, shuffle=True, seed=1), kind, cutoff=cutoff, lower_is_better=True
    )
    assert rows(found) == expected
    assert set(found["kind"]) == {kind}


def slow(scores: list[float | None], cutoff: float, sign: int) -> list[int]:
    """The three criteria as they read, one case at a time; positions count from 1."""
    critical = {4: 2.7764451051977987, 3: 3.182446305284263, 2: 4.302652729696142}
    found = []
    for n in range(2, len(scores)):
        pre = [y for y in scores[max(0, n - 3) : n] if y is not None]
        post = [y for y in scores[n : n + 3] if y is not None]
        if scores[n - 1] is None or scores[n] is None or len(pre) < 2 or len(post) < 2:
            continue
        drop = scores[n - 1] - scores[n]  # type: ignore[operator]
        large = drop >= cutoff and drop >= 0.25 * scores[n - 1] if sign > 0 else drop <= -cutoff  # type: ignore[operator]
        df = len(pre) + len(post) - 2
        pooled = (
            (len(pre) - 1) * statistics.variance(pre) + (len(post) - 1) * statistics.variance(post)
        ) / df
        change = sign * (statistics.mean(pre) - statistics.mean(post))
        if large and change > critical[df] * pooled**0.5:
            found.append(n)
    return found


@pytest.mark.parametrize(("kind", "sign"), [("sudden-gain", 1), ("sudden-loss", -1)])
def test_agrees_with_the_rule_written_out_on_series_with_holes(kind: str, sign: int) -> None:
    rng = np.random.default_rng(11)
    n, k = 400, 9
    scores = rng.integers(0, 30, (n, 1)) + rng.integers(-9, 10, (n, k)) + 20
    missing = rng.random((n, k)) < 0.25
    cells = [
        [None if m else float(y) for y, m in zip(ys, ms, strict=True)]
        for ys, ms in zip(scores, missing, strict=True)
    ]
    table = pl.DataFrame(
        {
            "client": np.repeat(np.arange(n), k),
            "week": np.tile(np.arange(1, k + 1), n),
            "alliance": list(itertools.chain(*cells)),
        }
    )
    expected = [(i, t) for i, row in enumerate(cells) for t in slow(row, 5, sign)]
    found = episodes(table, kind, cutoff=5, lower_is_better=True)
    assert len(expected) > 5
    assert [(c, int(w)) for c, w in found.select("client", "start_week").rows()] == expected


def test_on_a_scale_where_higher_is_better_a_gain_is_a_rise() -> None:
    table = pl.DataFrame({"client": 1, "week": range(6), "alliance": [2.0, 2.2, 2.1, 5.0, 5.2, 5.1]})
    found = episodes(table, "sudden-gain", cutoff=1)
    assert found["start_week"].to_list() == [2.0]
    assert episodes(table, "sudden-loss", cutoff=1).is_empty()
    assert episodes(table, "sudden-loss", cutoff=1, lower_is_better=True).height == 1


def test_a_session_number_says_where_the_holes_are() -> None:
    table = pl.DataFrame(
        {"client": 1, "week": [0.0, 1.5, 2.5, 5.0, 9.0, 9.7], "alliance": [40, 40, 41, 20, 21, 20]}
    )
    assert episodes(table, "sudden-gain", cutoff=7, lower_is_better=True).height == 1
    apart = table.with_columns(session=pl.Series([1, 2, 3, 5, 6, 7]))
    assert episodes(apart, "sudden-gain", cutoff=7, lower_is_better=True).is_empty()


def test_a_gain_without_spread_counts_and_a_flat_line_does_not() -> None:
    step = pl.DataFrame({"client": 1, "week": range(4), "alliance": [9, 9, 3, 3]})
    assert episodes(step, "sudden-gain", cutoff=1, lower_is_better=True).height == 1
    flat = step.with_columns(alliance=pl.lit(5))
    assert episodes(flat, "sudden-gain", cutoff=0, lower_is_better=True).is_empty()


def test_two_thousand_cases_of_twelve_sessions_take_under_a_fifth_of_a_second() -> None:
    rng = np.random.default_rng(2)
    table = pl.DataFrame(
        {
            "client": np.repeat(np.arange(2000), 12),
            "week": np.tile(np.arange(1, 13), 2000),
            "alliance": (30 + rng.normal(0, 6, 24_000)).round(),
        }
    )
    episodes(table.head(24), "sudden-gain", cutoff=7, lower_is_better=True)
    began = time.perf_counter()
    episodes(table, "sudden-gain", cutoff=7, lower_is_better=True)
    assert time.perf_counter() - began < 0.2
