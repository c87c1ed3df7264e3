"""What one session tells one component of the mixture: each channel's likelihood and what it moves."""

from __future__ import annotations

import math

from reknit.trust.gauss import normal_cdf, shift, trust_moments, unbend
from reknit.trust.jit import inline
from reknit.trust.layout import AA, AD, BA, BB, BD, BG, DD, GA, GD, A, B, D, Floats

SOFT = 0.4  # width of "strain of a size that matters", in units of that size


@inline
def read_rating(y: float, bend: float, step: float, bounded: bool) -> tuple[float, float, float, int]:
    """A rating as an observation of latent trust: y = g(trust + noise), rounded to `step`,
    g bending near the ends.

    Returns the latent value, the variance of rounding there, a factor of the likelihood (the Jacobian, or 1 /
    step at an end of the scale), and 1 / -1 at the top / bottom, which say only that the latent value is
    passed.
    """
    rounding = step * step / 12.0
    if not bounded:
        return y, rounding, 1.0, 0
    end = 0
    if y > 1.0 - 0.25 * step:
        end, y = 1, 1.0 - 0.5 * step
    elif y < 0.25 * step:
        end, y = -1, 0.5 * step
    x, slope = unbend(y, bend)
    return x, rounding / (slope * slope), 1.0 / slope if end == 0 else 1.0 / step, end


@inline
def see_rating(  # noqa: PLR0917
    s: Floats,
    x: int,
    rated: tuple[float, float, float, int],
    noise: float,
    odd_noise: float,
    share: float,
    jump: float,
    jump_var: float,
) -> tuple[float, float, float]:
    """Update a component by a rating (`read_rating`) with its noise variance,
    larger with probability `share`.

    Returns the likelihood (a mixture of two), the squared standardised innovation, and the share of the
    forecast variance that scales with a person's own noise (0 where the rating is an end of the scale). The
    two posteriors are collapsed by matching moments.
    """
    w, rounding, factor, end = rated
    m, p, kb, kg, ka, kd = trust_moments(s, x)
    var1, var2 = p + noise, p + odd_noise
    if end != 0:
        prob, step, shrink = _see_end(s, x, end * (m - w), end, var1, var2, share, kb, kg, ka, kd)
        return factor * prob * rupture_is_a_fall(s, x, jump, jump_var, step, shrink, kb, kg, ka, kd), 0.0, 0.0
    e = w - m
    k1, k2 = 1.0 / var1, 1.0 / var2
    z1, z2 = e * e * k1, e * e * k2
    near = (1.0 - share) * math.exp(-0.5 * z1) * math.sqrt(k1)
    far = share * math.exp(-0.5 * z2) * math.sqrt(k2)
    like = near + far + 1e-100
    odd = far / like
    k = k1 + odd * (k2 - k1)
    gap = (k1 - k2) * e
    shrink = k - odd * (1.0 - odd) * gap * gap
    shift(s, x, kb, kg, ka, kd, k * e, shrink)
    like *= rupture_is_a_fall(s, x, jump, jump_var, k * e, shrink, kb, kg, ka, kd)
    own = (noise - rounding + max(ka, 0.0)) * k1
    return factor * 0.3989422804014327 * like, (1.0 - odd) * z1 + odd * z2, min(own, 1.0)


@inline
def _see_end(  # noqa: PLR0917
    s: Floats,
    x: int,
    above: float,
    end: int,
    var1: float,
    var2: float,
    share: float,
    kb: float,
    kg: float,
    ka: float,
    kd: float,
) -> tuple[float, float, float]:
    """A rating at an end of the scale: P(latent value + noise beyond it), first two moments exactly."""
    s1, s2 = math.sqrt(var1), math.sqrt(var2)
    c1, f1 = normal_cdf(above / s1)
    c2, f2 = normal_cdf(above / s2)
    prob = (1.0 - share) * c1 + share * c2 + 1e-12
    pull = ((1.0 - share) * f1 / s1 + share * f2 / s2) / prob
    bend = ((1.0 - share) * f1 * above / (s1 * var1) + share * f2 * above / (s2 * var2)) / prob
    shift(s, x, kb, kg, ka, kd, end * pull, pull * pull + bend)
    return prob, end * pull, pull * pull + bend


