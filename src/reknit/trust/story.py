"""What a run of estimates says, in words: is trust growing, and how sure are we?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erf, sqrt
from typing import Literal, Protocol

Direction = Literal["rising", "falling", "steady", "unknown"]

Z80 = 1.2815515655446004


class HasTrust(Protocol):
    """Anything with a trust and its 80 % interval, such as an Estimate."""

    @property
    def trust(self) -> float: ...
    @property
    def trust_lo80(self) -> float: ...
    @property
    def trust_hi80(self) -> float: ...


@dataclass(frozen=True)
class Trend:
    """Which way trust has gone, since which row, and the probability that it really has.

    `change` is in units of the rating scale; `since` is the index of the row compared with.
    """

    direction: Direction
    probability: float
    change: float
    since: int


def trend(estimates: Sequence[HasTrust], span: int = 4, sure: float = 0.75) -> Trend:
    """The latest trust against the trust `span` rows before.

    The two estimates are treated as independent normals; since they share data their errors go together, so
    the probability errs on the cautious side.

    Args:
        estimates: one a session, in order of time.
        span: how many sessions back to compare with (fewer where there are fewer).
        sure: probability from which a direction is named; below it trust is called steady.

    Returns:
        A Trend; direction "unknown" with fewer than two sessions.
    """
    if len(estimates) < 2:
        return Trend("unknown", 0.5, 0.0, 0)
    since = max(0, len(estimates) - 1 - span)
    then, now = estimates[since], estimates[-1]
    change = now.trust - then.trust
    spread = sqrt(_sd(now) ** 2 + _sd(then) ** 2)
    p_up = 0.5 * (1 + erf(change / (spread * sqrt(2)))) if spread > 0 else float(change > 0)
    if p_up >= sure:
        return Trend("rising", p_up, change, since)
    if p_up <= 1 - sure:
        return Trend("falling", 1 - p_up, change, since)
    return Trend("steady", max(p_up, 1 - p_up), change, since)


def _sd(estimate: HasTrust) -> float:
    return (estimate.trust_hi80 - estimate.trust_lo80) / (2 * Z80)
