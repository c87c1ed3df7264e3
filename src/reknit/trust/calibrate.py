"""What is learned after the likelihood: the forecast's calibration and the hazard of leaving.

The likelihood looks for what happens between two people, with outliers set aside; a forecast of the next
rating, judged by its mean and sd, has to include them. So the model's forecast is stacked with that of a
plain level with a slope (Yao, Vehtari, Simpson & Gelman 2018, Bayesian Analysis 13: weights by log score),
and its sd recalibrated.
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
from reknit.trust.start import usual_gap

NONE = 1e-14  # variance of a slope or a wandering that is left out
PSEUDO = 30.0  # ratings that the prior of the calibration is worth


@jit
def plain_level(starts: Ints, week: Floats, y: Floats, theta: Floats) -> float:
    """Log-likelihood of the plain level with a slope over all relationships.

    theta: mean level, mean slope, variances of both and their covariance, variance of the level's
    wandering over one week, of a rating about it.
    """
    total = 0.0
    for r in range(starts.shape[0] - 1):
        m, g, p, q, c = theta[0], theta[1], theta[2], theta[3], theta[4]
        for k in range(starts[r], starts[r + 1]):
            gap = week[k] - week[k - 1] if k > starts[r] else 0.0
            m += gap * g
            p += gap * (2.0 * c + gap * q) + gap * theta[5]
            c += gap * q
            if not np.isnan(y[k]):
                v, e = p + theta[6], y[k] - m
                total -= 0.5 * (np.log(v) + e * e / v)
                m += p / v * e
                g += c / v * e
                q -= c * c / v
                c -= p * c / v
                p -= p * p / v
    return total


def fit_plain_level(parts: Sequence[Rows]) -> tuple[dict[str, float], list[dict[str, float]]]:
    """Maximum likelihood of the plain level, with a weak prior, as parameters `simple_*`: on all parts
    together, and on each. With and without a slope and a wandering, whichever has the better likelihood on
    all once its parameters are counted (Akaike 1974).
    """
    kinds = [(slopes, wanders) for slopes in (True, False) for wanders in (True, False)]
    found = [_fit_plain_level(parts, *kind) for kind in kinds]
    best = max(range(len(kinds)), key=lambda i: found[i][0])
    alone = (
        [_fit_plain_level([rows], *kinds[best])[1] for rows in parts] if len(parts) > 1 else [found[best][1]]
    )
    return found[best][1], alone


def _fit_plain_level(parts: Sequence[Rows], slopes: bool, wanders: bool) -> tuple[float, dict[str, float]]:
    """Log-likelihood less the number of parameters that may be left out, and the parameters."""
    seen = np.concatenate([rows.rating[np.isfinite(rows.rating)] for rows in parts])
    spread, gap = max(float(np.std(seen)), 0.02), float(np.mean([usual_gap(rows) for rows in parts]))
    lasted = np.concatenate([rows.week[rows.starts[1:] - 1] - rows.week[rows.starts[:-1]] for rows in parts])
    span = max(float(np.median(lasted)), gap)
    sizes = np.array([0.8 * spread, 0.1 * spread / span, 0.2 * spread / np.sqrt(gap), 0.6 * spread])
    start = np.array([float(np.mean(seen)), 0.0, *np.log(sizes), 0.0])
    unit = np.array([spread, spread / span, 2.0, 2.0, 2.0, 2.0, 1.0])

    def natural(x: Floats) -> Floats:
        level, slope, walk, noise = np.exp(2 * x[2:6])
        slope, walk = slope if slopes else NONE, walk if wanders else NONE
        shared = 0.98 * np.tanh(x[6]) * np.sqrt(level * slope) if slopes else 0.0
        return np.array([x[0], x[1] if slopes else 0.0, level, slope, shared, walk, noise + 1e-7])

    def loss(z: Floats) -> float:
        theta = natural(start + unit * z)
        logliks = [plain_level(rows.starts, rows.week, rows.rating, theta) for rows in parts]
        return 0.5 * float(z @ z) - float(sum(logliks))

    found = minimize(loss, np.zeros(7), method="L-BFGS-B", bounds=[(-5, 5)] * 7)
    theta = natural(start + unit * found.x)
    level, slope = np.sqrt(theta[2]), np.sqrt(theta[3])
    values = {
        "simple_mean": float(theta[0]),
        "simple_slope": float(theta[1]),
        "simple_spread": float(level),
        "simple_slope_sd": float(slope),
        "simple_corr": float(theta[4] / (level * slope)),
        "simple_walk": float(np.sqrt(theta[5])),
        "simple_noise": float(np.sqrt(theta[6])),
    }
    return 0.5 * float(found.x @ found.x) - float(found.fun) - 3 * slopes - wanders, values


def _forecasts(rows: Rows, params: Params, plain: bool) -> tuple[Floats, Floats]:
    """Uncalibrated mean and log sd of every rating but a relationship's first (nan there), of the plain
    level or of the model.
    """
    alone = params.with_values(
        forecast_weight=1.0 - plain,
        forecast_factor=1.0,
        forecast_power=1.0 - plain,
        forecast_plain=float(plain),
    )
    out = run_filter(rows, alone).out
    order = np.arange(len(rows)) if rows.where is None else rows.where
    mean, sd = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    mean[1:], sd[1:] = out[kernel.NEXT_MEAN][order][:-1], out[kernel.NEXT_SD][order][:-1]
    mean[rows.starts[:-1]] = np.nan
    return mean, np.log(sd)


def stack(parts: Sequence[tuple[Rows, Params]]) -> dict[str, float]:
    """Weights and spread of the forecast, by Gaussian log score with a weak prior on the model alone.

    Each part is some relationships and the parameters that forecast them (fitted to others, where data are
    few; the plain level too).
    """
    parts = [(rows, params) for rows, params in parts if np.isfinite(rows.rating).any()]
    if not parts:
        return {}
    local, simple_values = fit_plain_level([rows for rows, _ in parts])
    pieces: list[list[Floats]] = [[], [], [], [], [], []]
    for i, (rows, params) in enumerate(parts):
        other = params.with_values(**simple_values[len(parts) - 1 - i])
        model, simple = _forecasts(rows, other, plain=False), _forecasts(rows, other, plain=True)
        ok = np.isfinite(rows.rating) & np.isfinite(model[0])
        who = np.repeat(np.arange(rows.relationships) + 0.5 * i / len(parts), np.diff(rows.starts))
        for piece, values in zip(pieces, (rows.rating, *model, *simple, who), strict=True):
            piece.append(values[ok])
    y, model_mean, model_sd, plain_mean, plain_sd, who = (np.concatenate(piece) for piece in pieces)
    return {**local, **_best_stack(y, (model_mean, model_sd), (plain_mean, plain_sd), who)}


def _best_stack(
    y: Floats, model: tuple[Floats, Floats], plain: tuple[Floats, Floats], who: Floats
) -> dict[str, float]:
    """The stack of best log score, drawn back to the plain level alone as far as its gain over that is in
    doubt (`who`: the relationship of each rating).
    """
    usual, usual_plain = (float(np.median(part[1])) if len(y) else 0.0 for part in (model, plain))
    wide, wide_plain = model[1] - usual, plain[1] - usual_plain

    def scores(x: Floats) -> Floats:
        weight, log_factor, power, other = x
        log_s = usual + log_factor + power * wide + other * wide_plain
        z = (y - weight * model[0] - (1 - weight) * plain[0]) / np.exp(log_s)
        return np.asarray(-log_s - 0.5 * z * z, np.float64)

    def loss(x: Floats) -> float:
        weight, log_factor, power, other = x
        far = 0.1 * (weight - 1) ** 2 + log_factor**2 + (power - 1) ** 2 + other**2
        return float(0.5 * PSEUDO * far - scores(x).sum())

    bounds = [(0, 1.2), (-1, 1), (0, 1.5), (-0.5, 1.5)]
    found = minimize(loss, np.array([0.8, 0.0, 1.0, 0.0]), method="L-BFGS-B", bounds=bounds).x
    alone = np.array([0.0, usual_plain - usual, 0.0, 1.0])
    share = _sure(scores(found) - scores(alone), who, len(found))
    weight, log_factor, power, other = (share * found + (1 - share) * alone).tolist()
    return {
        "forecast_weight": weight,
        "forecast_factor": float(np.exp(log_factor + usual * (1 - power) - other * usual_plain)),
        "forecast_power": power,
        "forecast_plain": other,
    }


def _sure(gain: Floats, who: Floats, numbers: int) -> float:
    """How much of a better score can be relied on, 0 to 1: 1 - (sd / gain)^2 (positive part of James & Stein
    1961), the gain less one for each of the numbers that made it, its sd from relationships.
    """
    if not len(gain):
        return 0.0
    of_each = np.bincount(np.unique(who, return_inverse=True)[1], gain)
    total, variance = float(gain.sum()) - numbers, float(np.sum((of_each - of_each.mean()) ** 2))
    return max(1.0 - variance / (total * total), 0.0) if total > 0 else 0.0


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
