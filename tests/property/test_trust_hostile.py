"""No input makes the estimate return NaN, an interval turned round or a probability outside (0, 1)."""

import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reknit.trust import DEFAULT, Estimate, Params, Series, estimate_series, recovery
from reknit.trust.spec import SPECS, to_natural

RATING = st.one_of(st.just(math.nan), st.just(0.0), st.just(10.0), st.floats(-5, 15))
WEEK = st.one_of(st.integers(0, 3).map(float), st.floats(0, 5000))
FREE = st.floats(-3, 3)


@st.composite
def series(draw: st.DrawFn) -> Series:
    n = draw(st.integers(1, 12))

    def column(of: st.SearchStrategy[Any]) -> Any:
        return draw(st.one_of(st.none(), st.lists(of, min_size=n, max_size=n)))

    return Series(
        week=draw(st.lists(WEEK, min_size=n, max_size=n)),
        rating=draw(st.lists(RATING, min_size=n, max_size=n)),
        difficulty=column(st.integers(-1, 2)),
        attended=column(st.integers(-1, 1)),
        repair=column(st.integers(-1, 2)),
        therapist_rating=column(RATING),
        therapist_guess=column(RATING),
        care=column(st.floats(0, 1)),
    )


def sound(estimate: Estimate) -> bool:
    e = estimate
    numbers = (e.trust, e.bond, e.strain, e.next_mean, e.next_sd, e.trust_lo95, e.trust_hi95)
    chances = (e.p_rupture, e.p_strain, e.p_repair, e.p_dropout)
    ordered = e.trust_lo95 <= e.trust_lo80 <= e.trust_hi80 <= e.trust_hi95
    return (
        all(map(math.isfinite, numbers))
        and ordered
        and all(0 <= p <= 1 for p in chances)
        and e.next_sd > 0
        and 0 <= e.next_mean <= 10
    )


@settings(max_examples=300, deadline=None)
@given(series(), st.booleans())
def test_estimates_are_sound_whatever_comes(given_series: Series, smooth: bool) -> None:
    for estimate in estimate_series(given_series, smooth=smooth):
        assert sound(estimate), estimate


@st.composite
def params(draw: st.DrawFn) -> Params:
    """Parameters up to three units of the free scale away from the defaults."""
    from reknit.trust.spec import to_free

    values = {
        spec.name: to_natural(spec.name, to_free(spec.name, spec.default) + draw(FREE))
        for spec in SPECS
        if spec.prior_sd > 0 and spec.kind != "real"
    }
    return DEFAULT.with_values(**values)


@settings(max_examples=200, deadline=None)
@given(series(), params())
def test_estimates_are_sound_with_strange_parameters(given_series: Series, strange: Params) -> None:
    for estimate in estimate_series(given_series, strange):
        assert sound(estimate), estimate


@settings(max_examples=100, deadline=None)
@given(series(), st.integers(1, 11))
def test_recovery_is_sound(given_series: Series, start: int) -> None:
    if start >= len(given_series):
        return
    found = recovery(given_series, start)
    assert math.isfinite(found.expected)
    assert found.expected_sd > 0
    assert 0 <= found.p_exceeded <= found.p_restored <= 1


def test_long_constant_ceiling_and_years_of_silence() -> None:
    top = Series(week=np.arange(300), rating=np.full(300, 10.0))
    assert all(map(sound, estimate_series(top, smooth=True)))
    years = Series(week=[0, 0, 0, 3000, 90000], rating=[10, 0, 10, 0, 10])
    assert all(map(sound, estimate_series(years, smooth=True)))
    assert all(map(sound, estimate_series(Series(week=np.arange(5), rating=np.full(5, np.nan)))))
