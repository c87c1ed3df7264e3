"""What one session tells one component of the mixture: each channel's likelihood and what it moves."""

from __future__ import annotations

import math

from reknit.trust.gauss import (
    AD,
    BD,
    DD,
    GD,
    D,
    bounded_moments,
    normal_cdf,
    shift,
    trust_moments,
)
from reknit.trust.jit import inline

FLOOR = 1e-6  # smallest variance of a rating, (0.001 of the range)^2


@inline
def see_rating(x, y, noise, items, share, factor2, bounded):
    """Update a component by a rating y with noise variance `noise`, or factor2 times that with probability share.

    Returns the likelihood (Gaussian mixture of two, moments of the bounded rating), the squared standardised
    innovation, and the share of the forecast variance that scales with a person's own noise. The two posteriors
    are collapsed by matching moments.
    """
    m, p, kb, kg, ka, kd = trust_moments(x)
    slope = 1.0
    var = p + noise
    if bounded:
        m, slope, var = bounded_moments(m, p, noise * items, items)
    var1 = var + FLOOR
    var2 = var1 + (factor2 - 1.0) * noise
    e = y - m
    z1, z2 = e * e / var1, e * e / var2
    near = (1.0 - share) * math.exp(-0.5 * z1) / math.sqrt(var1)
    far = share * math.exp(-0.5 * z2) / math.sqrt(var2)
    like = near + far + 1e-280
    odd = far / like
    k1, k2 = slope / var1, slope / var2
    k = k1 + odd * (k2 - k1)
    gap = (k1 - k2) * e
    shift(x, kb, kg, ka, kd, k * e, slope * k - odd * (1.0 - odd) * gap * gap)
    own = 1.0 - slope * slope * (p - ka) / var1
    return 0.3989422804014327 * like, (1.0 - odd) * z1 + odd * z2, min(max(own, 0.0), 1.0)


@inline
def see_witness(x, y, level, level_var, slope, noise):
    """Update a component by the therapist's number y = level + slope * trust + noise, level known with doubt.

    Returns the likelihood, innovation / variance and 1 / variance (for the update of the level).
    """
    m, p, kb, kg, ka, kd = trust_moments(x)
    var = slope * slope * p + level_var + noise
    e = y - level - slope * m
    shift(x, kb, kg, ka, kd, slope * e / var, slope * slope / var)
    return math.exp(-0.5 * e * e / var) / math.sqrt(6.283185307179586 * var) + 1e-200, e / var, 1.0 / var


@inline
def see_strain(x, calm, hurt, size, width):
    """Update a component by an event with probability calm + (hurt - calm) * Phi((strain - size) / width).

    Assumed-density filtering with the exact first two moments; returns the probability of the event.
    """
    s = math.sqrt(x[DD] + width * width)
    z = (x[D] - size) / s
    cdf, density = normal_cdf(z)
    prob = max(calm + (hurt - calm) * cdf, 1e-12)
    step = (hurt - calm) * density / (prob * s)
    shift(x, x[BD], x[GD], x[AD], x[DD], step, step * (step + z / s))
    return prob


@inline
def strained(mean, var, size, width):
    """Probability that strain of a size that matters is present, softened by `width`."""
    return normal_cdf((mean - size) / math.sqrt(var + width * width))[0]


@inline
def report_probability(answer, said, yes):
    """P(answer to "did anything bother you"): 0 no, 1 a little, 2 yes."""
    if answer == 0:
        return 1.0 - said
    return said * (yes if answer == 2 else 1.0 - yes)
