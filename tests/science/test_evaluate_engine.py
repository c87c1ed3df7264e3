"""What the evaluation asks of the estimates, on development seeds and in sizes that take seconds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reknit.cohort.evaluation import nulls, pieces
from reknit.cohort.evaluation.calibration import coverage, draw_params
from reknit.cohort.evaluation.exactness import exactness
from reknit.cohort.evaluation.robustness import faults, hostile, robustness
from reknit.cohort.evaluation.worlds import DEVELOPMENT_WORLDS, REPORT_WORLDS, SEEDS, plan, seen_by
from reknit.trust.simulate import simulate
from reknit.trust.table import estimate

QUICK = plan(True, "development")


def test_development_and_report_share_neither_seeds_nor_worlds() -> None:
    assert abs(SEEDS["report"] - SEEDS["development"]) > 20_000, "no run reaches the other's seeds"
    assert not set(DEVELOPMENT_WORLDS) & set(REPORT_WORLDS)
    assert not set(DEVELOPMENT_WORLDS.values()) & set(REPORT_WORLDS.values())
    with pytest.raises(ValueError, match="seeds"):
        plan(True, "other")


@pytest.mark.filterwarnings("ignore:The MLE may be on the boundary")
def test_the_filter_agrees_with_enumeration_and_with_other_libraries() -> None:
    table = exactness(QUICK)
    wrong = table.filter(~pl.col("holds"))
    assert wrong.height == 0, wrong.to_dicts()


def test_no_hostile_series_breaks_an_estimate() -> None:
    found = robustness(QUICK)
    assert found.height == len(list(hostile(1)))
    assert found["faults"].sum() == 0, found.filter(pl.col("faults") > 0).to_dicts()
    assert found["faults when smoothed"].sum() == 0, found.to_dicts()


def test_a_run_goes_on_where_it_stood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["calibration", "robustness"]
    monkeypatch.setattr(pieces, "names", lambda plan, series: wanted)
    told: list[str] = []
    first = pieces.run(QUICK, None, tmp_path, 1, lambda share, name: told.append(name))
    again = pieces.run(QUICK, None, tmp_path, 1, lambda share, name: told.append(name))
    assert told == wanted
    assert set(first) == {"calibration", "ranks", "robustness"}
    assert all(first[title].equals(again[title]) for title in first)
    assert pieces.stamp(QUICK) != pieces.stamp(replace(QUICK, small=7))


def test_what_is_said_of_an_episode_is_as_often_true_on_the_models_own_worlds() -> None:
    found = nulls.of_the_model(replace(QUICK, calibration=16), 300)
    for (asked, claim), one in found.group_by("asked", "claim"):
        said, true = one["said"].to_numpy(), one["true"].to_numpy()
        error = 4 * np.sqrt(np.mean(true) * (1 - np.mean(true)) / len(true))
        assert abs(said.mean() - true.mean()) < 0.06 + error, (asked, claim)
        assert np.mean((said - true) ** 2) < 0.9 * np.mean(true) * (1 - np.mean(true)), (asked, claim)
        sure = said >= 0.75
        assert true[sure].mean() > said[sure].mean() - 0.12, (asked, claim)


def test_faults_are_counted() -> None:
    good = estimate(simulate(3, 1, "model"))
    assert faults(good) == 0
    assert faults(good.with_columns(trust=pl.lit(float("nan")))) >= good.height
    assert faults(good.with_columns(trust_lo80=pl.col("trust_hi80") + 1)) >= good.height
    assert faults(good.with_columns(p_rupture=pl.lit(1.5))) == good.height


@pytest.mark.parametrize("draw", range(3))
def test_intervals_hold_what_they_say_on_the_models_own_worlds(draw: int) -> None:
    params = draw_params(40 + draw)
    table = simulate(400, 50 + draw, "model", (6, 16), params=params)
    held80, held95 = coverage(table, estimate(seen_by(table, True), params))
    # 400 relationships of some 10 correlated sessions: a standard error of about .012
    assert 0.74 < held80 < 0.86
    assert 0.90 < held95 < 0.98


def test_truth_is_kept_from_what_is_seen() -> None:
    table = simulate(5, 1, "foreign")
    assert not [name for name in seen_by(table, True).columns if name.startswith("true_")]
    assert seen_by(table, False).columns == ["client", "therapist", "clinic", "session", "week", "alliance"]


@pytest.mark.science
def test_a_fitted_model_reaches_the_limit_on_a_world_that_is_not_the_model() -> None:
    from reknit.cohort.evaluation.detection import detection
    from reknit.cohort.evaluation.trial import trial

    for all_channels in (False, True):
        one = trial("everyday", QUICK, all_channels)
        found = detection(one)
        model = found.filter(pl.col("detector") == "model, fitted").row(0, named=True)
        published = found.filter(~pl.col("detector").str.contains("model|limit|taught"))
        assert model["of the limit"] > 0.9
        assert model["AUC below limit"] < 0.03
        assert model["caught"] > published["caught"].max() - 0.02  # type: ignore[operator]
        assert np.isfinite(found["AUC"].to_numpy()).all()
