"""The filter where others know the answer, and what its probabilities must be like."""

import numpy as np
import pytest
from scipy.stats import norm

from reknit.trust import DEFAULT, Series, estimate_series
from reknit.trust import layout as at
from reknit.trust.engine import Rows, run_filter
from reknit.trust.gauss import bounded_moments, normal_cdf, unbend

OFF = 1e-12
QUIET = dict.fromkeys(("rupture_rate", "rupture_again", "rupture_late", "rupture_first", "repair_rate"), OFF)
PLAIN = DEFAULT.with_values(**QUIET, outlier_share=OFF, style_weight=1e12, rating_step=1e-9, strain_sd=OFF)


def one(y: np.ndarray, **channels: np.ndarray) -> Rows:
    """One relationship, weekly, unbounded."""
    n = len(y)
    return Rows(np.array([0, n], np.int64), np.arange(float(n)), y, bounded=False, **channels)


@pytest.fixture
def ratings() -> np.ndarray:
    rng = np.random.default_rng(1)
    y = 0.6 + np.cumsum(0.02 * rng.normal(size=30)) + 0.05 * rng.normal(size=30)
    y[[4, 5, 17]] = np.nan
    return y


def dense_kalman(y: np.ndarray) -> tuple[np.ndarray, float]:
    """The same model in plain matrices (bond, growth, passing state): trust, log-likelihood."""
    p = PLAIN
    corr = p["growth_corr"] * p["bond_sd"] * p["growth_sd"]
    mean = np.array([p["bond_mean"], p["growth_mean"], 0.0])
    cov = np.diag([p["bond_sd"] ** 2, p["growth_sd"] ** 2, p["state_sd"] ** 2])
    cov[0, 1] = cov[1, 0] = corr
    h = np.array([1.0, 0.0, 1.0])
    trust, loglik = [], 0.0
    for k, rating in enumerate(y):
        if k:
            tau = p["growth_weeks"]
            f = np.diag([1.0, 1.0, np.exp(-1 / p["state_weeks"])])
            f[0, 1] = tau * (np.log1p(k / tau) - np.log1p((k - 1) / tau))
            noise = np.diag([p["walk_sd"] ** 2, 0.0, p["state_sd"] ** 2 * (1 - f[2, 2] ** 2)])
            mean, cov = f @ mean, f @ cov @ f.T + noise
        if not np.isnan(rating):
            s = h @ cov @ h + p["rating_sd"] ** 2
            loglik += norm.logpdf(rating, h @ mean, np.sqrt(s))
            gain = cov @ h / s
            mean, cov = mean + gain * (rating - h @ mean), cov - np.outer(gain, cov @ h)
        trust.append(h @ mean)
    return np.array(trust), loglik


def test_without_modes_it_is_a_kalman_filter(ratings: np.ndarray) -> None:
    trust, loglik = dense_kalman(ratings)
    result = run_filter(one(ratings), PLAIN)
    assert np.abs(result.out[at.TRUST] - trust).max() < 1e-9
    assert result.loglik.sum() == pytest.approx(loglik, abs=1e-6)


def test_a_silent_channel_says_nothing(ratings: np.ndarray) -> None:
    n = len(ratings)
    blank, none = np.full(n, -1, np.int8), np.full(n, np.nan)
    bare = run_filter(one(ratings), DEFAULT).out
    full = run_filter(
        one(
            ratings,
            difficulty=blank,
            attended=blank,
            repair=blank,
            therapist_rating=none,
            therapist_guess=none,
        ),
        DEFAULT,
    ).out
    assert np.array_equal(bare, full)


def test_past_estimates_do_not_depend_on_the_future(ratings: np.ndarray) -> None:
    whole = run_filter(one(ratings), DEFAULT).out
    half = run_filter(one(ratings[:15]), DEFAULT).out
    assert np.array_equal(whole[:, :15], half)


def test_threads_change_nothing() -> None:
    rng = np.random.default_rng(2)
    n = 12_000
    rows = Rows(np.arange(0, n + 1, 12), np.tile(np.arange(12.0), n // 12), rng.uniform(0.3, 1, n))
    assert np.array_equal(run_filter(rows, DEFAULT, threads=1).out, run_filter(rows, DEFAULT, threads=3).out)


def test_a_fall_with_a_report_is_a_rupture_and_a_denial_makes_it_less_likely() -> None:
    y = np.array([7.0, 7.2, 7.1, 7.0, 5.0])

    def p(answer: int) -> float:
        said = np.array([0, 0, 0, 0, answer])
        return estimate_series(Series(week=np.arange(5), rating=y, difficulty=said))[-1].p_rupture

    assert p(0) < p(-1) < p(1) < p(2)
    assert p(2) > 0.95


def test_a_rating_at_the_top_is_a_bound() -> None:
    """Repeated tops leave trust wide open above; a rating in the middle pins it."""
    top = estimate_series(Series(week=np.arange(6), rating=np.full(6, 10.0)))[-1]
    middle = estimate_series(Series(week=np.arange(6), rating=np.full(6, 6.0)))[-1]
    assert top.trust_hi95 > 10
    assert top.trust_hi95 - top.trust_lo95 > middle.trust_hi95 - middle.trust_lo95
    assert top.next_mean <= 10


def test_careless_answers_count_less() -> None:
    y, care = np.array([7.0, 7.0, 7.0, 4.0]), np.array([1.0, 1.0, 1.0, 0.0])
    careful = estimate_series(Series(week=np.arange(4), rating=y))[-1]
    hasty = estimate_series(Series(week=np.arange(4), rating=y, care=care))[-1]
    assert hasty.trust > careful.trust
    assert hasty.p_rupture < careful.p_rupture


def test_bent_ratings_and_back() -> None:
    for y in (0.02, 0.3, 0.9, 0.99):
        x, slope = unbend(y, 0.12)
        mean, _ = bounded_moments(x, 0.0, 0.12**2)
        assert mean == pytest.approx(y, abs=1e-6)
        assert 0 < slope <= 1


def test_moments_of_a_bent_rating_against_simulation() -> None:
    rng = np.random.default_rng(3)
    m, p, s = 0.93, 0.06**2, 0.1
    latent = m + np.sqrt(p) * rng.normal(size=4000)
    bent = np.clip(latent[:, None] + s * rng.normal(size=(4000, 400)), 0, 1).mean(axis=1)
    mean, var = bounded_moments(m, p, s * s)
    assert mean == pytest.approx(bent.mean(), abs=0.004)
    assert np.sqrt(var) == pytest.approx(bent.std(), rel=0.06)


def test_normal_cdf() -> None:
    for x in np.linspace(-6, 6, 41):
        assert normal_cdf(float(x))[0] == pytest.approx(norm.cdf(x), abs=1e-7)
