"""Each rule on series small enough to reckon by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from reknit.criteria import COLUMNS, CRITERIA, episodes, score
from reknit.criteria.reliable_change import reliable_change_index
from reknit.trust.refusals import TableError


def table(*people: list[float | None], **more: Any) -> pl.DataFrame:
    rows = [(f"c{k}", t, y) for k, ratings in enumerate(people) for t, y in enumerate(ratings)]
    frame = pl.DataFrame(
        rows, schema={"client": pl.String, "week": pl.Float64, "alliance": pl.Float64}, orient="row"
    )
    return frame.with_columns(**{name: pl.Series(values) for name, values in more.items()})


def test_reliable_change_is_the_published_formula() -> None:
    # Jacobson & Truax (1991), p. 14: pre 32.5, post 47.5, SD 10, reliability .80 gives 2.37.
    index = reliable_change_index(np.array([32.5]), np.array([47.5]), 10.0, 0.80)
    assert index[0] == pytest.approx(2.37, abs=0.005)
    assert index[0] == pytest.approx(15 / (10 * math.sqrt(2) * math.sqrt(0.2)))


@pytest.mark.parametrize(
    ("sd", "reliability"), [(0.0, 0.8), (-1.0, 0.8), (1.0, 1.0), (1.0, -0.1), (math.nan, 0.8)]
)
def test_reliable_change_refuses_impossible_instruments(sd: float, reliability: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        reliable_change_index(np.zeros(1), np.ones(1), sd, reliability)


def test_reliable_falls_use_the_spread_of_first_ratings() -> None:
    # First ratings 4 and 6: SD1 = sqrt(2); reliability .5: beyond 1.96 * sqrt(2) * sqrt(2) * sqrt(.5) = 2.77
    data = table([4, 6.8, 4.1, 4], [6, 3.2, 6, 6])
    found = episodes(data, "reliable-change", reliability=0.5)
    assert found.select("client", "start_week", "low_week", "end_week", "kind").rows() == [
        ("c1", 0.0, 1.0, 2.0, "rupture-repair")
    ]
    assert found["depth"].to_list() == pytest.approx([2.8])
    assert episodes(data, "reliable-change", cutoff=2.6).height == 2
    assert score(data, "reliable-change", reliability=0.5)[5] == pytest.approx(2.8 / math.sqrt(2))


def test_stiles_and_strauss_differ_by_the_size_of_the_fall() -> None:
    ratings = [5, 5.5, 5, 5.5, 4.4, 5.5, 5, 2.5, 5, 5.5, *[5, 5.5] * 8]
    changes = np.diff(ratings)
    sd = changes.std(ddof=1)
    large = episodes(table(ratings), "stiles2004")
    assert large.select("start_week", "low_week", "end_week", "kind", "exceeded").rows() == [
        (6.0, 7.0, 8.0, "rupture-repair", 1)
    ]
    assert -changes[6] >= 2 * sd > -changes[3]
    assert episodes(table(ratings), "strauss2006")["start_week"].to_list() == [3.0, 6.0]
    assert score(table(ratings), "stiles2004")[7] == pytest.approx(2.5 / sd)


def test_a_fall_that_stays_is_a_rupture_without_repair() -> None:
    found = episodes(table([5, 5, 5, 5, 2, 2, 3, 2, 2, 2]), "stiles2004")
    assert found.select("kind", "depth", "recovered", "exceeded", "end_week").rows() == [
        ("rupture", 3.0, pytest.approx(1 / 3), 0, 9.0)
    ]


def test_gumz_adds_up_a_run_of_falls() -> None:
    people = ([5, 6, 5.5, 5, 4.2, 6, 6.0], [4, 4.1, 4, 4.1, 4, 4.1, 4.0])
    found = episodes(table(*people), "gumz2012")
    means = [np.mean(p) for p in people]
    assert np.std(people[0], ddof=1) < np.std(means, ddof=1) < 1.8
    assert found.select("client", "start_week", "low_week", "depth").rows() == [
        ("c0", 1.0, 4.0, pytest.approx(1.8))
    ]


def test_the_control_chart_uses_the_moving_range_of_the_baseline() -> None:
    # Baseline 5 6 5 6 5: centre 5.4, mean moving range 1, sigma 1 / 1.128 = .8865.
    data = table([5, 6, 5, 6, 5, 5, 2.7, 5.4])
    assert score(data, "control-chart", length=5, steady=0)[6] == pytest.approx((5.4 - 2.7) * 1.128)
    found = episodes(data, "control-chart")
    assert found.select("start_week", "low_week", "end_week", "depth").rows() == [
        (5.0, 6.0, 7.0, pytest.approx(2.7))
    ]
    assert episodes(table([5, 6, 5, 6, 5, 5, 2.8, 5]), "control-chart").is_empty()


def test_two_of_three_ratings_beyond_two_sigma_raise_an_alarm() -> None:
    found = episodes(table([5, 6, 5, 6, 5, 3.5, 5, 3.5, 6]), "control-chart")
    assert found["alarm_week"].to_list() == [7.0]


def test_ewma_and_cusum_follow_their_recursions() -> None:
    ratings = [5, 6, 5, 6, 5, 4, 4, 3, 4, 3.0]
    centre, sigma = 5.4, 1 / 1.128
    x = [math.nan, math.nan]
    for t in range(2, 5):
        part = ratings[:t]
        spread = np.abs(np.diff(part)).mean() / 1.128
        x.append((np.mean(part) - ratings[t]) / spread)
    x += [(centre - y) / sigma for y in ratings[5:]]
    z = total = 0.0
    moving, sums = [], []
    for t in range(2, len(ratings)):
        z = 0.2 * x[t] + 0.8 * z
        moving.append(z / math.sqrt(0.2 / 1.8 * (1 - 0.8 ** (2 * (t - 1)))))
        total = max(0.0, total + x[t] - 0.5)
        sums.append(total)
    own = {"length": 5, "steady": 0}
    assert score(table(ratings), "ewma", **own)[2:] == pytest.approx(moving)
    assert score(table(ratings), "cusum", **own)[2:] == pytest.approx(sums)
    crossed = 2 + int(np.argmax(np.array(sums) > 4))
    assert episodes(table(ratings), "cusum", **own)["alarm_week"].to_list() == [float(crossed)]


def test_the_baseline_is_steadied_by_the_sample() -> None:
    # Moving ranges 1, 2 and 3, 4: average 2.5; at the second rating there is no range of one's own.
    data = table([5, 4, 6], [5, 2, 6])
    scores = score(data, "control-chart", steady=2)
    assert np.isnan(scores[[0, 3]]).all()
    assert scores[1] == pytest.approx((5 - 4) / 2.5 * 1.128)
    assert scores[2] == pytest.approx((4.5 - 6) / ((1 + 2 * 2.5) / 3) * 1.128)


def test_the_vendors_rule_scales_with_the_instrument() -> None:
    frame = table([38, 37.5, 36.4, 35.9, 40])
    found = episodes(frame, "openfit", scale=(0, 40))
    assert found["alarm_week"].to_list() == [2.0]
    assert score(frame, "openfit", scale=(0, 40))[1:] == pytest.approx([0.5, 1.1, 1.1, -3])
    assert episodes(frame, "openfit", scale=(0, 40), cutoff=39)["alarm_week"][0] == 0.0


def test_expected_response_is_the_regression_on_start_and_log_session() -> None:
    rng = np.random.default_rng(3)
    people = [list(np.clip(rng.normal(5, 0.8) + rng.normal(0, 0.3, 8), 1, 7)) for _ in range(40)]
    people[0][5] = 1.0
    found = episodes(table(*people), "expected-response")
    assert ("c0", 5.0) in found.select("client", "alarm_week").rows()
    scores = score(table(*people), "expected-response")
    assert np.isnan(scores[0])
    assert np.nanargmax(scores) == 5


def test_observed_reads_reports_and_recorded_repairs() -> None:
    frame = table([5, 5, None, 5, 5, 4], difficulty=[0, 0, 2, None, 0, 1], repair=[0, 0, 0, None, 2, 0])
    found = episodes(frame, "observed")
    assert found.select("start_week", "alarm_week", "end_week", "kind").rows() == [
        (1.0, 2.0, 4.0, "rupture-repair"),
        (4.0, 5.0, 5.0, "rupture"),
    ]
    assert episodes(frame, "observed", least=2).height == 1
    assert np.array_equal(score(frame, "observed"), [0, 0, 2, np.nan, 0, 1], equal_nan=True)


def test_observed_counts_a_report_at_the_very_first_session() -> None:
    found = episodes(table([4, 5, 5], difficulty=[1, 0, 0]), "observed")
    assert found.select("start_week", "alarm_week").rows() == [(0.0, 0.0)]


@pytest.mark.parametrize("name", CRITERIA)
def test_every_criterion_returns_the_contract_columns(name: str) -> None:
    rng = np.random.default_rng(4)
    people = [list(np.clip(rng.normal(5, 1, 10), 1, 7)) for _ in range(30)]
    frame = table(*people, difficulty=rng.integers(0, 3, 300), repair=rng.integers(0, 3, 300))
    found = episodes(frame, name)
    assert tuple(found.columns[: len(COLUMNS)]) == COLUMNS
    assert set(found["criterion"]) <= {name}
    assert found["depth"].fill_null(0).is_between(0, 6.01).all()
    assert found["recovered"].drop_nulls().is_between(0, 1).all()
    assert set(found["exceeded"].drop_nulls()) <= {0, 1}
    assert (found["start_week"] <= found["end_week"]).all()


@pytest.mark.parametrize("name", [name for name, rule in CRITERIA.items() if rule.score])
def test_a_score_looks_at_nothing_after_its_session(name: str) -> None:
    rng = np.random.default_rng(5)
    people = [list(np.clip(rng.normal(5, 1, 8), 1, 7)) for _ in range(12)]
    whole = table(*people, difficulty=rng.integers(0, 3, 96))
    spoilt = whole.with_columns(
        alliance=pl.when((pl.col("client") == "c0") & (pl.col("week") > 4)).then(1.0).otherwise("alliance")
    )
    if name in ("expected-response", "stiles2004", "strauss2006", "gumz2012"):
        # A spread over persons is the reference sample's: it moves a little, the ranking within it does not.
        first, second = score(whole, name)[:5], score(spoilt, name)[:5]
        assert np.array_equal(np.argsort(first), np.argsort(second))
    else:
        own = {"steady": 0} if name in ("control-chart", "ewma", "cusum") else {}
        assert score(whole, name, **own)[:5] == pytest.approx(score(spoilt, name, **own)[:5], nan_ok=True)


@pytest.mark.parametrize("name", [name for name in CRITERIA if name != "model"])
def test_hostile_series_are_survived(name: str) -> None:
    frames = [
        table([5.0]),
        table([5.0, 5.0]),
        table([None, None, None]),
        table([7.0] * 12, [None, 4.0, None], [1.0]),
        table([5.0, 1.0] * 8),
    ]
    for frame in frames:
        with_channels = frame.with_columns(difficulty=pl.lit(None, dtype=pl.Int64), repair=pl.lit(0))
        found = episodes(with_channels, name)
        assert found.columns[: len(COLUMNS)] == list(COLUMNS)
        if CRITERIA[name].score:
            assert len(score(with_channels, name)) == frame.height
    with pytest.raises(TableError, match="no rows"):
        episodes(table().with_columns(difficulty=1, repair=0), name)


def test_two_therapists_are_two_relationships_and_order_does_not_matter() -> None:
    frame = pl.concat([table([5, 5, 5, 5, 1, 5]).with_columns(therapist=pl.lit(t)) for t in ("x", "y")])
    found = episodes(frame.sample(fraction=1, shuffle=True, seed=3), "strauss2006")
    assert sorted(found.select("client", "therapist", "start_week").rows()) == [
        ("c0", "x", 3.0),
        ("c0", "y", 3.0),
    ]


def test_identifiers_keep_their_type() -> None:
    frame = table([5, 5, 5, 5, 1, 5]).with_columns(client=pl.lit(7))
    assert episodes(frame, "strauss2006")["client"].to_list() == [7]


def test_lower_is_better_mirrors_the_scale() -> None:
    frame = table([5, 5.5, 5, 5.5, 2, 5, 5.5])
    mirrored = frame.with_columns(alliance=8 - pl.col("alliance"))
    for name in ("stiles2004", "gumz2012", "control-chart", "openfit"):
        plain = episodes(frame, name).drop("client")
        assert plain.equals(episodes(mirrored, name, lower_is_better=True).drop("client")), name


def test_pandas_and_pyarrow_come_back_as_they_came() -> None:
    frame = table([5, 5, 5, 5, 1, 5])
    assert isinstance(episodes(frame.to_pandas(), "stiles2004"), pd.DataFrame)
    assert isinstance(episodes(frame.to_arrow(), "stiles2004"), pa.Table)
    with pytest.raises(TableError, match="Polars, pandas or PyArrow"):
        episodes([1, 2], "stiles2004")


def test_all_runs_what_the_columns_allow() -> None:
    found = episodes(table([5, 6, 5, 6, 5, 2, 5, 6] * 2), "all", cutoff=2)
    assert "strauss2006" in set(found["criterion"])
    assert "observed" not in set(found["criterion"])


@pytest.mark.parametrize(
    ("kwargs", "said"),
    [
        ({"criterion": "stiles"}, "unknown criterion 'stiles'"),
        ({"criterion": "stiles2004", "cutoff": 2}, "takes no cut-off"),
        ({"criterion": "stiles2004", "limit": 2}, "limit"),
        ({"criterion": "observed"}, "column difficulty is missing"),
        ({"criterion": "ewma", "weight": 0}, "the weight must be"),
        ({"criterion": "all", "sds": 2}, "name the criterion"),
        ({"criterion": "stiles2004", "scale": (7, 1)}, "must be below"),
    ],
)
def test_misuse_is_refused(kwargs: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        episodes(table([5, 6, 5]), **kwargs)


def test_a_rule_that_needs_later_sessions_has_no_score() -> None:
    with pytest.raises(ValueError, match="needs later sessions"):
        score(table([5, 6, 5]), "sudden-loss")
