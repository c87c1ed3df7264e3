"""Small-matrix arithmetic of one Gaussian component,
and the moments of a rating that is bounded by its scale.

All functions here work on one flat array `s`, the slate; a component is known by the place where its 15
numbers begin: weight, the means of (bond b, growth g, passing state a, strain d), and the ten entries of
their covariance, bb bg ba bd gg ga gd aa ad dd. Trust is b + a - d.
"""

from __future__ import annotations

import math

from reknit.trust.jit import inline
from reknit.trust.layout import AA, AD, BA, BB, BD, BG, DD, GA, GD, GG, SIZE, A, B, D, Floats, G, Step, W


@inline
def normal_cdf(x: float) -> tuple[float, float]:
    """Standard normal distribution function and density; Abramowitz & Stegun 26.2.17, error below 7.5e-8."""
    density = 0.3989422804014327 * math.exp(-0.5 * x * x)
    u = 1.0 / (1.0 + 0.2316419 * abs(x))
    poly = u * (0.319381530 + u * (-0.356563782 + u * (1.781477937 + u * (-1.821255978 + u * 1.330274429))))
    tail = density * poly
    return (1.0 - tail if x >= 0 else tail), density


@inline
def clipped(m: float, sd: float) -> tuple[float, float, float]:
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
def bounded_moments(m: float, p: float, s2: float) -> tuple[float, float]:
    """Mean and variance of the bent rating g(X), X ~ N(m, p), where g(x) is the mean of N(x,
    s2) clipped to (0, 1).

    The mean is exact. With C = Var(N(m, p + s2) clipped), r = p / (p + s2), Var g(X) = c1 r + (C - c1) r^2,
    c1 = slope^2 (p + s2): the first term of the Hermite expansion exactly, the rest put into the second.
    """
    t = p + s2
    mean, slope, var = clipped(m, math.sqrt(t))
    first = slope * slope * t
    r = p / t
    return mean, first * r + max(var - first, 0.0) * r * r


@inline
def unbend(y: float, sd: float) -> tuple[float, float]:
    """The latent value x with g(x) = y (mean of N(x, sd^2) clipped to (0, 1)), and the slope of g there.

    Newton's method; g is concave towards the top and convex towards the bottom, so that it converges from y
    itself.
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
def evolve(s: Floats, c: int, step: Step, out: int) -> None:
    """One step in time without an event: bond grows by df * growth,
    the passing state and the strain decay.
    """
    df, ea, ed, qb, qa, qd = step
    s[out + B] = s[c + B] + df * s[c + G]
    s[out + G] = s[c + G]
    s[out + A] = ea * s[c + A]
    s[out + D] = ed * s[c + D]
    s[out + BB] = s[c + BB] + df * (2.0 * s[c + BG] + df * s[c + GG]) + qb
    s[out + BG] = s[c + BG] + df * s[c + GG]
    s[out + BA] = ea * (s[c + BA] + df * s[c + GA])
    s[out + BD] = ed * (s[c + BD] + df * s[c + GD])
    s[out + GG] = s[c + GG]
    s[out + GA] = ea * s[c + GA]
    s[out + GD] = ed * s[c + GD]
    s[out + AA] = ea * ea * s[c + AA] + qa
    s[out + AD] = ea * ed * s[c + AD]
    s[out + DD] = ed * ed * s[c + DD] + qd


@inline
def positive(mean: float, sd: float) -> tuple[float, float, float]:
    """P(J > 0) for J ~ N(mean, sd^2), and the mean and variance of J given that."""
    z = mean / max(sd, 1e-9)
    cdf, density = normal_cdf(z)
    pull = density / cdf
    return cdf, mean + sd * pull, sd * sd * (1.0 - pull * (pull + z))


@inline
def rupture(s: Floats, x: int, jump: float, jump_var: float) -> None:
    """A rupture adds strain of mean `jump` and variance `jump_var`."""
    s[x + D] += jump
    s[x + DD] += jump_var


@inline
def repair(s: Floats, x: int, keep: float, gain: float) -> None:
    """A repair leaves keep * strain and raises the bond by gain * strain."""
    s[x + B] += gain * s[x + D]
    s[x + D] *= keep
    s[x + BB] += gain * (2.0 * s[x + BD] + gain * s[x + DD])
    s[x + BG] += gain * s[x + GD]
    s[x + BA] += gain * s[x + AD]
    s[x + BD] = keep * (s[x + BD] + gain * s[x + DD])
    s[x + GD] *= keep
    s[x + AD] *= keep
    s[x + DD] *= keep * keep


@inline
def shift(s: Floats, x: int, kb: float, kg: float, ka: float, kd: float, step: float, shrink: float) -> None:  # noqa: PLR0917
    """Move the mean by step * k and take shrink * k k' from the covariance."""
    s[x + B] += kb * step
    s[x + G] += kg * step
    s[x + A] += ka * step
    s[x + D] += kd * step
    s[x + BB] -= shrink * kb * kb
    s[x + BG] -= shrink * kb * kg
    s[x + BA] -= shrink * kb * ka
    s[x + BD] -= shrink * kb * kd
    s[x + GG] -= shrink * kg * kg
    s[x + GA] -= shrink * kg * ka
    s[x + GD] -= shrink * kg * kd
    s[x + AA] -= shrink * ka * ka
    s[x + AD] -= shrink * ka * kd
    s[x + DD] -= shrink * kd * kd


