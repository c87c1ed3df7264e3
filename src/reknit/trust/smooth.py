"""The smoother: what is believed about each session from the whole series.

Backward pass over pairs of modes (Kim 1994, J. Econometrics 60, eq. 2.20-2.26); a pair is weighted by how
well its forecast meets the later smoothed state (expectation correction: Barber 2006, JMLR 7, sec. 3),
because Kim's weights, which leave the state out, let a quiet past inherit a later strain.
"""

from __future__ import annotations

import math

from reknit.trust.gauss import (
    add_weighted,
    clear,
    collapse,
    copy,
    evolve,
    positive,
    repair,
    rupture,
    trust_moments,
)
from reknit.trust.jit import inline, jit
from reknit.trust.layout import (
    CHANNELS,
    COMPS,
    DD,
    JUMP_MEAN,
    JUMP_SD,
    REPAIR_GAIN,
    REPAIR_KEEP,
    REPAIR_RATE,
    SIZE,
    STRAIN_SIZE,
    D,
    Floats,
    Ints,
    Step,
    W,
)
from reknit.trust.pairs import rupture_prior
from reknit.trust.report import write_beliefs
from reknit.trust.steps import strained

# places on this slate: the session's own mixture is at COMPS (0); then the smoothed mixture of the next
# session, a forecast of one pair, that pair pulled back, four numbers to solve for, nine weights, three sums
LATER, AHEAD, PULLED, X, WEIGHTS, TOTAL = 45, 90, 105, 120, 124, 133
SLATE = 178
MATRICES = (7, 4, 4)
JITTER = 1e-10


@inline
def unpack(s: Floats, x: int, full: Floats) -> None:
    """Packed covariance of a component into a 4 x 4 matrix."""
    at = x + 5
    for i in range(4):
        for j in range(i, 4):
            full[i, j] = s[at]
            full[j, i] = s[at]
            at += 1


@inline
def _pack(full: Floats, s: Floats, x: int) -> None:
    at = x + 5
    for i in range(4):
        for j in range(i, 4):
            s[at] = 0.5 * (full[i, j] + full[j, i])
            at += 1
    for i in (5, 9, 12, 14):
        s[x + i] = max(s[x + i], 0.0)


@inline
def transition(th: Floats, mode: int, df: float, ea: float, ed: float, f: Floats) -> None:  # noqa: PLR0917
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
def factor(full: Floats, low: Floats) -> float:
    """Lower Cholesky factor, with a jitter because growth and strain may be known exactly;
    returns log det.
    """
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
def _solve(low: Floats, s: Floats, x: int) -> float:
    """Solve L L' v = v in place for the four numbers v at s[x]; returns the squared norm of L^-1 v."""
    norm = 0.0
    for i in range(4):
        v = s[x + i]
        for k in range(i):
            v -= low[i, k] * s[x + k]
        s[x + i] = v / low[i, i]
        norm += s[x + i] ** 2
    for i in range(3, -1, -1):
        v = s[x + i]
        for k in range(i + 1, 4):
            v -= low[k, i] * s[x + k]
        s[x + i] = v / low[i, i]
    return norm


@inline
def _fit_of_pair(s: Floats, later: int, mats: Floats) -> float:
    """Log density of the later session's mean under a pair's forecast, both doubts added (Barber 2006)."""
    unpack(s, later, mats[1])
    unpack(s, AHEAD, mats[2])
    for i in range(4):
        s[X + i] = s[later + 1 + i] - s[AHEAD + 1 + i]
        for j in range(4):
            mats[3, i, j] = mats[1, i, j] + mats[2, i, j]
    log_det = factor(mats[3], mats[6])
    return -0.5 * (log_det + _solve(mats[6], s, X))


@inline
def _spread_back(s: Floats, mats: Floats) -> None:
    """P + J (P_later - P_ahead) J' into the pulled-back component."""
    before, p_later, p_ahead, diff, gain = mats[0], mats[1], mats[2], mats[3], mats[5]
    for i in range(4):
        for j in range(4):
            v = 0.0
            for k in range(4):
                v += gain[i, k] * (p_later[k, j] - p_ahead[k, j])
            diff[i, j] = v
    for i in range(4):
        for j in range(4):
            v = before[i, j]
            for k in range(4):
                v += diff[i, k] * gain[j, k]
            p_later[i, j] = v
    _pack(p_later, s, PULLED)


@inline
def _pull_back(s: Floats, c: int, later: int, mats: Floats) -> None:
    """x + J (x_later - x_ahead), J = P F' P_ahead^-1, and its covariance, for one pair of modes."""
    before, f, gain, low = mats[0], mats[4], mats[5], mats[6]
    unpack(s, c, before)
    unpack(s, later, mats[1])
    unpack(s, AHEAD, mats[2])
    factor(mats[2], low)
    for i in range(4):
        for j in range(4):
            v = 0.0
            for k in range(4):
                v += before[i, k] * f[j, k]
            s[X + j] = v
        _solve(low, s, X)
        v = s[c + 1 + i]
        for k in range(4):
            gain[i, k] = s[X + k]
            v += s[X + k] * (s[later + 1 + k] - s[AHEAD + 1 + k])
        s[PULLED + 1 + i] = v
    _spread_back(s, mats)
    if trust_moments(s, PULLED)[1] > trust_moments(s, c)[1] or s[PULLED + DD] > s[c + DD]:
        for i in range(
            5, SIZE
        ):  # the later mixture is wider than this pair's forecast: it has nothing to add
            s[PULLED + i] = s[c + i]


