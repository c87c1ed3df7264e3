"""Draws of what happened between two people, given a series up to a session: states and modes, backwards.

Forward filtering, backward sampling (Carter & Kohn 1994, Biometrika 81; Kim & Nelson 1999, sec. 9) over the
mixture that the filter kept: a draw of session k is followed by one of session k - 1 given it. Many episodes
of many relationships are drawn from one run of the filter.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from reknit.trust.engine import Floats, Result, frozen
from reknit.trust.gauss import positive
from reknit.trust.jit import inline, jit
from reknit.trust.layout import (
    CHANNELS,
    DD,
    JUMP_MEAN,
    JUMP_SD,
    REPAIR_KEEP,
    REPAIR_RATE,
    SIZE,
    STRAIN_SIZE,
    D,
    Ints,
    W,
)
from reknit.trust.pairs import rupture_prior
from reknit.trust.params import Params
from reknit.trust.smooth import factor, transition, unpack
from reknit.trust.steps import strained

# one pair of modes on its own line: log weight (NEVER: it cannot be), forecast of the later state, Cholesky
# factor of that forecast's covariance, gain backwards, Cholesky factor of what is left
WEIGHT, AHEAD, LOW, GAIN, LEFT = 0, 1, 5, 21, 37
LINE = 53
NEVER = -1e300
# lines of the room to work in: nine pairs, the three components of the session before, numbers of one draw
BEFORE, HERE = 9, 12
ROOM = 13
MATRICES = (6, 4, 4)


def full(component: Floats) -> Floats:
    """The covariance (4, 4) of a packed component, in the order bond, growth, passing state, strain."""
    square = np.zeros((4, 4))
    square[np.triu_indices(4)] = component[5:]
    return square + np.triu(square, 1).T


def events(
    params: Params, result: Result, episodes: npt.NDArray[np.int64], draws: int, happened: bool = False
) -> tuple[Floats, Floats, Floats, Floats]:
    """What events have done by the last session of each episode, by draws.

    Arguments: `result` of the filter in mode STORE; `episodes` (n, 3), rows of it: the first of the
    relationship, the first and the last of the episode; `happened` that its first session is known to have
    been a rupture. The same episode has the same draws in any company.

    Returns, each (n, draws): strain that repairs have met since the episode began, strain now beyond what
    there would be had nothing happened, trust now beyond where the session before would have led without
    events, and the weight of the draw.
    """
    span = int((episodes[:, 2] - episodes[:, 1]).max()) + 2 if len(episodes) else 0
    rng, other = np.random.default_rng(1), np.random.default_rng(2)
    mended, strain, ahead, weight = np.zeros((4, len(episodes), draws))
    weight += 1.0
    _draw(
        frozen(params.vector()), frozen(result.stored), frozen(result.moves), frozen(episodes),
        frozen(rng.normal(size=(span, draws, 4))), frozen(other.random((span, draws))),
        np.zeros((ROOM, LINE)), np.zeros(MATRICES), np.zeros((draws, 5)), happened,
        mended, strain, ahead, weight,
    )  # fmt: skip
    return mended, strain, ahead, weight


@inline
def _forecast_back(th: Floats, mats: Floats, room: Floats, later: int, now: int, moves: Floats) -> None:  # noqa: PLR0917
    """One pair of modes, x_later = F x_now + shift + noise: everything that its draws need but themselves."""
    ed, qb, qa, qd = moves[CHANNELS + 2], moves[CHANNELS + 3], moves[CHANNELS + 4], moves[CHANNELS + 5]
    at, c = 3 * later + now, BEFORE + now
    room[at, WEIGHT] = NEVER
    if room[c, W] < 1e-9:
        return
    hit = rupture_prior(th, now, False, moves[CHANNELS + 6])
    mend = (1.0 - hit) * th[REPAIR_RATE]
    mend *= strained(ed * room[c, D], ed * ed * room[c, DD] + qd, th[STRAIN_SIZE])
    chance = hit if later == 1 else (mend if later == 2 else 1.0 - hit - mend)
    if chance * room[c, W] < 1e-12:
        return
    cov, f, cross, ahead, low, left = mats[0], mats[1], mats[2], mats[3], mats[4], mats[5]
    unpack(room[c], 0, cov)
    transition(th, later, moves[CHANNELS], moves[CHANNELS + 1], ed, f)
    jump, jump_var = 0.0, 0.0
    if later == 1:
        _, jump, jump_var = positive(th[JUMP_MEAN], th[JUMP_SD])
    for i in range(4):
        room[at, AHEAD + i] = jump if i == 3 else 0.0
        for j in range(4):
            v = 0.0
            for k in range(4):
                v += f[i, k] * cov[k, j]
            cross[i, j] = v
            room[at, AHEAD + i] += f[i, j] * room[c, 1 + j]
    for i in range(4):
        for j in range(4):
            v = 0.0
            for k in range(4):
                v += cross[i, k] * f[j, k]
            ahead[i, j] = v
    gain, keep = (f[0, 3] / ed, f[3, 3] / ed) if later == 2 else (0.0, 1.0)
    ahead[0, 0] += qb + gain * gain * qd
    ahead[0, 3] += gain * keep * qd
    ahead[3, 0] += gain * keep * qd
    ahead[2, 2] += qa
    ahead[3, 3] += keep * keep * qd + jump_var
    room[at, WEIGHT] = math.log(chance * room[c, W]) - 0.5 * factor(ahead, low)
    _gain_back(room, at, cov, cross, low, left)


@inline
def _gain_back(room: Floats, at: int, cov: Floats, cross: Floats, low: Floats, left: Floats) -> None:  # noqa: PLR0917
    """Gain J = (F P)' S^-1, S = L L', and the factor of P - J F P, into the pair's line."""
    for i in range(4):
        for j in range(4):
            room[at, LOW + 4 * i + j] = low[i, j]
    for i in range(4):  # row i of J: S v = column i of F P
        for j in range(4):
            v = cross[j, i]
            for k in range(j):
                v -= low[j, k] * room[at, GAIN + 4 * i + k]
            room[at, GAIN + 4 * i + j] = v / low[j, j]
        for j in range(3, -1, -1):
            v = room[at, GAIN + 4 * i + j]
            for k in range(j + 1, 4):
                v -= low[k, j] * room[at, GAIN + 4 * i + k]
            room[at, GAIN + 4 * i + j] = v / low[j, j]
    for i in range(4):
        for j in range(4):
            v = cov[i, j]
            for k in range(4):
                v -= room[at, GAIN + 4 * i + k] * cross[k, j]
            left[i, j] = v
    factor(left, low)
    for i in range(4):
        for j in range(4):
            room[at, LEFT + 4 * i + j] = low[i, j]


