"""The filter: a collapsed Gaussian mixture over pairs of modes (GPB2; Kim 1994, J. Econometrics 60,
eq. 2.6-2.18).

The same kernel serves one relationship after one check-in and ten million check-ins. It takes flat arrays
sorted by relationship and week, with `starts[r]:starts[r+1]` the rows of relationship r.
"""

from __future__ import annotations

import math

import numpy as np

from reknit.trust.gauss import add_weighted, clear, collapse, copy, evolve, repair, rupture
from reknit.trust.jit import inline, jit
from reknit.trust.layout import (
    AA,
    ATTENDED,
    BASE,
    BB,
    BG,
    BOND_MEAN,
    BOND_SD,
    CHANNELS,
    COMPS,
    CONFIRM_CALM,
    CONFIRM_REPAIR,
    DD,
    DIFFICULTY,
    G_LEVEL,
    G_LEVEL_SD,
    G_SD,
    G_SLOPE,
    G_STRAIN,
    GG,
    GROWTH_CORR,
    GROWTH_MEAN,
    GROWTH_SD,
    GROWTH_WEEKS,
    GUESS,
    HASTE_FACTOR,
    HEARD,
    ITEMS,
    JUMP_MEAN,
    JUMP_SD,
    LEVEL,
    LOGLIK,
    MISSED_CALM,
    MISSED_SHARE,
    MISSED_STRAIN,
    MOVED,
    NEW,
    NEXT_MEAN,
    NEXT_SD,
    OUTLIER_FACTOR,
    OUTLIER_SHARE,
    P_DROPOUT,
    P_REPAIR,
    P_RUPTURE,
    PAIR,
    PLAIN,
    RATING,
    RATING_SD,
    RATING_STEP,
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
    SIMPLE_MEAN,
    SIMPLE_SPREAD,
    SIZE,
    SLATE,
    STATE_SD,
    STATE_WEEKS,
    STORE,
    STRAIN_KEEP,
    STRAIN_SD,
    STRAIN_SIZE,
    STYLE_MEMORY,
    STYLE_WEIGHT,
    SUMS,
    T_LEVEL,
    T_LEVEL_SD,
    T_SD,
    T_SLOPE,
    T_STRAIN,
    THERAPIST,
    TRUST,
    USUAL_GAP,
    WALK_SD,
    WITNESS_STEP,
    YES_CALM,
    YES_HURT,
    B,
    D,
    Data,
    Floats,
    G,
    Ints,
    Result,
    Step,
    W,
)
from reknit.trust.report import combine, dropout, explain, follow, forecast, write_beliefs
from reknit.trust.steps import answer_probability, read_rating, see_rating, see_strain, see_witness, strained

__all__ = ["LOGLIK", "MAX_GAP", "P_REPAIR", "P_RUPTURE", "TRUST", "run", "rupture_prior"]

PRUNE = 1e-4  # pairs of modes less likely than this before the data are skipped
MERGE = 0.005  # a mode less likely than this is merged into the steady one before time goes on
MAX_GAP = 520.0  # weeks
LOG_FLOOR = -600.0


@inline
def _begin(th: Floats, s: Floats, move: float, move_var: float) -> None:
    """The state before the first session: no strain, one component."""
    for i in range(SLATE):
        s[i] = 0.0
    s[COMPS + W] = 1.0
    s[COMPS + B] = th[BOND_MEAN] + move
    s[COMPS + G] = th[GROWTH_MEAN]
    s[COMPS + BB] = max(th[BOND_SD] ** 2 + move_var, 1e-12)
    s[COMPS + GG] = th[GROWTH_SD] ** 2
    s[COMPS + BG] = th[GROWTH_CORR] * math.sqrt(s[COMPS + BB]) * th[GROWTH_SD]
    s[COMPS + AA] = th[STATE_SD] ** 2
    s[LEVEL], s[LEVEL + 1] = th[T_LEVEL], th[T_LEVEL_SD] ** 2
    s[LEVEL + 2], s[LEVEL + 3] = th[G_LEVEL], th[G_LEVEL_SD] ** 2
    s[PLAIN], s[PLAIN + 1] = th[SIMPLE_MEAN], th[SIMPLE_SPREAD] ** 2


