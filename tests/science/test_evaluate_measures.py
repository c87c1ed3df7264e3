"""Scores, baselines and report: small cases whose answer is known by hand."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reknit.cohort.evaluation.baselines import NAMES, fit_two_state, forecast, rated, smoothed
from reknit.cohort.evaluation.figures import Axis, lines, rows_of_dots
from reknit.cohort.evaluation.measures import area, calibration_error, caught_at, log_score, threshold_at
from reknit.cohort.evaluation.report import Section, cell, fill, markdown, slug, write
from reknit.trust.simulate import simulate


def test_area_counts_pairs_in_the_right_order_and_ties_as_half() -> None:
    event = np.array([False, False, True, True])
    assert area(np.array([1.0, 2.0, 3.0, 4.0]), event) == 1.0
    assert area(np.array([4.0, 3.0, 2.0, 1.0]), event) == 0.0
    assert area(np.ones(4), event) == 0.5
    assert area(np.array([1.0, 3.0, 2.0, 4.0]), event) == 0.75
    assert np.isnan(area(np.ones(4), np.ones(4, bool)))


def test_caught_spends_exactly_the_false_alarms_it_may() -> None:
    quiet, loud = np.arange(100.0), np.array([94.5, 95.5, 200.0])
    score = np.concatenate([quiet, loud])
    event = np.repeat([False, True], [100, 3])
    assert (quiet > threshold_at(score, event)).sum() in {4, 5}
    assert caught_at(score, event) == pytest.approx(2 / 3)


def test_a_score_that_knows_nothing_catches_as_many_as_it_falsely_alarms() -> None:
    event = np.repeat([False, True], [1000, 50])
    assert caught_at(np.zeros(1050), event) == pytest.approx(0.05)
    two_levels = np.tile([0.0, 1.0], 525)
    assert caught_at(two_levels, event) == pytest.approx(0.05)


def test_calibration_error_of_a_coin_and_of_a_braggart() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(size=200_000)
    event = rng.uniform(size=200_000) < p
    assert calibration_error(p, event) < 0.005
    assert calibration_error(np.ones(1000), np.tile([True, False], 500)) == pytest.approx(0.5)


def test_log_score_is_the_normal_density() -> None:
    score = log_score(np.array([1.0]), np.array([0.0]), np.array([2.0]))
    assert score[0] == pytest.approx(-0.5 * np.log(2 * np.pi) - np.log(2) - 0.125)


def test_smoothing_goes_from_the_mean_to_the_last_value() -> None:
    y, bounds = np.array([2.0, 4.0, 9.0, 1.0, 3.0]), np.array([0, 3, 5])
    assert smoothed(y, bounds, 1.0)[1:3].tolist() == [2.0, 4.0]
    assert smoothed(y, bounds, 0.0)[1:3].tolist() == [2.0, 3.0]
    assert np.isnan(smoothed(y, bounds, 0.5)[[0, 3]]).all()


def test_every_baseline_says_nothing_of_a_first_rating_and_something_of_all_others() -> None:
    train, test = (rated(simulate(60, seed, "foreign")) for seed in (1, 2))
    for name in NAMES:
        mean, sd = forecast(name, train, test)
        assert np.isnan(mean[test.bounds[:-1]]).all(), name
        later = test.count > 0
        assert np.isfinite(mean[later]).all(), name
        assert (sd[later] > 0).all(), name


def test_the_mixed_model_has_the_likelihood_of_statsmodels() -> None:
    mixed = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    rng = np.random.default_rng(3)
    people, week = np.repeat(np.arange(150), 8), np.tile(np.arange(8.0), 150)
    level, slope = rng.normal(5, 1, 150)[people], rng.normal(0.1, 0.2, 150)[people]
    y = level + slope * week + rng.normal(0, 0.5, len(week))
    data = rated(pl.DataFrame({"client": people, "week": week, "alliance": y}))
    design = np.column_stack([np.ones(len(data.y)), data.week])
    found = mixed.MixedLM(data.y, design, people, exog_re=design).fit(reml=False)
    _, loglik = fit_two_state("mixed model", data)
    assert loglik == pytest.approx(found.llf, abs=0.01)


def test_ratings_come_back_in_order_of_client_and_week() -> None:
    table = pl.DataFrame(
        {"client": [2, 1, 1, 2], "week": [5.0, 3.0, 1.0, 4.0], "alliance": [6.0, None, 2.0, 5.0]}
    )
    data = rated(table)
    assert data.y.tolist() == [2.0, 5.0, 6.0]
    assert data.week.tolist() == [0.0, 0.0, 1.0]
    assert data.bounds.tolist() == [0, 1, 3]
    assert data.row.tolist() == [2, 3, 0]


def test_cells_are_readable() -> None:
    assert [cell(value) for value in (None, float("nan"), 0.25, 1e-9, True, False, 7, "x")] == [
        "–", "–", "0.250", "1.0e-09", "yes", "**no**", "7", "x",
    ]  # fmt: skip
    assert slug("80 % held, by world") == "80-held-by-world"


def test_a_report_has_a_file_for_every_table_and_figure(tmp_path: Path) -> None:
    table = pl.DataFrame({"name": ["a"], "value": [0.5]})
    line = lines(
        "Figure", Axis("x", 0, 1, (0, 1)), Axis("y", 0, 1, (0, 1)), {"a": (np.arange(2.0), np.ones(2))}
    )
    path = write([Section("One", "Said.", {"First table": table}, {"Figure": line})], tmp_path, "# Top")
    text = path.read_text()
    assert "| a | 0.500 |" in text
    assert markdown(table) in text
    assert pl.read_csv(tmp_path / "first-table.csv").equals(table)
    assert (tmp_path / "figure.svg").read_text().startswith("<svg")


def test_figures_escape_names_and_stay_inside_their_frame() -> None:
    svg = rows_of_dots("a < b", Axis("share", 0, 1, (0, 1)), ["x & y"], {"one": [2.0]})
    assert "a &lt; b" in svg
    assert "x &amp; y" in svg
    assert 'cx="510.0"' in svg, "a value beyond the axis is drawn at its end"


def test_tables_find_their_places_in_a_page_and_the_rest_of_it_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Before.\n\n<!-- table: One -->\n\n| old |\n\n<!-- end -->\n\nAfter.\n", encoding="utf-8")
    table = pl.DataFrame({"a": [1.5]})
    section = Section("S", "", {"One": table, "Two": table}, {"A figure": "<svg/>"})
    assert fill(page, [section]) == ["Two"]
    text = page.read_text(encoding="utf-8")
    assert text.startswith("Before.")
    assert text.endswith("After.\n")
    assert "old" not in text
    assert markdown(table) in text
    assert (tmp_path / "page" / "a-figure.svg").exists()
    assert fill(page, [section]) == ["Two"]
    assert page.read_text(encoding="utf-8") == text
