"""What is added to a standard error besides what the sessions say: groups, and what the model gets wrong."""

import numpy as np
import polars as pl
import pytest

import reknit
from reknit.cohort.evaluation.controls import SEED, draw_world, systematic, table_of
from reknit.cohort.evaluation.worlds import SEEDS
from reknit.trust.engine import Rows
from reknit.trust.fit import SYSTEMATIC
from reknit.trust.pool import levels, pool, variance_of_mean
from reknit.trust.simulate import simulate


def test_the_systematic_error_is_told_from_chance() -> None:
    rng = np.random.default_rng(5)
    se = rng.uniform(0.02, 0.08, 4000)
    mean, sd = systematic(0.05 + np.hypot(0.03, se) * rng.normal(size=4000), se)
    assert mean == pytest.approx(0.05, abs=0.004)
    assert sd == pytest.approx(0.03, abs=0.005)
    _, none = systematic(se * rng.normal(size=4000), se)
    assert none < 0.012


def test_controls_differ_and_are_used_for_nothing_else() -> None:
    worlds = [draw_world(SEED + i, 0.0) for i in range(20)]
    assert len({world.depth for world in worlds}) == 20
    assert all(sum(world.steps) == pytest.approx(1) for world in worlds)
    assert SEED not in SEEDS.values()
    gains = [table_of(number, 5)[1] for number in range(8)]
    assert gains.count(0.0) == 4
    assert "therapist_guess" in table_of(5, 5)[0].columns
    assert "therapist_guess" not in table_of(0, 5)[0].columns


def grouped(spread: float) -> tuple[dict[str, np.ndarray], Rows, np.ndarray]:
    """400 relationships of 20 therapists whose effects have this sd: one session each, noise .1."""
    rng = np.random.default_rng(6)
    therapist = np.repeat(np.arange(20), 20)
    level = spread * rng.normal(size=20)[therapist] + 0.1 * rng.normal(size=400)
    rows = Rows(np.arange(401), np.zeros(400), np.full(400, 0.5))
    return {"therapist": therapist.astype(np.str_)}, rows, level / (spread**2 + 0.1**2)


def test_the_mean_start_is_known_no_better_than_its_groups_allow() -> None:
    groups, rows, scores = grouped(0.2)
    found = list(levels(groups, rows, scores))
    assert variance_of_mean(found) == pytest.approx(0.2**2 / 20, rel=0.6)
    assert len(pool(found)) == 40
    alike = list(levels(*grouped(0.0)))
    assert variance_of_mean(alike) < 0.1**2 / 400
    assert variance_of_mean([]) == 0.0


def test_a_fit_carries_both() -> None:
    table = simulate(240, 8, "model", therapist_share=0.5).select(pl.exclude("^true_.*$"))
    alone = reknit.fit(table.drop("therapist", "clinic"))
    known = reknit.fit(table)
    assert known.se["bond_mean"] > 1.15 * alone.se["bond_mean"]
    assert known.se["rating_sd"] == pytest.approx(alone.se["rating_sd"], rel=0.05)
    for name in ("repair_gain", "therapist_slope"):
        assert known.se[name] > SYSTEMATIC[name][1]
    at = known.free.index("bond_mean")
    assert known.cov[at][at] == pytest.approx(known.se["bond_mean"] ** 2)
