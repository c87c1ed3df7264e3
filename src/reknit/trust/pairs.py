"""One session: the filter's step over all pairs of modes (GPB2; Kim 1994, J. Econometrics 60, eq. 2.6-2.18).

For each mode of the session before, time passes, and the client came or not; for each mode now, its event
happens, and what was rated and said moves the state. Likelihoods weigh the pairs, and the pairs that end in
the same mode are collapsed into one Gaussian with their moments.
"""

from __future__ import annotations

import math

from reknit.trust.gauss import add_weighted, clear, collapse, copy, evolve, repair, rupture
from reknit.trust.jit import inline
from reknit.trust.layout import (
    ATTENDED,
    BASE,
    COMPS,
    CONFIRM_CALM,
    CONFIRM_REPAIR,
    DD,
    DIFFICULTY,
    G_SD,
    G_SLOPE,
    G_STRAIN,
    GUESS,
    HEARD,
    JUMP,
    JUMP_MEAN,
    JUMP_SD,
    LEVEL,
    MISSED_CALM,
    MISSED_SHARE,
    MISSED_STRAIN,
    NEW,
    OUTLIER_SHARE,
    PAIR,
    RATING,
    RECORD_CALM,
    RECORD_REPAIR,
    REPAIR,
    REPAIR_GAIN,
    REPAIR_KEEP,
    REPAIR_RATE,
    RUPTURE_FIRST,
    RUPTURE_RATE,
    SAID_CALM,
    SAID_RUPTURE,
    SAID_STRAIN,
    SEEN,
    SIZE,
    STRAIN_SIZE,
    SUMS,
    T_SD,
    T_SLOPE,
    T_STRAIN,
    THERAPIST,
    WITNESS_STEP,
    YES_CALM,
    YES_HURT,
    D,
    Floats,
    Step,
    W,
)
from reknit.trust.steps import answer_probability, see_rating, see_strain, see_witness, strained

PRUNE = 1e-4  # pairs of modes less likely than this before the data are skipped
MERGE = 0.005  # a mode less likely than this is merged into the steady one before time goes on


@inline
def rupture_prior(th: Floats, mode: int, first: bool, absence: float) -> float:
    """P(rupture now | mode at the session before, or that this is the first);
    `absence` 0 came .. 1 missed.
    """
    p: float = th[RUPTURE_FIRST] if first else th[RUPTURE_RATE + mode]
    return float(p * (1.0 - absence * (1.0 - th[MISSED_SHARE])))


@inline
def absent(att: int, answered: bool) -> float:
    """How surely nobody came: 1 when recorded, a half when nothing at all is known of the session."""
    if att >= 0:
        return 1.0 - att
    return 0.0 if answered else 0.5


@inline
def _heard(s: Floats, channel: int, weight: float, mode: int) -> None:
    """Note the weight of a pair once a channel has been heard."""
    s[HEARD + 2 * channel] += weight
    if mode == 1:
        s[HEARD + 2 * channel + 1] += weight


@inline
def _see_attendance(th: Floats, s: Floats, x: int, att: int) -> float:
    """Whether the client came, which depends on the strain brought to the session;
    returns its probability.
    """
    calm, worn = th[MISSED_CALM], th[MISSED_STRAIN]
    if att == 1:
        calm, worn = 1.0 - calm, 1.0 - worn
    return see_strain(s, x, calm, worn, th[STRAIN_SIZE])


@inline
def _see_words(th: Floats, s: Floats, x: int, mode: int, said: tuple[int, int, int], weight: float) -> float:  # noqa: PLR0917
    """The channels of answers: difficulty, recorded repair; returns the new weight."""
    diff, _, rep = said
    if diff >= 0:
        if mode == 1:
            weight *= answer_probability(diff, th[SAID_RUPTURE], th[YES_HURT])
        else:
            calm = answer_probability(diff, th[SAID_CALM], th[YES_CALM])
            worn = answer_probability(diff, th[SAID_STRAIN], th[YES_HURT])
            weight *= see_strain(s, x, calm, worn, th[STRAIN_SIZE])
        _heard(s, DIFFICULTY, weight, mode)
    if rep >= 0:
        if mode == 2:
            weight *= answer_probability(rep, th[RECORD_REPAIR], th[CONFIRM_REPAIR])
        else:
            weight *= answer_probability(rep, th[RECORD_CALM], th[CONFIRM_CALM])
        _heard(s, REPAIR, weight, mode)
    return weight


