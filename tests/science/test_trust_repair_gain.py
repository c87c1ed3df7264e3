"""The repair gain in worlds with and without one. The margins put false alarms of this file below 1e-3."""

import polars as pl
import pytest

import reknit
from reknit.trust import Params
from reknit.trust.simulate import simulate

pytestmark = pytest.mark.science


def fitted(seed: int, gain: float) -> Params:
    table = simulate(1000, seed, "model", repair_gain=gain)
    return reknit.fit(table.select(pl.exclude("^true_.*$")))


def test_no_gain_is_not_found() -> None:
    """Four worlds without a gain: no estimate lies four standard errors from zero."""
    for seed in range(4):
        found = fitted(700 + seed, 0.0)
        assert abs(found.repair_gain) < 4 * found.se["repair_gain"]


def test_a_gain_is_found() -> None:
    found = fitted(710, 0.4)
    low, high = found.interval("repair_gain", 3.9)
    assert low < 0.4 < high
    assert found.repair_gain > 2 * found.se["repair_gain"]