@inline
def rupture_is_a_fall(  # noqa: PLR0917
    s: Floats,
    x: int,
    jump: float,
    jump_var: float,
    step: float,
    shrink: float,
    kb: float,
    kg: float,
    ka: float,
    kd: float,
) -> float:
    """The strain J that a rupture adds is positive: its probability once the rating is known, and the state's
    first two moments given that. The rating moved the state, of covariance k with trust, by k * step and took
    k k' * shrink from its covariance.

    Covariance of the state with J after the rating: jump_var (0, 0, 0, 1) + jump_var * shrink * k.
    """
    if jump_var <= 0.0:
        return 1.0
    mean, var = jump - jump_var * step, max(jump_var - jump_var * jump_var * shrink, 1e-4 * jump_var)
    sd = math.sqrt(var)
    z = mean / sd
    if z > 4.5:
        return 1.0
    cdf, density = normal_cdf(z)
    pull = density / ((cdf + 1e-30) * sd)
    part = jump_var * shrink
    shift(s, x, part * kb, part * kg, part * ka, jump_var + part * kd, pull, pull * (pull + z / sd))
    return cdf + 1e-30


@inline
def see_witness(  # noqa: PLR0917
    s: Floats,
    x: int,
    y: float,
    level: float,
    level_var: float,
    slope: float,
    fall: float,
    noise: float,
    step: float,
) -> tuple[float, float, float]:
    """Update a component by the therapist's number y = level + slope * (bond + state) - fall * strain + e.

    The level is known with doubt. An end of the scale is a bound, half a `step` inside it. Returns the
    likelihood, and the slope and minus the curvature of its logarithm in the level.
    """
    kb = slope * (s[x + BB] + s[x + BA]) - fall * s[x + BD]
    kg = slope * (s[x + BG] + s[x + GA]) - fall * s[x + GD]
    ka = slope * (s[x + BA] + s[x + AA]) - fall * s[x + AD]
    kd = slope * (s[x + BD] + s[x + AD]) - fall * s[x + DD]
    var = max(slope * (kb + ka) - fall * kd, 0.0) + level_var + noise
    e = y - level - slope * (s[x + B] + s[x + A]) + fall * s[x + D]
    if y <= 0.0 or y >= 1.0:
        end = 1.0 if y >= 1.0 else -1.0
        sd = math.sqrt(var)
        above = (0.5 * step - end * e) / sd
        cdf, density = normal_cdf(above)
        prob = cdf + 1e-12
        pull = density / (prob * sd)
        bend = pull * (pull + above / sd)
        shift(s, x, kb, kg, ka, kd, end * pull, bend)
        return prob / step, end * pull, bend
    k = 1.0 / var
    pull = k * e
    shift(s, x, kb, kg, ka, kd, pull, k)
    return 0.3989422804014327 * math.exp(-0.5 * pull * e) * math.sqrt(k) + 1e-40, pull, k


@inline
def see_strain(s: Floats, x: int, calm: float, hurt: float, size: float) -> float:
    """Update a component by an event with probability calm + (hurt - calm) * Phi((strain - size) /
    (SOFT * size)).

    Assumed-density filtering with the exact first two moments; returns the probability of the event.
    """
    sd = math.sqrt(s[x + DD] + (SOFT * size) ** 2)
    z = (s[x + D] - size) / sd
    cdf, density = normal_cdf(z)
    prob = max(calm + (hurt - calm) * cdf, 1e-12)
    step = (hurt - calm) * density / (prob * sd)
    shift(s, x, s[x + BD], s[x + GD], s[x + AD], s[x + DD], step, step * (step + z / sd))
    return prob


@inline
def strained(mean: float, var: float, size: float) -> float:
    """Probability that strain of a size that matters is present, softened by SOFT * size."""
    z = (mean - size) / math.sqrt(var + (SOFT * size) ** 2)
    return normal_cdf(z)[0] if z > -5.0 else 0.0


@inline
def answer_probability(answer: int, said: float, yes: float) -> float:
    """P(answer to "did anything bother you"): 0 no, 1 a little, 2 yes."""
    if answer == 0:
        return 1.0 - said
    return said * (yes if answer == 2 else 1.0 - yes)
