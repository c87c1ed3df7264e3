"""What the filter writes down after a session: beliefs, the forecast of the next rating, reasons."""

from __future__ import annotations

import math

from reknit.trust.gauss import bounded_moments, trust_moments
from reknit.trust.jit import inline
from reknit.trust.layout import (
    AA,
    AD,
    ATTENDED,
    BA,
    BB,
    BD,
    BG,
    BOND,
    CHANNELS,
    COMPS,
    DD,
    DIFFICULTY,
    FORECAST_FACTOR,
    FORECAST_PLAIN,
    FORECAST_POWER,
    FORECAST_WEIGHT,
    GA,
    GD,
    GG,
    HEARD,
    INTERVAL_FACTOR,
    ITEMS,
    JUMP,
    LEAVE_BASE,
    LEAVE_MISSED,
    LEAVE_STRAIN,
    LEAVE_TRUST,
    MOVED,
    OUTLIER_FACTOR,
    OUTLIER_SHARE,
    P_REPAIR,
    P_RUPTURE,
    P_STRAIN,
    PLAIN,
    RATING,
    RATING_SD,
    RATING_STEP,
    REPAIR,
    REPAIR_GAIN,
    REPAIR_KEEP,
    REPAIR_RATE,
    RUPTURE_RATE,
    SCALE_USE,
    SIMPLE_NOISE,
    SIMPLE_WALK,
    SIZE,
    STRAIN,
    STRAIN_SHOWN,
    STRAIN_SIZE,
    THERAPIST,
    TRUST,
    TRUST_SD,
    A,
    B,
    D,
    Floats,
    G,
    Step,
    W,
)
from reknit.trust.steps import strained

NOTABLE = 0.15  # a move of the log-odds that is worth naming


@inline
def write_beliefs(th: Floats, s: Floats, out: Floats, at: int) -> tuple[float, float]:
    """Write what the three components at COMPS believe into one column of `out`; returns trust and strain."""
    trust, second, bond, strain, worn = 0.0, 0.0, 0.0, 0.0, 0.0
    size = th[STRAIN_SIZE]
    for i in range(3):
        c = COMPS + SIZE * i
        w = s[c + W]
        if w <= 0.0:
            continue
        m, p, _, _, _, _ = trust_moments(s, c)
        trust += w * m
        second += w * (p + m * m)
        bond += w * s[c + B]
        strain += w * s[c + D]
        worn += w * strained(s[c + D], s[c + DD], size)
    use = th[SCALE_USE] * (min(max(trust, 0.0), 1.0) - 0.5)
    hidden = th[STRAIN_SHOWN] * strain
    out[TRUST, at] = trust
    doubt = max(second - trust * trust, 0.0) + use * use + hidden * hidden
    out[TRUST_SD, at] = th[INTERVAL_FACTOR] * math.sqrt(doubt)
    out[BOND, at] = bond
    out[STRAIN, at] = strain
    out[P_RUPTURE, at] = min(max(s[COMPS + SIZE + W], 0.0), 1.0)
    out[P_STRAIN, at] = min(max(worn, 0.0), 1.0)
    out[P_REPAIR, at] = min(max(s[COMPS + 2 * SIZE + W], 0.0), 1.0)
    return trust, strain


@inline
def dropout(th: Floats, trust: float, strain: float, missed: float) -> float:
    """P(the relationship ends before the next session), a discrete hazard."""
    x = th[LEAVE_BASE] + th[LEAVE_STRAIN] * strain + th[LEAVE_TRUST] * trust + th[LEAVE_MISSED] * missed
    return 1.0 / (1.0 + math.exp(-min(max(x, -30.0), 30.0)))


@inline
def forecast(th: Floats, s: Floats, step: Step, style: float, bounded: bool) -> tuple[float, float]:
    """Mean and variance of the next rating after one more step in time, with and without a rupture then."""
    df, ea, ed, qb, qa, qd = step
    f0, f1, f2, f3 = 0.0, 0.0, 0.0, 0.0
    w1, m1, v1 = 0.0, 0.0, 0.0
    for i in range(3):
        c = COMPS + SIZE * i
        w = s[c + W]
        if w <= 0.0:
            continue
        d = ed * s[c + D]
        m = s[c + B] + df * s[c + G] + ea * s[c + A] - d
        p = s[c + BB] + df * (2.0 * s[c + BG] + df * s[c + GG]) + ea * ea * s[c + AA] + ed * ed * s[c + DD]
        p += 2.0 * (
            ea * (s[c + BA] + df * s[c + GA]) - ed * (s[c + BD] + df * s[c + GD]) - ea * ed * s[c + AD]
        )
        mend = th[REPAIR_RATE] * strained(d, ed * ed * s[c + DD], th[STRAIN_SIZE])
        m += mend * (1.0 - th[REPAIR_KEEP] + th[REPAIR_GAIN]) * d
        hit = th[RUPTURE_RATE + i]
        f0, f1 = f0 + w * (1.0 - hit), f1 + w * (1.0 - hit) * m
        f2 += w * (1.0 - hit) * (p + m * m)
        w1, m1, v1 = w1 + w * hit, m1 + w * hit * m, v1 + w * hit * (p + m * m)
        f3 += w
    noise = th[RATING_SD] ** 2 * style * (1.0 + th[OUTLIER_SHARE] * (th[OUTLIER_FACTOR] ** 2 - 1.0))
    noise += qb + qa + qd
    m0 = f1 / (f0 + 1e-300)
    v0 = max(f2 / (f0 + 1e-300) - m0 * m0, 0.0) + noise
    m1 = m1 / (w1 + 1e-300)
    v1 = max(v1 / (w1 + 1e-300) - m1 * m1, 0.0) + noise + s[JUMP + 2]
    m1 -= s[JUMP + 1]
    if bounded:
        s2 = th[RATING_SD] ** 2 * th[ITEMS]
        m0, v0 = bounded_moments(m0, v0, s2)
        m1, v1 = bounded_moments(m1, v1, s2)
    w1 = w1 / f3
    m = m0 + w1 * (m1 - m0)
    return m, v0 + w1 * (v1 - v0) + w1 * (1.0 - w1) * (m1 - m0) ** 2 + th[RATING_STEP] ** 2 / 12.0


