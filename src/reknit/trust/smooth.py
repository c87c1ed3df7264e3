"""The smoother: what is believed about each session from the whole series.

Backward pass over pairs of modes (Kim 1994, J. Econometrics 60, eq. 2.20-2.26); a pair is weighted by how well its
forecast meets the later smoothed state (expectation correction: Barber 2006, JMLR 7, sec. 3), because Kim's weights,
which leave the state out, let a quiet past inherit a later strain.
"""

from __future__ import annotations

import math

import numpy as np

from reknit.trust.filter import (
    CHANNELS,
    JUMP_MEAN,
    JUMP_SD,
    REPAIR_GAIN,
    REPAIR_KEEP,
    REPAIR_RATE,
    STRAIN_SIZE,
    _report,
    _rupture_prior,
)
from reknit.trust.gauss import (
    DD,
    SIZE,
    D,
    W,
    add_weighted,
    collapse,
    evolve,
    repair,
    rupture,
    trust_moments,
)
from reknit.trust.jit import inline, jit
from reknit.trust.steps import strained

JITTER = 1e-10


@inline
def _unpack(x, full):
    """Packed covariance of a component into a 4 x 4 matrix."""
    at = 5
    for i in range(4):
        for j in range(i, 4):
            full[i, j] = x[at]
            full[j, i] = x[at]
            at += 1


@inline
def _pack(full, x):
    at = 5
    for i in range(4):
        for j in range(i, 4):
            x[at] = 0.5 * (full[i, j] + full[j, i])
            at += 1
    for i in (5, 9, 12, 14):
        x[i] = max(x[i], 0.0)


@inline
def _transition(th, mode, df, ea, ed, f):
    """F of one step: evolution, then the event of the mode."""
    f[:, :] = 0.0
    f[0, 0] = 1.0
    f[0, 1] = df
    f[1, 1] = 1.0
    f[2, 2] = ea
    f[3, 3] = ed
    if mode == 2:
        f[0, 3] = th[REPAIR_GAIN] * ed
        f[3, 3] = th[REPAIR_KEEP] * ed


@inline
def _factor(full, low):
    """Lower Cholesky factor, with a jitter because growth and strain may be known exactly; returns log det."""
    log_det = 0.0
    for i in range(4):
        for j in range(i + 1):
            s = full[i, j] + (JITTER if i == j else 0.0)
            for k in range(j):
                s -= low[i, k] * low[j, k]
            low[i, j] = math.sqrt(max(s, 1e-14)) if i == j else s / low[j, j]
        log_det += 2.0 * math.log(low[i, i])
    return log_det


@inline
def _solve(low, x):
    """Solve L L' x = x in place; returns the squared norm of L^-1 x."""
    norm = 0.0
    for i in range(4):
        s = x[i]
        for k in range(i):
            s -= low[i, k] * x[k]
        x[i] = s / low[i, i]
        norm += x[i] * x[i]
    for i in range(3, -1, -1):
        s = x[i]
        for k in range(i + 1, 4):
            s -= low[k, i] * x[k]
        x[i] = s / low[i, i]
    return norm


@inline
def _fit_of_pair(later, ahead, mats, x):
    """Log density of the later session's mean under a pair's forecast, both doubts added (Barber 2006)."""
    _unpack(later, mats[1])
    _unpack(ahead, mats[2])
    for i in range(4):
        x[i] = later[1 + i] - ahead[1 + i]
        for j in range(4):
            mats[3, i, j] = mats[1, i, j] + mats[2, i, j]
    log_det = _factor(mats[3], mats[6])
    return -0.5 * (log_det + _solve(mats[6], x))


@inline
def _pull_back(c, later, ahead, mats, out):
    """x + J (x_later - x_ahead), P + J (P_later - P_ahead) J', J = P F' P_ahead^-1, for one pair of modes."""
    before, p_later, p_ahead, diff, f, gain, low = mats[0], mats[1], mats[2], mats[3], mats[4], mats[5], mats[6]
    _unpack(c, before)
    _unpack(later, p_later)
    _unpack(ahead, p_ahead)
    _factor(p_ahead, low)
    for i in range(4):
        for j in range(4):
            s = 0.0
            for k in range(4):
                s += before[i, k] * f[j, k]
            gain[i, j] = s
        _solve(low, gain[i])
        s = c[1 + i]
        for k in range(4):
            s += gain[i, k] * (later[1 + k] - ahead[1 + k])
        out[1 + i] = s
    for i in range(4):
        for j in range(4):
            s = 0.0
            for k in range(4):
                s += gain[i, k] * (p_later[k, j] - p_ahead[k, j])
            diff[i, j] = s
    for i in range(4):
        for j in range(4):
            s = before[i, j]
            for k in range(4):
                s += diff[i, k] * gain[j, k]
            p_later[i, j] = s
    _pack(p_later, out)
    if trust_moments(out)[1] > trust_moments(c)[1] or out[DD] > c[DD]:
        out[5:] = c[5:]  # the later mixture is wider than this pair's forecast: it has nothing to add