@inline
def rupture_prior(th: Floats, mode: int, first: bool, absence: float) -> float:
    """P(rupture now | mode at the session before, or that this is the first);
    `absence` 0 came .. 1 missed.
    """
    p: float = th[RUPTURE_FIRST] if first else th[RUPTURE_RATE + mode]
    return float(p * (1.0 - absence * (1.0 - th[MISSED_SHARE])))


@inline
def _absence(att: int, answered: bool) -> float:
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
        like, z2, own = see_rating(s, x, rated, noise[0], noise[1], th[OUTLIER_SHARE])
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
        rupture(s, PAIR, th[JUMP_MEAN], th[JUMP_SD] ** 2)
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
def _session(  # noqa: PLR0917
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
    absence = _absence(said[1], noise[0] > 0.0 or said[0] >= 0 or said[2] >= 0)
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


@inline
def _grown(weeks: float, growth_weeks: float) -> float:
    """Growth so far in units of the rate at the start: log-shaped,
    as if linear where growth_weeks is large.
    """
    return growth_weeks * math.log1p(weeks / growth_weeks)


@inline
def _noises(th: Floats, gap: float, ea: float, ed: float, style: float) -> tuple[float, float, float]:
    """Noise that comes in between two sessions: of the bond, the passing state and the strain."""
    qb, qa = th[WALK_SD] ** 2 * style * gap, th[STATE_SD] ** 2 * style * (1.0 - ea * ea)
    return qb, qa, th[STRAIN_SD] ** 2 * (1.0 - ed * ed)


@inline
def _read(
    th: Floats, y: float, care: float, style: float, bounded: bool
) -> tuple[tuple[float, float, float, int], tuple[float, float]]:
    """The client's rating as an observation, and its noise variance, ordinary and outlying (0: no rating)."""
    if math.isnan(y):
        return (0.0, 0.0, 0.0, 0), (0.0, 0.0)
    rated = read_rating(y, th[RATING_SD] * math.sqrt(th[ITEMS]), th[RATING_STEP], bounded)
    noise = th[RATING_SD] ** 2 * style * (1.0 + (th[HASTE_FACTOR] ** 2 - 1.0) * (1.0 - care))
    rounding = rated[1] if rated[3] == 0 else 0.0
    return rated, (noise + rounding, noise * th[OUTLIER_FACTOR] ** 2 + rounding)


@inline
def _learn_level(s: Floats, at: int, sums: int, total: int) -> None:
    """Update the therapist's own level (mean s[at], variance s[at + 1]) from all pairs."""
    if s[sums + 1] > 0.0:
        var = s[at + 1]
        s[at] += var * s[sums] / total
        s[at + 1] = max(var - var * var * s[sums + 1] / total, 1e-12)


@inline
def _write(  # noqa: PLR0917
    th: Floats,
    s: Floats,
    k: int,
    now: float,
    gap: float,
    steps: Step,
    style: float,
    y: float,
    said: tuple[int, int, int],
    bounded: bool,
    mode: int,
    out: Floats,
    result: Result,
) -> None:
    """Write down one session: beliefs, forecast, reasons; and, to be smoothed later, the mixture itself."""
    where, reasons, moves, stored = result
    at = where[k]
    trust, strain = write_beliefs(th, s, out, at)
    df = _grown(now + gap, th[GROWTH_WEEKS]) - _grown(now, th[GROWTH_WEEKS])
    ea, ed = math.exp(-gap / th[STATE_WEEKS]), math.exp(gap * math.log(th[STRAIN_KEEP]))
    mean, var = forecast(th, s, (df, ea, ed, *_noises(th, gap, ea, ed, style)), style, bounded)
    follow(th, s, y)
    mean, out[NEXT_SD, at] = combine(th, mean, var, s[PLAIN])
    out[NEXT_MEAN, at] = min(max(mean, 0.0), 1.0) if bounded else mean
    out[P_DROPOUT, at] = dropout(th, trust, strain, 1.0 if said[1] == 0 else 0.0)
    reasons[at] = explain(s, said)
    if mode == STORE:
        for i in range(CHANNELS):
            moves[k, i] = s[MOVED + i]
        for i in range(6):
            moves[k, CHANNELS + i] = steps[i]
        for i in range(3 * SIZE):
            stored[k, i] = s[COMPS + i]


@inline
def _relationship(  # noqa: PLR0917
    th: Floats,
    s: Floats,
    data: Data,
    has: Ints,
    first: int,
    last: int,
    move: float,
    move_var: float,
    bounded: bool,
    mode: int,
    loglik: Floats,
    out: Floats,
    result: Result,
) -> None:
    """Filter one relationship, rows first..last of the sorted arrays."""
    week, y, care, diff, att, rep, yt, yg = data
    _begin(th, s, move, move_var)
    style, seen, heard, usual, before, grown = 1.0, 0.0, 0.0, th[USUAL_GAP], 0.0, 0.0
    fade, last_gap, ea, ed = math.log(th[STRAIN_KEEP]), 0.0, 1.0, 1.0
    for k in range(first, last):
        now = week[k] - week[first]
        gap = min(max(now - before, 0.0), MAX_GAP)
        if gap != last_gap:
            ea, ed, last_gap = math.exp(-gap / th[STATE_WEEKS]), math.exp(gap * fade), gap
        so_far = _grown(now, th[GROWTH_WEEKS])
        step = (so_far - grown, ea, ed, *_noises(th, gap, ea, ed, style))
        grown, before = so_far, now
        if k > first and gap > 0.0:
            usual += (min(gap, 3.0 * usual) - usual) / min(k - first + 1.0, 10.0)
        rated, noise = _read(th, y[k], care[k * has[1]], style, bounded)
        told = (yt[k * has[5]], yg[k * has[6]])
        said = (diff[k * has[2]], att[k * has[3]], rep[k * has[4]])
        like = _session(th, s, step, rated, noise, told, said, k == first)
        loglik[k] = math.log(like) if like > 1e-260 else LOG_FLOOR
        total = like * s[HEARD]
        if noise[0] > 0.0:
            seen = th[STYLE_MEMORY] * seen + s[SUMS] / total
            heard = th[STYLE_MEMORY] * heard + style * s[SUMS + 1] / total
            style = max((th[STYLE_WEIGHT] + heard) / (th[STYLE_WEIGHT] + seen), 0.02)
        _learn_level(s, LEVEL, SUMS + 2, total)
        _learn_level(s, LEVEL + 2, SUMS + 4, total)
        if mode != LOGLIK:
            _write(th, s, k, now, usual, step, style, y[k], said, bounded, mode, out, result)
            if mode == STORE:
                answered = noise[0] > 0.0 or said[0] >= 0 or said[2] >= 0
                result[2][k, CHANNELS + 6] = _absence(said[1], answered)


@jit
def run(  # noqa: PLR0917
    th: Floats,
    starts: Ints,
    data: Data,
    has: Ints,
    move: Floats,
    move_var: Floats,
    bounded: bool,
    mode: int,
    first: int,
    last: int,
    loglik: Floats,
    out: Floats,
    result: Result,
) -> None:
    """Filter relationships first..last (rows of `starts`); see `reknit.trust.engine` for the arrays."""
    slate = np.zeros(SLATE)
    for r in range(first, last):
        _relationship(
            th, slate, data, has, starts[r], starts[r + 1], move[r * has[7]], move_var[r * has[7]],
            bounded, mode, loglik, out, result,
        )  # fmt: skip
