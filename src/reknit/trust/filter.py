"""The filter: a collapsed Gaussian mixture over pairs of modes (GPB2; Kim 1994, J. Econometrics 60,
eq. 2.6-2.18), from the first session of a relationship to its last.

The same kernel serves one relationship after one check-in and ten million check-ins. It takes flat arrays
sorted by relationship and week, with `starts[r]:starts[r+1]` the rows of relationship r. What happens inside
one session is in `reknit.trust.pairs`, what is written down after it in `reknit.trust.report`.
"""

from __future__ import annotations

import math

from reknit.trust.gauss import positive
from reknit.trust.jit import inline, jit
from reknit.trust.layout import (
    AA,
    BB,
    BG,
    BOND_MEAN,
    BOND_SD,
    CHANNELS,
    COMPS,
    G_LEVEL,
    G_LEVEL_SD,
    GG,
    GROWTH_CORR,
    GROWTH_MEAN,
    GROWTH_SD,
    GROWTH_WEEKS,
    HASTE_FACTOR,
    HEARD,
    ITEMS,
    JUMP,
    JUMP_MEAN,
    JUMP_SD,
    KEPT,
    KNOWN,
    LEVEL,
    LOGLIK,
    MOVED,
    NEXT_MEAN,
    NEXT_SD,
    OUTLIER_FACTOR,
    P_DROPOUT,
    PLAIN,
    RATING_SD,
    RATING_STEP,
    SIMPLE_CORR,
    SIMPLE_MEAN,
    SIMPLE_SLOPE,
    SIMPLE_SLOPE_SD,
    SIMPLE_SPREAD,
    SIZE,
    STATE_SD,
    STATE_WEEKS,
    STORE,
    STRAIN_KEEP,
    STRAIN_SD,
    STYLE_MEMORY,
    STYLE_WEIGHT,
    SUMS,
    T_LEVEL,
    T_LEVEL_SD,
    USUAL_GAP,
    WALK_SD,
    B,
    Data,
    Floats,
    G,
    Ints,
    Result,
    Step,
    W,
)
from reknit.trust.pairs import absent, session
from reknit.trust.report import combine, dropout, explain, follow, forecast, write_beliefs
from reknit.trust.steps import read_rating

MAX_GAP = 520.0  # weeks
LOG_FLOOR = -600.0


@inline
def _begin(th: Floats, s: Floats, move: float, move_var: float) -> None:
    """The state before the first session: no strain, one component."""
    for i in range(KNOWN):
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
    s[PLAIN], s[PLAIN + 1] = th[SIMPLE_MEAN], th[SIMPLE_SLOPE]
    s[PLAIN + 2], s[PLAIN + 3] = th[SIMPLE_SPREAD] ** 2, th[SIMPLE_SLOPE_SD] ** 2
    s[PLAIN + 4] = th[SIMPLE_CORR] * th[SIMPLE_SPREAD] * th[SIMPLE_SLOPE_SD]
    s[JUMP], s[JUMP + 1], s[JUMP + 2] = positive(th[JUMP_MEAN], th[JUMP_SD])


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
def _observation(th: Floats, s: Floats, y: float, bounded: bool) -> tuple[float, float, float, int]:
    """A rating as an observation of latent trust (`read_rating`), remembered: a scale has few values."""
    at = KNOWN + 5 * int(KEPT * min(max(y, 0.0), 1.0))
    if s[at] != y:
        rated = read_rating(y, th[RATING_SD] * math.sqrt(th[ITEMS]), th[RATING_STEP], bounded)
        s[at], s[at + 1], s[at + 2], s[at + 3], s[at + 4] = y, *rated
    return s[at + 1], s[at + 2], s[at + 3], int(s[at + 4])


@inline
def _read(  # noqa: PLR0917
    th: Floats, s: Floats, y: float, care: float, style: float, bounded: bool
) -> tuple[tuple[float, float, float, int], tuple[float, float]]:
    """The client's rating as an observation, and its noise variance, ordinary and outlying (0: no rating)."""
    if math.isnan(y):
        return (0.0, 0.0, 0.0, 0), (0.0, 0.0)
    rated = _observation(th, s, y, bounded)
    noise = th[RATING_SD] ** 2 * style * (1.0 + (th[HASTE_FACTOR] ** 2 - 1.0) * (1.0 - care))
    rounding = rated[1] if rated[3] == 0 else 0.0
    return rated, (noise + rounding, noise * th[OUTLIER_FACTOR] ** 2 + rounding)


@inline
def _learn_style(  # noqa: PLR0917
    th: Floats, s: Floats, style: float, seen: float, heard: float, total: float
) -> tuple[float, float, float]:
    """Update the person's own noise (factor `style`) from all pairs, older sessions fading."""
    seen = th[STYLE_MEMORY] * seen + s[SUMS] / total
    heard = th[STYLE_MEMORY] * heard + style * s[SUMS + 1] / total
    return max((th[STYLE_WEIGHT] + heard) / (th[STYLE_WEIGHT] + seen), 0.02), seen, heard


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
    steps: Step,
    ahead: Step,
    style: float,
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
    mean, var = forecast(th, s, ahead, style, bounded)
    mean, out[NEXT_SD, at] = combine(th, mean, var, s[PLAIN + 5], s[PLAIN + 6])
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
    last_usual, usual_ea, usual_ed = -1.0, 1.0, 1.0
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
        rated, noise = _read(th, s, y[k], care[k * has[1]], style, bounded)
        told = (yt[k * has[5]], yg[k * has[6]])
        said = (diff[k * has[2]], att[k * has[3]], rep[k * has[4]])
        like = session(th, s, step, rated, noise, told, said, k == first)
        loglik[k] = math.log(like) if like > 1e-260 else LOG_FLOOR
        total = like * s[HEARD]
        if noise[0] > 0.0:
            style, seen, heard = _learn_style(th, s, style, seen, heard, total)
        _learn_level(s, LEVEL, SUMS + 2, total)
        _learn_level(s, LEVEL + 2, SUMS + 4, total)
        if mode != LOGLIK:
            if usual != last_usual:
                usual_ea, usual_ed = math.exp(-usual / th[STATE_WEEKS]), math.exp(usual * fade)
                last_usual = usual
            follow(th, s, y[k], gap, usual)
            growth = _grown(now + usual, th[GROWTH_WEEKS]) - so_far
            ahead = (growth, usual_ea, usual_ed, *_noises(th, usual, usual_ea, usual_ed, style))
            _write(th, s, k, step, ahead, style, said, bounded, mode, out, result)
            if mode == STORE:
                answered = noise[0] > 0.0 or said[0] >= 0 or said[2] >= 0
                result[2][k, CHANNELS + 6] = absent(said[1], answered)


@jit
def run(  # noqa: PLR0917
    th: Floats,
    slate: Floats,
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
    """Filter relationships first..last on a slate of nan; see `reknit.trust.engine` for the arrays."""
    for r in range(first, last):
        _relationship(
            th, slate, data, has, starts[r], starts[r + 1], move[r * has[7]], move_var[r * has[7]],
            bounded, mode, loglik, out, result,
        )  # fmt: skip
