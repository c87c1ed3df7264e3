"""A therapist's own sense of a session, held against what the client then said: calibration for one person.

Few numbers by one person must not look like a finding. Every figure here is shrunken towards "no bias" and
comes as an interval, and below `FEW` guesses nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from reknit.trust.story import Z80

FEW = 8  # guesses below which nothing is said
WINDOW = 20  # guesses that count at any moment: what one's sense is like now
PRIOR_SD = 1.0  # points: how large a person's bias usually is
BETWEEN_SD = 0.7  # points: how far it differs from one client to the next
NOISE_SD, NOISE_WEIGHT = 1.5, 6.0  # points: the error of one guess, and how many guesses that prior is worth
EVEN_ODDS = 2.0  # hits and misses that the prior of `near` is worth

Key = TypeVar("Key")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shrunken:
    """A mean of few noisy values, shrunken towards zero, with its 80 % interval, in the values' unit."""

    mean: float
    lo80: float
    hi80: float

    @property
    def tells(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.lo80 > 0 or self.hi80 < 0


@dataclass(frozen=True)
class Sense:
    """How well the guesses hit at one moment, from the last `WINDOW` of them.

    ``bias`` is guess minus rating, in points: above zero the sessions were felt to be better than the client
    said. ``near`` is the share of guesses that came near, with its 80 % interval. ``number`` counts all the
    guesses so far.
    """

    number: int
    guesses: int
    clients: int
    bias: Shrunken
    near: float
    near_lo80: float
    near_hi80: float


def calibration(
    guesses: Sequence[float], ratings: Sequence[float], clients: Sequence[Key], reach: float = 1.0
) -> list[Sense]:
    """Guess against rating, over time.

    The difference of guess and rating is ``b + u_client + e``: a bias of the therapist, a part that belongs
    to the one client (sd `BETWEEN_SD`), and the error of one guess, whose variance is estimated within
    clients and shrunken (a normal hierarchical model: Gelman et al. 2013, Bayesian Data Analysis, 3rd ed.,
    ch. 5). ``near`` is a binomial share under a Beta prior of even odds.

    Args:
        guesses: (n) on the rating's scale, in order of time. ratings: (n) what the client said.
        clients: (n) whom each is about. reach: how far off still counts as near, in points.

    Returns:
        One `Sense` for each guess from the `FEW`-th on, the latest last; empty below `FEW`.

    Raises:
        ValueError: the three are not of one length.
    """
    if not len(guesses) == len(ratings) == len(clients):
        raise ValueError("guesses, ratings and clients must be of one length")
    off = np.asarray(guesses, np.float64) - np.asarray(ratings, np.float64)
    ends = range(FEW, len(off) + 1)
    return [_sense(n, off[max(0, n - WINDOW) : n], clients[max(0, n - WINDOW) : n], reach) for n in ends]


def shrunken(means: Floats, variances: Floats, prior_sd: float, between_sd: float) -> Shrunken:
    """The mean behind several noisy means, each with its variance: a normal hierarchical model, closed form.

    Args:
        means, variances: (k) in one unit and its square. prior_sd: of the mean sought, around zero.
        between_sd: how far the k truly differ.
    """
    weights = 1 / (variances + between_sd**2)
    precision = 1 / prior_sd**2 + weights.sum()
    mean, sd = float(weights @ means / precision), 1 / sqrt(precision)
    return Shrunken(mean, mean - Z80 * sd, mean + Z80 * sd)


def _sense(number: int, off: Floats, clients: Sequence[Key], reach: float) -> Sense:
    groups = [off[[other == one for other in clients]] for one in dict.fromkeys(clients)]
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    noise = (NOISE_WEIGHT * NOISE_SD**2 + within) / (NOISE_WEIGHT + len(off) - len(groups))
    means = np.array([group.mean() for group in groups])
    variances = np.array([noise / len(group) for group in groups])
    hits = int((np.abs(off) <= reach + 1e-9).sum())
    a, b = EVEN_ODDS + hits, EVEN_ODDS + len(off) - hits
    return Sense(
        number=number,
        guesses=len(off),
        clients=len(groups),
        bias=shrunken(means, variances, PRIOR_SD, BETWEEN_SD),
        near=a / (a + b),
        near_lo80=float(betaincinv(a, b, 0.1)),
        near_hi80=float(betaincinv(a, b, 0.9)),
    )
