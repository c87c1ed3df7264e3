"""The forecasts to beat, each fitted on one half of the people and scored on the other.

Last value, person mean, exponentially weighted mean (EWMA), a mixed model with random intercept and slope,
and a local level filter; the last two fitted by maximum likelihood through the same two-state Kalman
filter, one with no noise in the state, one with nothing but.
"""

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NAMES = ("last value", "person mean", "EWMA", "mixed model", "local level")
SMALL = 1e-6


@dataclass(frozen=True)
class Rated:
    """The rated sessions of a table: `y` ratings, `week`, `bounds` where each relationship begins, `row` in
    it.
    """

    y: Floats
    week: Floats
    bounds: Ints
    row: Ints

    @property
    def count(self) -> Ints:
        """How many ratings came before, per rating."""
        sizes = np.diff(self.bounds)
        return np.arange(len(self.y)) - np.repeat(self.bounds[:-1], sizes)


def rated(table: pl.DataFrame) -> Rated:
    """Ratings in order of client and week, weeks counted from each client's first row."""
    week = pl.col("week") - pl.col("week").min().over("client")
    flat = table.with_row_index("row").with_columns(week).drop_nulls("alliance").sort("client", "week")
    first = flat["client"].rle_id().diff().fill_null(1).to_numpy() != 0
    bounds = np.append(np.flatnonzero(first), flat.height)
    numbers = [flat[name].cast(pl.Float64).to_numpy() for name in ("alliance", "week")]
    return Rated(numbers[0], numbers[1], bounds.astype(np.int64), flat["row"].to_numpy().astype(np.int64))


def forecast(name: str, train: Rated, test: Rated) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each rating of `test` before it is seen; NaN at a first rating."""
    if name in {"mixed model", "local level"}:
        return _gaussian(name, train, test)
    alpha = {"last value": 1.0, "person mean": 0.0}.get(name)
    if alpha is None:
        alpha = _best_alpha(train)
    before = smoothed(train.y, train.bounds, alpha)
    sd = _spread(train.y - before, train.count)
    return smoothed(test.y, test.bounds, alpha), sd[np.minimum(test.count, len(sd) - 1)]


def _best_alpha(train: Rated) -> float:
    """The weight of the newest rating that forecasts the training half best."""
    grid = np.linspace(0.05, 1.0, 39)
    errors = [np.nanmean((train.y - smoothed(train.y, train.bounds, alpha)) ** 2) for alpha in grid]
    return float(grid[int(np.argmin(errors))])


def _spread(error: Floats, count: Ints, most: int = 12) -> Floats:
    """Standard deviation of the error by the number of ratings before; the last cell holds `most` or more."""
    pooled = np.minimum(count, most)
    overall = np.sqrt(np.nanmean(error**2))
    sd = np.full(most + 1, overall)
    for k in range(1, most + 1):
        here = error[(pooled == k) & ~np.isnan(error)]
        if len(here) >= 20:
            sd[k] = np.sqrt(np.mean(here**2))
    return np.asarray(np.maximum(sd, SMALL))


@nb.njit(cache=True)
def smoothed(y: Floats, bounds: Ints, alpha: float) -> Floats:
    """What was expected before each rating: weight `alpha` on the newest; 0 means the plain mean so far."""
    out = np.full(len(y), np.nan)
    for i in range(len(bounds) - 1):
        mean = y[bounds[i]]
        for k in range(bounds[i] + 1, bounds[i + 1]):
            out[k] = mean
            weight = alpha if alpha > 0 else 1.0 / (k - bounds[i] + 1)
            mean += weight * (y[k] - mean)
    return out


@nb.njit(cache=True)
def two_state(y: Floats, week: Floats, bounds: Ints, theta: Floats, out: Floats) -> float:
    """Kalman filter of level and slope (Harvey 1989, 3.2); returns the log-likelihood of all ratings.

    theta: mean level, mean slope, variance of level, of slope, their covariance, noise of a rating, noise
    of the level per week. `out` (2, n) takes mean and variance of every rating before it is seen.
    """
    loglik = 0.0
    for i in range(len(bounds) - 1):
        a, b = theta[0], theta[1]
        p, q, r = theta[2], theta[3], theta[4]
        before = 0.0
        for k in range(bounds[i], bounds[i + 1]):
            gap = week[k] - before
            before = week[k]
            a += gap * b
            p += gap * (2 * r + gap * q) + theta[6] * gap
            r += gap * q
            f = p + theta[5]
            e = y[k] - a
            out[0, k], out[1, k] = a, f
            loglik -= 0.5 * (np.log(2 * np.pi * f) + e * e / f)
            a += p / f * e
            b += r / f * e
            q -= r * r / f
            r -= p * r / f
            p -= p * p / f
    return loglik


def _theta(free: Floats, name: str) -> Floats:
    """From unconstrained numbers to the filter's parameters."""
    noise = np.exp(free[:3])
    if name == "local level":
        return np.array([free[3], 0.0, noise[0], 0.0, 0.0, noise[1], noise[2]])
    corr = np.tanh(free[5]) * 0.99
    return np.array(
        [free[3], free[4], noise[0], noise[2], corr * np.sqrt(noise[0] * noise[2]), noise[1], 0.0]
    )


def fit_two_state(name: str, train: Rated) -> tuple[Floats, float]:
    """Maximum likelihood; returns parameters and log-likelihood."""
    out = np.empty((2, len(train.y)))
    scale = max(float(np.var(train.y)), SMALL)
    span = max(float(np.max(train.week)), 1.0)
    small = scale / span**2 if name == "mixed model" else 0.1 * scale / max(float(np.median(train.week)), 0.1)
    start = [np.log(0.5 * scale), np.log(0.5 * scale), np.log(small), float(np.mean(train.y))]
    if name == "mixed model":
        start += [0.0, 0.0]

    def loss(free: Floats) -> float:
        value = -two_state(train.y, train.week, train.bounds, _theta(np.clip(free, -40, 1e6), name), out)
        return value / len(train.y) if np.isfinite(value) else 1e10

    best: Any = None
    for method in ("Nelder-Mead", "L-BFGS-B"):
        options = {"maxiter": 4000, "maxfev": 4000} if method == "Nelder-Mead" else {}
        best = minimize(loss, start if best is None else best.x, method=method, options=options)
    return _theta(np.clip(best.x, -40, 1e6), name), -best.fun * len(train.y)


def _gaussian(name: str, train: Rated, test: Rated) -> tuple[Floats, Floats]:
    theta, _ = fit_two_state(name, train)
    out = np.empty((2, len(test.y)))
    two_state(test.y, test.week, test.bounds, theta, out)
    mean, sd = out[0], np.sqrt(np.maximum(out[1], SMALL))
    mean[test.bounds[:-1]] = np.nan
    return mean, sd