@inline
def _predict_pair(th, c, mode, step, ahead):
    evolve(c, step, ahead)
    if mode == 1:
        rupture(ahead, th[JUMP_MEAN], th[JUMP_SD] ** 2)
    elif mode == 2:
        repair(ahead, th[REPAIR_KEEP], th[REPAIR_GAIN])


@inline
def _pair_weights(th, now, later, step, absence, mats, base, x, weights):
    """P(mode now j, mode later k | whole series): the filter's pairs, judged by the later smoothed state."""
    size, width = th[STRAIN_SIZE], 0.4 * th[STRAIN_SIZE]
    for k in range(3):
        top = -1e300
        for j in range(3):
            weights[k, j] = -1e300
            if now[j, W] <= 1e-12 or later[k, W] <= 1e-12:
                continue
            evolve(now[j], step, base)
            hit = _rupture_prior(th, j, False, absence)
            mend = (1.0 - hit) * th[REPAIR_RATE] * strained(base[D], base[DD], size, width)
            prior = now[j, W] * (hit if k == 1 else (mend if k == 2 else 1.0 - hit - mend))
            if prior <= 1e-12:
                continue
            _predict_pair(th, now[j], k, step, base)
            weights[k, j] = math.log(prior) + _fit_of_pair(later[k], base, mats, x)
            top = max(top, weights[k, j])
        total = 0.0
        for j in range(3):
            weights[k, j] = math.exp(weights[k, j] - top) if weights[k, j] > -1e299 else 0.0
            total += weights[k, j]
        for j in range(3):
            weights[k, j] *= later[k, W] / total if total > 0.0 else 0.0


@inline
def _back_step(th, now, later, step, absence, mats, scratch, total):
    """Smooth one session given the smoothed mixture of the next (`later`), into total."""
    ahead, pulled, x, weights = scratch[0], scratch[1], scratch[2], scratch[3:6]
    _pair_weights(th, now, later, step, absence, mats, ahead, x, weights)
    total[:, :] = 0.0
    for k in range(3):
        _transition(th, k, step[0], step[1], step[2], mats[4])
        for j in range(3):
            if weights[k, j] > 1e-12:
                _predict_pair(th, now[j], k, step, ahead)
                _pull_back(now[j], later[k], ahead, mats, pulled)
                add_weighted(pulled, weights[k, j], total[j])


@jit
def smooth(th, starts, stored, moves, where, first, last, out):
    """Smooth relationships first..last in place (`stored`), and rewrite what is believed in `out`.

    ``stored`` (rows, 3, 15) and ``moves`` are those of the filter in mode STORE. The forecasts of ``out`` (next rating, dropout) are left as the filter made them.
    """
    mats = np.zeros((7, 4, 4))
    scratch = np.zeros((6, SIZE))
    total = np.zeros((3, SIZE))
    size, width = th[STRAIN_SIZE], 0.4 * th[STRAIN_SIZE]
    for r in range(first, last):
        for k in range(starts[r + 1] - 1, starts[r] - 1, -1):
            if k + 1 < starts[r + 1]:
                s = moves[k + 1, CHANNELS:]
                step = (s[0], s[1], s[2], s[3], s[4], s[5])
                absence = moves[k + 1, CHANNELS + 6]
                _back_step(th, stored[k], stored[k + 1], step, absence, mats, scratch, total)
                mass = total[0, W] + total[1, W] + total[2, W]
                if mass > 0.0:
                    for j in range(3):
                        if total[j, W] > 0.0:
                            collapse(total[j], 1.0 / mass)
                        stored[k, j, :] = total[j]
            _report(th, stored[k], size, width, out, where[k])