@inline
def _see_numbers(  # noqa: PLR0917
    th: Floats,
    s: Floats,
    x: int,
    mode: int,
    rated: tuple[float, float, float, int],
    noise: tuple[float, float],
    told: tuple[float, float],
    weight: float,
) -> float:
    """The channels of numbers: client's rating, therapist's rating and guess; returns the new weight."""
    yt, yg = told
    if noise[0] > 0.0:
        like, z2, own = see_rating(
            s,
            x,
            rated,
            noise[0],
            noise[1],
            th[OUTLIER_SHARE],
            th[JUMP_MEAN],
            th[JUMP_SD] ** 2 if mode == 1 else 0.0,
        )
        weight *= like
        s[SEEN], s[SEEN + 1] = own * own, own * (z2 - 1.0 + own)
        _heard(s, RATING, weight, mode)
    if not math.isnan(yt):
        like, s[SEEN + 2], s[SEEN + 3] = see_witness(
            s, x, yt, s[LEVEL], s[LEVEL + 1], th[T_SLOPE], th[T_STRAIN], th[T_SD] ** 2, th[WITNESS_STEP]
        )
        weight *= like
        _heard(s, THERAPIST, weight, mode)
    if not math.isnan(yg):
        like, s[SEEN + 4], s[SEEN + 5] = see_witness(
            s, x, yg, s[LEVEL + 2], s[LEVEL + 3], th[G_SLOPE], th[G_STRAIN], th[G_SD] ** 2, th[WITNESS_STEP]
        )
        weight *= like
        _heard(s, GUESS, weight, mode)
    return weight


@inline
def _one_pair(  # noqa: PLR0917
    th: Floats,
    s: Floats,
    mode: int,
    prior: float,
    rated: tuple[float, float, float, int],
    noise: tuple[float, float],
    told: tuple[float, float],
    said: tuple[int, int, int],
) -> None:
    """One pair of modes: the event, the channels, and its part in the new component."""
    copy(s, BASE, PAIR)
    if mode == 1:
        if noise[0] > 0.0:
            rupture(s, PAIR, th[JUMP_MEAN], th[JUMP_SD] ** 2)
            prior /= s[JUMP]
        else:
            rupture(s, PAIR, s[JUMP + 1], s[JUMP + 2])
    elif mode == 2:
        repair(s, PAIR, th[REPAIR_KEEP], th[REPAIR_GAIN])
    weight = _see_numbers(th, s, PAIR, mode, rated, noise, told, prior)
    weight = _see_words(th, s, PAIR, mode, said, weight)
    add_weighted(s, PAIR, weight, NEW + SIZE * mode)
    for i in range(6):
        s[SUMS + i] += weight * s[SEEN + i]


@inline
def _merge(s: Floats) -> None:
    """Merge modes that are all but ruled out into the steady one, moments matched."""
    small = (0.0 < s[COMPS + SIZE + W] < MERGE) or (0.0 < s[COMPS + 2 * SIZE + W] < MERGE)
    if not small or s[COMPS + W] < 0.5:
        return
    clear(s, NEW)
    add_weighted(s, COMPS, s[COMPS + W], NEW)
    for mode in range(1, 3):
        x = COMPS + SIZE * mode
        if 0.0 < s[x + W] < MERGE:
            add_weighted(s, x, s[x + W], NEW)
            clear(s, x)
    collapse(s, NEW, 1.0)
    copy(s, NEW, COMPS)


@inline
def session(  # noqa: PLR0917
    th: Floats,
    s: Floats,
    step: Step,
    rated: tuple[float, float, float, int],
    noise: tuple[float, float],
    told: tuple[float, float],
    said: tuple[int, int, int],
    first: bool,
) -> float:
    """All pairs of modes of one session: predict, hear the channels, collapse. Returns the likelihood."""
    _merge(s)
    for i in range(NEW, LEVEL):
        s[i] = 0.0
    absence = absent(said[1], noise[0] > 0.0 or said[0] >= 0 or said[2] >= 0)
    for i in range(3):
        weight = s[COMPS + SIZE * i + W]
        if weight < PRUNE:
            continue
        evolve(s, COMPS + SIZE * i, step, BASE)
        hit = rupture_prior(th, i, first, 0.0 if said[1] >= 0 else absence)
        s[HEARD] += weight
        s[HEARD + 1] += weight * hit
        if said[1] >= 0:
            weight *= _see_attendance(th, s, BASE, said[1])
            hit = rupture_prior(th, i, first, absence)
            s[HEARD + 2 * ATTENDED] += weight
            s[HEARD + 2 * ATTENDED + 1] += weight * hit
        mend = (1.0 - hit) * th[REPAIR_RATE] * strained(s[BASE + D], s[BASE + DD], th[STRAIN_SIZE])
        for mode in range(3):
            prior = weight * (hit if mode == 1 else (mend if mode == 2 else 1.0 - hit - mend))
            if prior >= PRUNE:
                _one_pair(th, s, mode, prior, rated, noise, told, said)
    total = s[NEW + W] + s[NEW + SIZE + W] + s[NEW + 2 * SIZE + W]
    for mode in range(3):
        at = NEW + SIZE * mode
        if s[at + W] > 1e-12 * total:
            collapse(s, at, 1.0 / total)
            copy(s, at, COMPS + SIZE * mode)
        else:
            clear(s, COMPS + SIZE * mode)
    return float(total / max(s[HEARD], 1e-300))