@inline
def _choose(room: Floats, uniform: float, hurt: bool) -> tuple[int, float]:
    """One of three modes by its weight (logarithms at room[HERE, 0..2]), or a rupture for certain; and the
    weight of the draw, which is one unless the mode was set.
    """
    top = max(room[HERE, 0], room[HERE, 1], room[HERE, 2])
    p0, p1 = math.exp(room[HERE, 0] - top), math.exp(room[HERE, 1] - top)
    total = p0 + p1 + math.exp(room[HERE, 2] - top)
    if hurt and p1 > 0.0:
        return 1, p1 / total
    u = uniform * total
    if u < p0:
        return 0, 1.0
    return (1 if u < p0 + p1 else 2), 1.0


@inline
def _draw_before(room: Floats, drawn: Floats, normal: Floats, uniform: float, hurt: bool) -> float:
    """From a draw of a session to one of the session before: mode in drawn[0], state in drawn[1:5]; returns
    its weight.
    """
    later = int(drawn[0])
    for now in range(3):
        at = 3 * later + now
        room[HERE, now] = room[at, WEIGHT]
        if room[at, WEIGHT] > NEVER:
            norm = 0.0
            for i in range(4):
                v = drawn[1 + i] - room[at, AHEAD + i]
                for k in range(i):
                    v -= room[at, LOW + 4 * i + k] * room[HERE, 4 + k]
                room[HERE, 4 + i] = v / room[at, LOW + 5 * i]
                norm += room[HERE, 4 + i] ** 2
            room[HERE, now] -= 0.5 * norm
    before, weight = _choose(room, uniform, hurt)
    at = 3 * later + before
    for i in range(4):
        room[HERE, 4 + i] = drawn[1 + i] - room[at, AHEAD + i]
    drawn[0] = before
    for i in range(4):
        v = room[BEFORE + before, 1 + i]
        for k in range(4):
            v += room[at, GAIN + 4 * i + k] * room[HERE, 4 + k]
        for k in range(i + 1):
            v += room[at, LEFT + 4 * i + k] * normal[k]
        drawn[1 + i] = v
    return weight


