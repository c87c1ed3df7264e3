"""One relationship in, estimates out; smoothing, recovery and thresholds."""

import time

import numpy as np
import pytest

from reknit.trust import DEFAULT, Params, Reason, Series, estimate_series, reason_text, recovery, threshold

RNG = np.random.default_rng(5)
DIP = np.concatenate([7 + 0.4 * RNG.normal(size=10), 4.5 + 0.4 * RNG.normal(size=4)])


def dip(n: int = 14) -> Series:
    return Series(week=np.arange(n), rating=DIP[:n])


def test_order_of_the_input_does_not_matter() -> None:
    order = RNG.permutation(14)
    shuffled = Series(week=np.arange(14)[order], rating=DIP[order])
    assert estimate_series(dip()) == estimate_series(shuffled)


def test_the_scale_only_stretches() -> None:
    small = estimate_series(Series(week=np.arange(14), rating=1 + 0.6 * DIP, scale=(1, 7)))[-1]
    large = estimate_series(dip())[-1]
    assert small.trust == pytest.approx(1 + 0.6 * large.trust)
    assert small.next_sd == pytest.approx(0.6 * large.next_sd)
    assert small.p_rupture == pytest.approx(large.p_rupture)


def test_smoothing_knows_better_afterwards() -> None:
    one_sided, both = estimate_series(dip()), estimate_series(dip(), smooth=True)
    assert both[10].p_rupture > 0.9
    assert both[-1].trust == pytest.approx(one_sided[-1].trust)
    assert both[5].trust_hi80 - both[5].trust_lo80 < one_sided[5].trust_hi80 - one_sided[5].trust_lo80


def test_reasons_are_ranked_and_readable() -> None:
    said = np.zeros(14, int)
    said[10] = 2
    estimate = estimate_series(Series(week=np.arange(14), rating=DIP, difficulty=said))[10]
    assert [r.code for r in estimate.reasons[:2]] == ["rating_fell", "difficulty_said"]
    assert abs(estimate.reasons[0].weight) >= abs(estimate.reasons[1].weight)
    assert reason_text(estimate.reasons).startswith("The rating was lower than expected")
    assert reason_text([]) == "Nothing stood out."
    assert reason_text([Reason("missed", 1.0)]) == "The session was missed."


def test_recovery_is_judged_against_the_forecast_not_the_dip() -> None:
    down = recovery(dip(), 10)
    assert down.p_restored < 0.1
    assert down.expected == pytest.approx(7, abs=0.7)
    back = np.concatenate([DIP, 7.1 + 0.3 * RNG.normal(size=6)])
    up = recovery(Series(week=np.arange(20), rating=back), 10)
    assert up.p_restored > 3 * down.p_restored
    assert up.expected == pytest.approx(7.5, abs=1)
    assert up.p_exceeded < up.p_restored
    with pytest.raises(ValueError, match="start must be between"):
        recovery(dip(), -1)


def test_threshold_keeps_its_rate() -> None:
    p = RNG.uniform(size=2000)
    assert (p > threshold(p, 5)).mean() == pytest.approx(0.05, abs=0.001)
    with pytest.raises(ValueError, match="no session"):
        threshold([], 5)
    with pytest.raises(ValueError, match="between 0 and 100"):
        threshold(p, 0)


def test_bad_series_are_refused() -> None:
    with pytest.raises(ValueError, match="week must be a number"):
        estimate_series(Series(week=[0, np.nan], rating=[1, 2]))
    with pytest.raises(ValueError, match="difficulty has 1 entries"):
        estimate_series(Series(week=[0, 1], rating=[1, 2], difficulty=[0]))
    with pytest.raises(ValueError, match="first number must be below"):
        estimate_series(Series(week=[0], rating=[1], scale=(7, 1)))
    assert estimate_series(Series(week=[], rating=[])) == []


def test_one_update_takes_milliseconds_at_most() -> None:
    series = Series(week=np.arange(40), rating=np.full(40, 7.0))
    estimate_series(series)
    best = min(_timed(series) for _ in range(20))
    assert best < 0.005  # a fifth of this when the machine is free


def _timed(series: Series) -> float:
    start = time.perf_counter()
    estimate_series(series)
    return time.perf_counter() - start


def test_params_survive_json_and_refuse_nonsense() -> None:
    changed = DEFAULT.with_values(repair_gain=0.2)
    assert Params.from_json(changed.to_json()) == changed
    assert changed.repair_gain == 0.2
    with pytest.raises(ValueError, match="unknown parameter"):
        Params(values={"charm": 1.0})
    with pytest.raises(ValueError, match="not a finite number"):
        DEFAULT.with_values(rating_sd=float("nan"))
    with pytest.raises(ValueError, match="not a Reknit parameter file"):
        Params.from_json("{}")