@inline
def trust_moments(s: Floats, x: int) -> tuple[float, float, float, float, float, float]:
    """Mean and variance of trust, and its covariance with each part of the state."""
    kb = s[x + BB] + s[x + BA] - s[x + BD]
    kg = s[x + BG] + s[x + GA] - s[x + GD]
    ka = s[x + BA] + s[x + AA] - s[x + AD]
    kd = s[x + BD] + s[x + AD] - s[x + DD]
    return s[x + B] + s[x + A] - s[x + D], max(kb + ka - kd, 0.0), kb, kg, ka, kd


@inline
def add_weighted(s: Floats, x: int, w: float, total: int) -> None:
    """Add a component with weight w to sums of w, w mean and w (cov + mean mean')."""
    b, g, a, d = s[x + B], s[x + G], s[x + A], s[x + D]
    s[total + W] += w
    s[total + B] += w * b
    s[total + G] += w * g
    s[total + A] += w * a
    s[total + D] += w * d
    s[total + BB] += w * (s[x + BB] + b * b)
    s[total + BG] += w * (s[x + BG] + b * g)
    s[total + BA] += w * (s[x + BA] + b * a)
    s[total + BD] += w * (s[x + BD] + b * d)
    s[total + GG] += w * (s[x + GG] + g * g)
    s[total + GA] += w * (s[x + GA] + g * a)
    s[total + GD] += w * (s[x + GD] + g * d)
    s[total + AA] += w * (s[x + AA] + a * a)
    s[total + AD] += w * (s[x + AD] + a * d)
    s[total + DD] += w * (s[x + DD] + d * d)


@inline
def collapse(s: Floats, total: int, scale: float) -> None:
    """Turn the sums of `add_weighted` into one Gaussian with the same moments and weight * scale
    (in place).
    """
    w = s[total + W]
    inv = 1.0 / w
    b, g, a, d = s[total + B] * inv, s[total + G] * inv, s[total + A] * inv, s[total + D] * inv
    s[total + W] = w * scale
    s[total + B] = b
    s[total + G] = g
    s[total + A] = a
    s[total + D] = d
    s[total + BB] = max(s[total + BB] * inv - b * b, 0.0)
    s[total + BG] = s[total + BG] * inv - b * g
    s[total + BA] = s[total + BA] * inv - b * a
    s[total + BD] = s[total + BD] * inv - b * d
    s[total + GG] = max(s[total + GG] * inv - g * g, 0.0)
    s[total + GA] = s[total + GA] * inv - g * a
    s[total + GD] = s[total + GD] * inv - g * d
    s[total + AA] = max(s[total + AA] * inv - a * a, 0.0)
    s[total + AD] = s[total + AD] * inv - a * d
    s[total + DD] = max(s[total + DD] * inv - d * d, 0.0)


@inline
def copy(s: Floats, x: int, out: int) -> None:
    """Copy a component."""
    for i in range(SIZE):
        s[out + i] = s[x + i]


@inline
def clear(s: Floats, x: int) -> None:
    """Set a component to zero."""
    for i in range(SIZE):
        s[x + i] = 0.0