@inline
def follow(th: Floats, s: Floats, y: float, gap: float, ahead: float) -> None:
    """One session of the plain level with a slope (Harvey 1989, sec. 3.2): `gap` weeks, the rating, and
    the forecast `ahead` weeks on.
    """
    s[PLAIN] += gap * s[PLAIN + 1]
    s[PLAIN + 2] += gap * (2.0 * s[PLAIN + 4] + gap * s[PLAIN + 3]) + gap * th[SIMPLE_WALK] ** 2
    s[PLAIN + 4] += gap * s[PLAIN + 3]
    if not math.isnan(y):
        var = s[PLAIN + 2] + th[SIMPLE_NOISE] ** 2
        level, slope, e = s[PLAIN + 2] / var, s[PLAIN + 4] / var, y - s[PLAIN]
        s[PLAIN] += level * e
        s[PLAIN + 1] += slope * e
        s[PLAIN + 3] -= slope * s[PLAIN + 4]
        s[PLAIN + 4] *= 1.0 - level
        s[PLAIN + 2] *= 1.0 - level
    s[PLAIN + 5] = s[PLAIN] + ahead * s[PLAIN + 1]
    grown = s[PLAIN + 2] + ahead * (2.0 * s[PLAIN + 4] + ahead * s[PLAIN + 3])
    s[PLAIN + 6] = max(grown, 0.0) + ahead * th[SIMPLE_WALK] ** 2 + th[SIMPLE_NOISE] ** 2


@inline
def combine(th: Floats, mean: float, var: float, plain: float, plain_var: float) -> tuple[float, float]:
    """Mean and sd of the next rating: the model's forecast beside the plain level's
    (`reknit.trust.calibrate`).
    """
    mean = th[FORECAST_WEIGHT] * mean + (1.0 - th[FORECAST_WEIGHT]) * plain
    if th[FORECAST_POWER] == 1.0 and th[FORECAST_PLAIN] == 0.0:
        return mean, th[FORECAST_FACTOR] * math.sqrt(var)
    log_sd = 0.5 * (th[FORECAST_POWER] * math.log(var) + th[FORECAST_PLAIN] * math.log(plain_var))
    return mean, th[FORECAST_FACTOR] * math.exp(log_sd)


@inline
def _code(channel: int, said: tuple[int, int, int], moved: float) -> int:
    """The number of a reason (an index of `reknit.trust.explain.CODES`)."""
    diff, att, rep = said
    if channel == DIFFICULTY:
        return 3 if diff > 0 else 4
    if channel == ATTENDED:
        return 5 if att == 0 else 6
    if channel == REPAIR:
        return 8 if rep == 2 else (7 if rep == 1 else 9)
    first = 1 if channel == RATING else (10 if channel == THERAPIST else 12)
    return first if moved > 0 else first + 1


@inline
def explain(s: Floats, said: tuple[int, int, int]) -> int:
    """How far each channel moved the log-odds of a rupture (into MOVED); returns the two strongest,
    packed.
    """
    best, second, top, runner_up = 0, 0, NOTABLE, NOTABLE
    before = math.log((s[HEARD + 1] + 1e-300) / (s[HEARD] - s[HEARD + 1] + 1e-300))
    for channel in range(1, CHANNELS):
        s[MOVED + channel] = 0.0
        everyone, hurt = s[HEARD + 2 * channel], s[HEARD + 2 * channel + 1]
        if everyone <= 0.0:
            continue
        now = math.log((hurt + 1e-300) / (everyone - hurt + 1e-300))
        moved, before = now - before, now
        s[MOVED + channel] = moved
        if abs(moved) > top:
            second, runner_up, best, top = best, top, channel, abs(moved)
        elif abs(moved) > runner_up:
            second, runner_up = channel, abs(moved)
    packed = 0
    if best > 0:
        packed = _code(best, said, s[MOVED + best])
    if second > 0:
        packed += 16 * _code(second, said, s[MOVED + second])
    return packed
