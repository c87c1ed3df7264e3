"""The limit of what can be known: calibrated, stable in the number of particles, more with more channels."""

import numpy as np
import polars as pl
import pytest

from reknit.cohort.evaluation.measures import area, calibration_error
from reknit.cohort.evaluation.oracle import limit, sum_of_items, t4_cdf
from reknit.trust.simulate import ForeignWorld, simulate

WORLD = ForeignWorld()


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return simulate(250, 5, "foreign", (6, 12), params=WORLD)


def judged(table: pl.DataFrame) -> np.ndarray:
    return (table["alliance"].is_not_null() & (table["session"] > 1)).to_numpy()


def test_the_closed_form_of_t_with_four_degrees_of_freedom() -> None:
    from scipy.stats import t

    x = np.linspace(-8, 8, 41)
    assert np.abs(t4_cdf(x) - t.cdf(x, 4)).max() < 1e-12


def test_the_sum_of_items_is_a_distribution_that_rises_with_the_latent_position() -> None:
    sums = sum_of_items(WORLD)
    assert np.abs(sums.sum(axis=1) - 1).max() < 1e-9
    mean = sums @ np.arange(sums.shape[1])
    assert (np.diff(mean) > -1e-9).all()
    assert mean[0] < 0.5
    assert mean[-1] > sums.shape[1] - 1.5


def test_the_item_distribution_is_that_of_the_simulator() -> None:
    still = ForeignWorld(
        level_sd=0, level_sd_therapist=0, level_sd_clinic=0, slope=0, slope_sd=0, style_sd=0, mood_sd=0,
        shock=0, rupture_rate=0, answered=1,
    )  # fmt: skip
    ratings = simulate(4000, 1, "foreign", (1, 1), params=still)["alliance"].to_numpy()
    seen = np.bincount(np.rint((ratings - 1) * 5).astype(int), minlength=31) / len(ratings)
    expected = sum_of_items(still)[round((still.level + 9) / 0.05)]
    assert np.abs(seen - expected).max() < 0.02  # 4,000 draws: three standard errors are below .018


@pytest.mark.parametrize("all_channels", [False, True])
def test_probabilities_are_calibrated_and_more_particles_change_little(
    table: pl.DataFrame, all_channels: bool
) -> None:
    few, many = (limit(table, WORLD, all_channels, particles=n, seed=3) for n in (400, 1600))
    rows, event = judged(table), (table["true_rupture"] == 1).to_numpy()
    p = many["p_rupture"].to_numpy()
    assert np.isfinite(many["p_rupture"].to_numpy()).all()
    assert calibration_error(p[rows], event[rows], bins=8) < 0.03
    assert abs(area(p[rows], event[rows]) - area(few["p_rupture"].to_numpy()[rows], event[rows])) < 0.02


def test_all_channels_tell_more_than_ratings_and_hindsight_more_than_foresight(table: pl.DataFrame) -> None:
    alone, every = (limit(table, WORLD, channels, particles=600) for channels in (False, True))
    rows, event = judged(table), (table["true_rupture"] == 1).to_numpy()
    rows &= every["p_rupture_next"].is_not_nan().to_numpy()
    areas = [area(p.to_numpy()[rows], event[rows]) for p in (alone["p_rupture"], every["p_rupture"])]
    assert areas[0] + 0.03 < areas[1]
    assert areas[1] < area(every["p_rupture_next"].to_numpy()[rows], event[rows]) + 0.02


def test_without_ruptures_in_the_world_none_are_believed() -> None:
    calm = ForeignWorld(rupture_rate=0.0)
    found = limit(simulate(30, 2, "foreign", params=calm), calm, True, particles=300)
    assert found["p_rupture"].max() == 0.0
