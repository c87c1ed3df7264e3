"""Draws of what happened between two people, given a whole series: states and modes, backwards from the last
session.

Forward filtering, backward sampling (Carter & Kohn 1994, Biometrika 81; Kim & Nelson 1999, sec. 9) over the
mixture that the filter kept: a draw of session k is followed by one of session k - 1 given it.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from reknit.trust import layout as kernel
from reknit.trust.engine import Floats, Rows, run_filter
from reknit.trust.params import Params
from reknit.trust.spec import rupture_moments
from reknit.trust.steps import SOFT

Ints = npt.NDArray[np.int64]
JITTER = 1e-10


def full(component: Floats) -> Floats:
    """The covariance (4, 4) of a packed component, in the order bond, growth, passing state, strain."""
    square = np.zeros((4, 4))
    square[np.triu_indices(4)] = component[5:]
    return square + np.triu(square, 1).T


def differences(
    rows: Rows, start: int, params: Params, rng: np.random.Generator, draws: int
) -> tuple[Floats, float]:
    """What events since session `start` have done to trust at the last session, by draws, and the
    log-likelihood.

    The difference is what repairs have added to the bond, less the strain that is there beyond what would be
    left of the strain before `start`: trust now, less trust now had nothing happened, all else being equal.
    """
    result = run_filter(rows, params, kernel.STORE, threads=1)
    mixtures = result.stored.reshape(len(rows), 3, kernel.SIZE)
    mode, state = _last(mixtures[-1], rng, draws)
    strain, gained, left = state[:, 3].copy(), np.zeros(draws), 1.0
    for k in range(len(rows) - 1, max(start, 1) - 1, -1):
        step = result.moves[k, kernel.CHANNELS :]
        earlier, before = _back(mixtures[k - 1], mode, state, step, params, rng)
        gained += np.where(mode == 2, params["repair_gain"] * step[2] * before[:, 3], 0.0)
        left *= step[2]
        mode, state = earlier, before
    old = left * state[:, 3] if start > 0 else 0.0
    return gained - (strain - old), float(result.loglik.sum())


def _last(mixture: Floats, rng: np.random.Generator, draws: int) -> tuple[Ints, Floats]:
    """Draws of mode (draws,) and state (draws, 4) at the last session."""
    mode = rng.choice(3, draws, p=mixture[:, 0] / mixture[:, 0].sum())
    state = np.empty((draws, 4))
    for i in range(3):
        who = mode == i
        state[who] = mixture[i, 1:5] + rng.normal(size=(int(who.sum()), 4)) @ _root(full(mixture[i])).T
    return mode, state


def _root(cov: Floats) -> Floats:
    """A square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(cov)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _event(params: Params, mode: int, step: Floats) -> tuple[Floats, Floats, Floats]:
    """F, shift and noise covariance of x -> F x + shift + noise: a step in time, then the event."""
    df, ea, ed = step[:3]
    f, shift, noise = np.diag([1.0, 1.0, ea, ed]), np.zeros(4), np.diag([step[3], 0.0, step[4], step[5]])
    f[0, 1] = df
    if mode == 1:
        shift[3], spread = rupture_moments(params["jump_mean"], params["jump_sd"])
        noise[3, 3] += spread
    elif mode == 2:
        event = np.eye(4)
        event[0, 3], event[3, 3] = params["repair_gain"], params["repair_keep"]
        f, noise = event @ f, event @ noise @ event.T
    return f, shift, noise


def _chance(params: Params, component: Floats, now: int, later: int, step: Floats) -> float:
    """P(mode later | mode now)."""
    hit = params[("rupture_rate", "rupture_again", "rupture_late")[now]]
    hit *= 1.0 - step[6] * (1.0 - params["missed_share"])
    ed, size = step[2], params["strain_size"]
    spread = math.sqrt(ed * ed * component[kernel.DD] + step[5] + (SOFT * size) ** 2)
    mend = (1.0 - hit) * params["repair_rate"] * float(ndtr((ed * component[kernel.D] - size) / spread))
    return float((1.0 - hit - mend, hit, mend)[later])


def _back(  # noqa: PLR0917
    mixture: Floats, mode: Ints, state: Floats, step: Floats, params: Params, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """Draws of mode and state of the session before, given those of a session."""
    draws = len(mode)
    fit, mean = np.full((draws, 3), -np.inf), np.zeros((3, draws, 4))
    roots: dict[tuple[int, int], Floats] = {}
    for later in range(3):
        who = mode == later
        f, shift, noise = _event(params, later, step)
        for now in range(3):
            component = mixture[now]
            if not who.any() or component[0] < 1e-9:
                continue
            cov = full(component)
            ahead = f @ cov @ f.T + noise + JITTER * np.eye(4)
            error = state[who] - f @ component[1:5] - shift
            gain = np.linalg.solve(ahead, f @ cov).T
            quadratic = np.sum(error * np.linalg.solve(ahead, error.T).T, axis=1)
            chance = component[0] * _chance(params, component, now, later, step)
            fit[who, now] = math.log(chance + 1e-300) - 0.5 * (np.linalg.slogdet(ahead)[1] + quadratic)
            mean[now, who] = component[1:5] + error @ gain.T
            roots[later, now] = _root(cov - gain @ f @ cov)
    before = np.argmax(fit + rng.gumbel(size=(draws, 3)), axis=1)
    drawn = mean[before, np.arange(draws)]
    for (later, now), root in roots.items():
        who = (mode == later) & (before == now)
        drawn[who] += rng.normal(size=(int(who.sum()), 4)) @ root.T
    return before, drawn
