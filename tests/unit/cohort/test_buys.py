"""What trust buys: deviations, instruments and intervals against what is known in closed form."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from reknit.cohort import panel as panels
from reknit.cohort.buys import buys, first_stage, instrumented
from reknit.cohort.clinics import clinic
from reknit.cohort.friction import OUTCOMES, summary, with_trust
from reknit.cohort.panel import at_risk, lagged

MISSED, IMPROVED = OUTCOMES[0], OUTCOMES[-1]


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return with_trust(clinic(120, seed=11).table)


def test_forward_deviations_take_away_a_persons_level_and_keep_noise_white():
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(400), 6)
    noise = rng.normal(size=len(group))
    deviate, keep = panels._forward(group)
    assert np.allclose(deviate(noise + 100.0 * group)[keep], deviate(noise)[keep], atol=1e-6)
    assert keep.sum() == 400 * 5
    assert deviate(noise)[keep].std() == pytest.approx(1.0, abs=0.05)
    last = group * 6 + 5
    assert deviate(noise)[4] == pytest.approx((noise[4] - noise[last[0]]) / np.sqrt(2))


def test_recursive_residuals_take_away_level_and_trend_and_see_no_later_row():
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(50), 9)
    trend = np.tile(np.log1p(np.arange(9)), 50)
    noise = rng.normal(size=len(group))
    deviate, keep = panels._recursive(group, trend, 3)
    lines = 5.0 * group + (group % 7) * trend
    assert np.allclose(deviate(noise + lines)[keep], deviate(noise)[keep], atol=1e-6)
    changed = noise.copy()
    changed[8::9] += 50.0  # the last row of each
    before, after = deviate(noise)[keep], deviate(changed)[keep]
    assert np.allclose(before.reshape(50, 6)[:, :5], after.reshape(50, 6)[:, :5])


def test_the_exposure_is_known_before_the_outcome(table):
    """Changing what is missed from a session on changes no trust and no instrument up to it."""
    rows = table.with_row_index().with_columns(
        missed=pl.when(pl.col("index") % 2 == 0).then(1 - pl.col("missed")).otherwise(pl.col("missed"))
    )
    again = with_trust(rows.drop("trust", "index"))
    assert again.get_column("trust").equals(table.get_column("trust"))


def test_coefficient_is_two_stage_least_squares(table):
    """By hand with statsmodels' ordinary regressions, stage after stage."""
    found = lagged(table, MISSED)
    estimate, _se = instrumented(found)
    controls = found.controls[:, np.linalg.norm(found.controls, axis=0) > 0]
    first = np.column_stack([found.z, controls])
    fitted = np.column_stack([sm.OLS(column, first).fit().fittedvalues for column in found.x.T])
    second = sm.OLS(found.y, np.column_stack([fitted, controls])).fit()
    assert estimate == pytest.approx(float(second.params[0]), rel=1e-6)


def test_clustered_error_is_statsmodels_where_trust_is_its_own_instrument(table):
    found = at_risk(table, IMPROVED)
    own = panels.Panel(found.group, found.y, found.x, found.x, found.controls, found.level_y, found.level_x)
    estimate, se = instrumented(own)
    fit = sm.OLS(found.y, np.column_stack([found.x, found.controls])).fit(
        cov_type="cluster", cov_kwds={"groups": found.group, "use_correction": False}
    )
    groups = len(np.unique(found.group))
    assert estimate == pytest.approx(float(fit.params[0]), rel=1e-6)
    assert se == pytest.approx(float(fit.bse[0]) * np.sqrt(groups / (groups - 1)), rel=1e-6)


def test_instrument_is_strong_and_after_improvement_nobody_is_at_risk(table):
    assert first_stage(lagged(table, MISSED)) > 12
    risk = at_risk(table, IMPROVED)
    per_person = pl.DataFrame({"g": risk.group, "y": risk.y}).group_by("g").agg(pl.col("y").sum())
    assert per_person.get_column("y").max() <= 1


def test_too_little_is_said_to_be_too_little_and_claims_nothing():
    few = with_trust(clinic(20, seed=3).table)
    for effect in buys(few):
        assert not effect.is_enough
        assert effect.lo is None
        assert not effect.is_claimed


def test_joint_intervals_widen_with_the_number_of_outcomes(table):
    alone = buys(table.select("client", "week", "rating", "trust", "missed"))[0]
    among = buys(table)[0]
    assert among.estimate == alone.estimate
    assert among.hi - among.lo > alone.hi - alone.lo


@pytest.mark.parametrize(
    "broken",
    [
        lambda t: t.with_columns(rating=pl.lit(None, pl.Float64)),
        lambda t: t.with_columns(rating=pl.lit(10.0)),
        lambda t: t.with_columns(missed=pl.lit(0.0)),
        lambda t: t.head(1),
        lambda t: t.head(0),
        lambda t: t.with_columns(words=pl.lit(None, pl.Float64)),
    ],
)
def test_no_table_makes_it_fail_or_say_something_that_is_no_number(table, broken):
    for effect in buys(with_trust(broken(table.drop("trust")))):
        ends = [effect.lo, effect.hi, effect.estimate]
        assert all(end is None or np.isfinite(end) for end in ends)


def test_friction_of_a_relationship_is_the_mean_over_its_sessions(table):
    one = summary(table)
    first = table.filter(pl.col("client") == one.get_column("client")[0])
    assert one.get_column("missed")[0] == pytest.approx(first.get_column("missed").mean())
    assert "improved" not in one.columns
