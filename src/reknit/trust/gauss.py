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
def clipped(m, sd):
    """Mean, slope and variance of N(m, sd^2) clipped to (0, 1); the slope is d mean / d m (Stein's lemma)."""
    lower, upper = -m / sd, (1.0 - m) / sd
    cl, fl, cu, fu = 0.0, 0.0, 1.0, 0.0
    if lower > -4.5:
        cl, fl = normal_cdf(lower)
    if upper < 4.5:
        cu, fu = normal_cdf(upper)
    slope = cu - cl
    mean = 1.0 - cu + m * slope + sd * (fl - fu)
    second = 1.0 - cu + (m * m + sd * sd) * slope + 2.0 * m * sd * (fl - fu)
    if lower > -4.5:
        second += sd * sd * lower * fl
    if upper < 4.5:
        second -= sd * sd * upper * fu
    return mean, slope, max(second - mean * mean, 0.0)


@inline
def bounded_moments(m, p, s2):
    """Mean and variance of the bent rating g(X), X ~ N(m, p), where g(x) is the mean of N(x, s2) clipped to (0, 1).

    The mean is exact. With C = Var(N(m, p + s2) clipped) and r = p / (p + s2), Var g(X) = c1 r + (C - c1) r^2,
    c1 = slope^2 (p + s2): the first term of the Hermite expansion exactly, the rest put into the second.
    """
    t = p + s2
    mean, slope, var = clipped(m, math.sqrt(t))
    first = slope * slope * t
    r = p / t
    return mean, slope, first * r + max(var - first, 0.0) * r * r


@inline
def unbend(y, sd):
    """The latent value x with g(x) = y (mean of N(x, sd^2) clipped to (0, 1)), and the slope of g there.

    Newton's method; g is concave towards the top and convex towards the bottom, so that it converges from y itself.
    """
    x = y
    mean, slope, _ = clipped(x, sd)
    for _ in range(8):
        gap = y - mean
        if abs(gap) < 1e-7:
            break
        x += gap / max(slope, 1e-3)
        mean, slope, _ = clipped(x, sd)
    return x, max(slope, 1e-3)


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