@inline
def _draw_last(  # noqa: PLR0917
    room: Floats,
    mats: Floats,
    drawn: Floats,
    normals: Floats,
    uniforms: Floats,
    hurt: bool,
    weight: Floats,
) -> None:
    """Draws of mode and state at the last session, its components at BEFORE."""
    for now in range(3):
        unpack(room[BEFORE + now], 0, mats[0])
        factor(mats[0], mats[4])
        for i in range(4):
            for j in range(4):
                room[now, LEFT + 4 * i + j] = mats[4][i, j]
    for draw in range(drawn.shape[0]):
        for now in range(3):
            room[HERE, now] = math.log(room[BEFORE + now, W] + 1e-300)
        mode, weight[draw] = _choose(room, uniforms[draw], hurt)
        drawn[draw, 0] = mode
        for i in range(4):
            v = room[BEFORE + mode, 1 + i]
            for k in range(i + 1):
                v += room[mode, LEFT + 4 * i + k] * normals[draw, k]
            drawn[draw, 1 + i] = v


@inline
def _load(room: Floats, stored: Floats) -> None:
    """The three components of a session."""
    for now in range(3):
        for i in range(SIZE):
            room[BEFORE + now, i] = stored[SIZE * now + i]


@jit
def _draw(  # noqa: PLR0917
    th: Floats,
    stored: Floats,
    moves: Floats,
    episodes: Ints,
    normals: Floats,
    uniforms: Floats,
    room: Floats,
    mats: Floats,
    drawn: Floats,
    happened: bool,
    mended: Floats,
    strain: Floats,
    ahead: Floats,
    weight: Floats,
) -> None:
    """Every episode, backwards from its last session: see `events`.

    A rupture adds what strain is more than was left; a repair takes away what it does not leave; each fades
    as strain does. Noise in the strain would have been there anyway.
    """
    keep = th[REPAIR_KEEP]
    for e in range(episodes.shape[0]):
        first, start, last = episodes[e, 0], episodes[e, 1], episodes[e, 2]
        _load(room, stored[last])
        _draw_last(room, mats, drawn, normals[0], uniforms[0], happened and start == last, weight[e])
        for draw in range(drawn.shape[0]):
            ahead[e, draw] = drawn[draw, 1] + drawn[draw, 3] - drawn[draw, 4]
        faded, grown, passed = 1.0, 0.0, 1.0
        for k in range(last, max(start, first + 1) - 1, -1):
            _load(room, stored[k - 1])
            for later in range(3):
                for now in range(3):
                    _forecast_back(th, mats, room, later, now, moves[k])
            ed, at = moves[k, CHANNELS + 2], last - k + 1
            for draw in range(drawn.shape[0]):
                mode, now_there = int(drawn[draw, 0]), drawn[draw, 4]
                hurt = happened and k == start + 1
                weight[e, draw] *= _draw_before(
                    room, drawn[draw], normals[at, draw], uniforms[at, draw], hurt
                )
                there = ed * drawn[draw, 4]
                if mode == 1:
                    strain[e, draw] += faded * max(now_there - there, 0.0)
                elif mode == 2:
                    mended[e, draw] += max(there, 0.0)
                    strain[e, draw] -= faded * (1.0 - keep) * max(there, 0.0)
            faded *= ed
            grown += moves[k, CHANNELS]
            passed *= moves[k, CHANNELS + 1]
        for draw in range(drawn.shape[0]):
            ahead[e, draw] -= drawn[draw, 1] + grown * drawn[draw, 2] + passed * drawn[draw, 3]
            if start > first:
                ahead[e, draw] += faded * drawn[draw, 4]
        if start == first:
            for draw in range(drawn.shape[0]):
                strain[e, draw] += faded * max(drawn[draw, 4], 0.0)