@inline
def _predict_pair(th: Floats, s: Floats, c: int, mode: int, step: Step) -> None:
    evolve(s, c, step, AHEAD)
    if mode == 1:
        _, mean, var = positive(th[JUMP_MEAN], th[JUMP_SD])
        rupture(s, AHEAD, mean, var)
    elif mode == 2:
        repair(s, AHEAD, th[REPAIR_KEEP], th[REPAIR_GAIN])


@inline
def _prior(th: Floats, s: Floats, c: int, j: int, k: int, step: Step, absence: float) -> float:  # noqa: PLR0917
    """P(mode now j, mode later k) from data up to now."""
    evolve(s, c, step, AHEAD)
    hit = rupture_prior(th, j, False, absence)
    mend = (1.0 - hit) * th[REPAIR_RATE] * strained(s[AHEAD + D], s[AHEAD + DD], th[STRAIN_SIZE])
    return float(s[c + W] * (hit if k == 1 else (mend if k == 2 else 1.0 - hit - mend)))


@inline
def _pair_weights(th: Floats, s: Floats, step: Step, absence: float, mats: Floats) -> None:
    """P(mode now j, mode later k | whole series): the filter's pairs, judged by the later smoothed state."""
    for k in range(3):
        top, total, later = -1e300, 0.0, LATER + SIZE * k
        for j in range(3):
            c, at = COMPS + SIZE * j, WEIGHTS + 3 * k + j
            s[at] = -1e300
            if s[c + W] > 1e-12 and s[later + W] > 1e-12:
                prior = _prior(th, s, c, j, k, step, absence)
                if prior > 1e-12:
                    _predict_pair(th, s, c, k, step)
                    s[at] = math.log(prior) + _fit_of_pair(s, later, mats)
            top = max(top, s[at])
        for j in range(3):
            at = WEIGHTS + 3 * k + j
            s[at] = math.exp(s[at] - top) if s[at] > -1e299 else 0.0
            total += s[at]
        for j in range(3):
            s[WEIGHTS + 3 * k + j] *= s[later + W] / total if total > 0.0 else 0.0


@inline
def _back_step(th: Floats, s: Floats, step: Step, absence: float, mats: Floats) -> None:
    """Smooth the session at COMPS given the smoothed mixture of the next (LATER)."""
    _pair_weights(th, s, step, absence, mats)
    mass = 0.0
    for j in range(3):
        clear(s, TOTAL + SIZE * j)
    for k in range(3):
        transition(th, k, step[0], step[1], step[2], mats[4])
        for j in range(3):
            weight = s[WEIGHTS + 3 * k + j]
            if weight > 1e-12:
                _predict_pair(th, s, COMPS + SIZE * j, k, step)
                _pull_back(s, COMPS + SIZE * j, LATER + SIZE * k, mats)
                add_weighted(s, PULLED, weight, TOTAL + SIZE * j)
                mass += weight
    if mass <= 0.0:
        return
    for j in range(3):
        if s[TOTAL + SIZE * j + W] > 0.0:
            collapse(s, TOTAL + SIZE * j, 1.0 / mass)
        copy(s, TOTAL + SIZE * j, COMPS + SIZE * j)


@jit
def smooth(  # noqa: PLR0917
    th: Floats,
    s: Floats,
    mats: Floats,
    starts: Ints,
    stored: Floats,
    moves: Floats,
    where: Ints,
    first: int,
    last: int,
    out: Floats,
) -> None:
    """Smooth relationships first..last in place (`stored`), and rewrite what is believed in `out`.

    ``s`` (SLATE) and ``mats`` (MATRICES) are room to work in; ``stored`` (rows, 45) and ``moves`` are those
    of the filter in mode STORE. The forecasts of ``out`` (next rating, dropout) are left as the filter made
    them.
    """
    for r in range(first, last):
        for k in range(starts[r + 1] - 1, starts[r] - 1, -1):
            for i in range(3 * SIZE):
                s[LATER + i] = s[COMPS + i]
                s[COMPS + i] = stored[k, i]
            if k + 1 < starts[r + 1]:
                at = CHANNELS
                step = (
                    moves[k + 1, at], moves[k + 1, at + 1], moves[k + 1, at + 2],
                    moves[k + 1, at + 3], moves[k + 1, at + 4], moves[k + 1, at + 5],
                )  # fmt: skip
                _back_step(th, s, step, moves[k + 1, at + 6], mats)
            for i in range(3 * SIZE):
                stored[k, i] = s[COMPS + i]
            write_beliefs(th, s, out, where[k])
