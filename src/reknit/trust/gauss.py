"""Small-matrix arithmetic of one Gaussian component, and the moments of a rating that is bounded by its scale.

A component is a row of 15 numbers: weight, the means of (bond b, growth g, passing state a, strain d), and the ten
entries of their covariance, bb bg ba bd gg ga gd aa ad dd. Trust is b + a - d.
"""

from __future__ import annotations

import math

from reknit.trust.jit import inline

W, B, G, A, D = 0, 1, 2, 3, 4
BB, BG, BA, BD, GG, GA, GD, AA, AD, DD = 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
SIZE = 15


@inline
def normal_cdf(x):
    """Standard normal distribution function and density; Abramowitz & Stegun 26.2.17, error below 7.5e-8."""
    density = 0.3989422804014327 * math.exp(-0.5 * x * x)
    u = 1.0 / (1.0 + 0.2316419 * abs(x))
    poly = u * (
        0.319381530 + u * (-0.356563782 + u * (1.781477937 + u * (-1.821255978 + u * 1.330274429)))
    )
    tail = density * poly
    return (1.0 - tail if x >= 0 else tail), density


@inline
def bounded_moments(m, p, s2, items):
    """Moments of a rating in (0, 1) that averages `items` answers, each the latent value plus noise, clipped.

    The latent value is N(m, p), an answer's own noise N(0, s2). Returns the mean of the rating, the slope H with
    Cov(latent, rating) = H p (Stein's lemma), and the variance of the rating. With C = Var(one clipped answer) and
    r = p / (p + s2) the covariance of two answers is c1 r + (C - c1) r^2, c1 = H^2 (p + s2): the first term of the
    Hermite expansion exactly, the rest put in the second. Far from both ends this is m, 1, p + s2 / items.
    """
    t = p + s2
    sd = math.sqrt(t)
    lower, upper = -m / sd, (1.0 - m) / sd
    cl, fl, cu, fu = 0.0, 0.0, 1.0, 0.0
    if lower > -4.5:
        cl, fl = normal_cdf(lower)
    if upper < 4.5:
        cu, fu = normal_cdf(upper)
    slope = cu - cl
    mean = 1.0 - cu + m * slope + sd * (fl - fu)
    second = 1.0 - cu + (m * m + t) * slope + 2.0 * m * sd * (fl - fu)
    if lower > -4.5:
        second += t * lower * fl
    if upper < 4.5:
        second -= t * upper * fu
    var = max(second - mean * mean, 0.0)
    first = slope * slope * t
    r = p / t
    common = first * r + max(var - first, 0.0) * r * r
    return mean, slope, common + max(var - common, 0.0) / items


@inline
def evolve(c, step, out):
    """One step in time without an event: bond grows by df * growth, the passing state and the strain decay."""
    df, ea, ed, qb, qa, qd = step
    out[B] = c[B] + df * c[G]
    out[G] = c[G]
    out[A] = ea * c[A]
    out[D] = ed * c[D]
    out[BB] = c[BB] + df * (2.0 * c[BG] + df * c[GG]) + qb
    out[BG] = c[BG] + df * c[GG]
    out[BA] = ea * (c[BA] + df * c[GA])
    out[BD] = ed * (c[BD] + df * c[GD])
    out[GG] = c[GG]
    out[GA] = ea * c[GA]
    out[GD] = ed * c[GD]
    out[AA] = ea * ea * c[AA] + qa
    out[AD] = ea * ed * c[AD]
    out[DD] = ed * ed * c[DD] + qd


@inline
def rupture(x, jump, jump_var):
    """A rupture adds strain J ~ N(jump, jump_var)."""
    x[D] += jump
    x[DD] += jump_var


@inline
def repair(x, keep, gain):
    """A repair leaves keep * strain and raises the bond by gain * strain."""
    x[B] += gain * x[D]
    x[D] *= keep
    x[BB] += gain * (2.0 * x[BD] + gain * x[DD])
    x[BG] += gain * x[GD]
    x[BA] += gain * x[AD]
    x[BD] = keep * (x[BD] + gain * x[DD])
    x[GD] *= keep
    x[AD] *= keep
    x[DD] *= keep * keep


@inline
def shift(x, kb, kg, ka, kd, step, shrink):
    """Move the mean by step * k and take shrink * k k' from the covariance."""
    x[B] += kb * step
    x[G] += kg * step
    x[A] += ka * step
    x[D] += kd * step
    x[BB] -= shrink * kb * kb
    x[BG] -= shrink * kb * kg
    x[BA] -= shrink * kb * ka
    x[BD] -= shrink * kb * kd
    x[GG] -= shrink * kg * kg
    x[GA] -= shrink * kg * ka
    x[GD] -= shrink * kg * kd
    x[AA] -= shrink * ka * ka
    x[AD] -= shrink * ka * kd
    x[DD] -= shrink * kd * kd


@inline
def trust_moments(x):
    """Mean and variance of trust, and its covariance with each part of the state."""
    kb = x[BB] + x[BA] - x[BD]
    kg = x[BG] + x[GA] - x[GD]
    ka = x[BA] + x[AA] - x[AD]
    kd = x[BD] + x[AD] - x[DD]
    return x[B] + x[A] - x[D], max(kb + ka - kd, 0.0), kb, kg, ka, kd


@inline
def add_weighted(x, w, total):
    """Add a component with weight w to sums of w, w mean and w (cov + mean mean')."""
    b, g, a, d = x[B], x[G], x[A], x[D]
    total[W] += w
    total[B] += w * b
    total[G] += w * g
    total[A] += w * a
    total[D] += w * d
    total[BB] += w * (x[BB] + b * b)
    total[BG] += w * (x[BG] + b * g)
    total[BA] += w * (x[BA] + b * a)
    total[BD] += w * (x[BD] + b * d)
    total[GG] += w * (x[GG] + g * g)
    total[GA] += w * (x[GA] + g * a)
    total[GD] += w * (x[GD] + g * d)
    total[AA] += w * (x[AA] + a * a)
    total[AD] += w * (x[AD] + a * d)
    total[DD] += w * (x[DD] + d * d)


@inline
def collapse(total, scale):
    """Turn the sums of `add_weighted` into one Gaussian with the same moments and weight * scale (in place)."""
    w = total[W]
    inv = 1.0 / w
    b, g, a, d = total[B] * inv, total[G] * inv, total[A] * inv, total[D] * inv
    total[W] = w * scale
    total[B] = b
    total[G] = g
    total[A] = a
    total[D] = d
    total[BB] = max(total[BB] * inv - b * b, 0.0)
    total[BG] = total[BG] * inv - b * g
    total[BA] = total[BA] * inv - b * a
    total[BD] = total[BD] * inv - b * d
    total[GG] = max(total[GG] * inv - g * g, 0.0)
    total[GA] = total[GA] * inv - g * a
    total[GD] = total[GD] * inv - g * d
    total[AA] = max(total[AA] * inv - a * a, 0.0)
    total[AD] = total[AD] * inv - a * d
    total[DD] = max(total[DD] * inv - d * d, 0.0)
