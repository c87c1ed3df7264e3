"""What is learned after the likelihood: the forecast's calibration and the hazard of leaving.

The likelihood looks for what happens between two people, with outliers set aside; a forecast of the next
rating, judged by its mean and sd, has to include them. So the model's forecast is stacked with that of a
plain local level (Yao, Vehtari, Simpson & Gelman 2018, Bayesian Analysis 13: weights by log score), and its
sd recalibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from reknit.trust import layout as kernel
from reknit.trust.engine import Floats, Rows, run_filter
from reknit.trust.jit import jit
from reknit.trust.layout import Ints
from reknit.trust.params import Params

PSEUDO = 30.0  # ratings that the prior of the calibration is worth


@jit
def local_level(starts: Ints, y: Floats, mean: float, spread2: float, walk2: float, noise2: float) -> float:  # noqa: PLR0917
    """Log-likelihood of the plain local level over all relationships (variances given)."""
    total = 0.0
    for r in range(starts.shape[0] - 1):
        m, p = mean, spread2
        for k in range(starts[r], starts[r + 1]):
            if not np.isnan(y[k]):
                s = p + noise2
                e = y[k] - m
                total -= 0.5 * (np.log(s) + e * e / s)
                m += p / s * e
                p *= noise2 / s
            p += walk2
    return total


def fit_local_level(rows: Rows) -> dict[str, float]:
    """Maximum likelihood of the local level, as parameters `simple_*`."""
    seen = rows.rating[np.isfinite(rows.rating)]
    spread = max(float(np.std(seen)), 0.02)
    mean = float(np.mean(seen))

    def loss(x: Floats) -> float:
        spread2, walk2, noise2 = np.exp(2 * x)
        weak = 0.5 * float(np.sum(((x - start) / 2.0) ** 2))
        return weak - float(local_level(rows.starts, rows.rating, mean, spread2, walk2, noise2 + 1e-7))

    start = np.log(np.array([0.8 * spread, 0.2 * spread, 0.6 * spread]))
    found = minimize(
        loss, start, method="Nelder-Mead", options={"maxiter": 300, "xatol": 1e-3, "fatol": 0.01}
    )
    spread, walk, noise = np.exp(found.x)
    return {
        "simple_mean": mean,
        "simple_spread": float(spread),
        "simple_walk": float(walk),
        "simple_noise": float(noise),
    }


def _forecasts(rows: Rows, params: Params, weight: float) -> tuple[Floats, Floats]:
    """Uncalibrated mean and sd of every rating but a relationship's first (nan there)."""
    plain = params.with_values(
        forecast_weight=weight, forecast_shift=0.0, forecast_factor=1.0, forecast_power=1.0
    )
    out = run_filter(rows, plain).out
    order = np.arange(len(rows)) if rows.where is None else rows.where
    mean, sd = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    mean[1:], sd[1:] = out[kernel.NEXT_MEAN][order][:-1], out[kernel.NEXT_SD][order][:-1]
    mean[rows.starts[:-1]] = np.nan
    return mean, sd


def stack(parts: Sequence[tuple[Rows, Params]]) -> dict[str, float]:
    """Weight, shift, factor and power of the forecast,
    by Gaussian log score with a weak prior on the model alone.

    Each part is some relationships and the parameters that forecast them (fitted to others, where data are
    few).
    """
    parts = [(rows, params) for rows, params in parts if np.isfinite(rows.rating).any()]
    if not parts:
        return {}
    simple_values = [fit_local_level(rows) for rows, _ in parts]
    pieces: list[list[Floats]] = [[], [], [], []]
    for i, (rows, params) in enumerate(parts):
        other = params.with_values(**simple_values[len(parts) - 1 - i])
        model, sd = _forecasts(rows, other, 1.0)
        simple, _ = _forecasts(rows, other, 0.0)
        ok = np.isfinite(rows.rating) & np.isfinite(model)
        for piece, values in zip(pieces, (rows.rating, model, simple, np.log(sd)), strict=True):
            piece.append(values[ok])
    y, model, simple, log_sd = (np.concatenate(piece) for piece in pieces)
    local = {name: float(np.mean([v[name] for v in simple_values])) for name in simple_values[0]}
    return {**local, **_best_stack(y, model, simple, log_sd)}


def _best_stack(y: Floats, model: Floats, simple: Floats, log_sd: Floats) -> dict[str, float]:
    usual = float(np.median(log_sd)) if len(log_sd) else 0.0

    def loss(x: Floats) -> float:
        weight, shift, log_factor, power = x[0], x[1] * np.exp(usual), x[2], x[3]
        log_s = usual + log_factor + power * (log_sd - usual)
        z = (y - shift - weight * model - (1 - weight) * simple) / np.exp(log_s)
        prior = 0.5 * PSEUDO * (0.2 * (weight - 1) ** 2 + x[1] ** 2 + log_factor**2 + 0.3 * (power - 1) ** 2)
        return float(np.sum(log_s + 0.5 * z * z) + prior)

    found = minimize(
        loss, np.array([0.8, 0.0, 0.0, 1.0]), method="L-BFGS-B", bounds=[(0, 1.2), (-1, 1), (-1, 1), (0, 1.5)]
    )
    weight, shift, log_factor, power = found.x.tolist()
    return {
        "forecast_weight": weight,
        "forecast_shift": shift * float(np.exp(usual)),
        "forecast_factor": float(np.exp(log_factor + usual * (1 - power))),
        "forecast_power": power,
    }


@dataclass(slots=True)
class Hazard:
    """The discrete hazard of leaving, fitted on what the filter believed: values, standard errors."""

    values: dict[str, float]
    se: dict[str, float]


NAMES = ("leave_base", "leave_strain", "leave_trust", "leave_missed")
HAZARD_SD = np.array([3.0, 5.0, 3.0, 1.5])


def fit_hazard(rows: Rows, params: Params, ended: npt.NDArray[np.int8]) -> Hazard | None:
    """Logistic regression of leaving (ended = 2) before the next session,
    by Newton's method with a weak prior.

    ``ended`` (rows, sorted as they are): 2 dropped out, 0 or 1 not, -1 unknown; the last row of a
    relationship whose end is unknown is left out. None where no one is known to have left.
    """
    leaves = ended == 2
    if not leaves.any():
        return None
    out = run_filter(rows, params).out
    order = np.arange(len(rows)) if rows.where is None else rows.where
    missed = np.zeros(len(rows)) if rows.attended is None else (rows.attended == 0).astype(float)
    known = np.ones(len(rows), bool)
    known[rows.starts[1:] - 1] = ended[rows.starts[1:] - 1] >= 0
    x = np.column_stack([np.ones(len(rows)), out[kernel.STRAIN][order], out[kernel.TRUST][order], missed])[
        known
    ]
    event = leaves[known].astype(float)
    centre = np.array([params[name] for name in NAMES])
    beta, precision = centre.copy(), np.diag(1 / HAZARD_SD**2)
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        info = (x * (p * (1 - p))[:, None]).T @ x + precision
        step = np.linalg.solve(info, x.T @ (event - p) - precision @ (beta - centre))
        beta = beta + step
        if np.abs(step).max() < 1e-6:
            break
    se = np.sqrt(np.diag(np.linalg.inv(info)))
    return Hazard(dict(zip(NAMES, beta.tolist(), strict=True)), dict(zip(NAMES, se.tolist(), strict=True)))
