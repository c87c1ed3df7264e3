"""Aggregates from which nobody's own value can be read: small cells hidden, figures blurred once, then kept.

Two ways of looking through a table are considered. *Looking at a small cell*: a mean of three people tells
each of them about the other two. *Differencing*: two tables that differ by one person give that person's
value away, however large they are. Against the first, a figure needs at least `LEAST` people who are seen by
at least `LEAST` therapists, none of whom sees half of them. Against the second, every figure carries a blur
as wide as the most that any one person could move it (the Laplace mechanism with epsilon = 1: Dwork,
McSherry, Nissim & Smith 2006, TCC, LNCS 3876:265-284), and its number of people is told in fives. The blur
helps only when it is drawn once: a figure that is asked for again must be read from where it was kept, never
drawn anew.

Counts of cases in kinds are exact, so a hidden kind must not follow from the total: more kinds are hidden
until at least two are and at least `LEAST` people stand behind them together (complementary suppression:
Hundepool et al. 2012, Statistical Disclosure Control, ch. 4).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEAST = 5
PEOPLE_STEP = 5
LAPLACE_95 = math.log(20)  # a Laplace error of scale 1 stays below this in size with probability 95 %


@dataclass(frozen=True)
class Figure:
    """A mean over people, fit to be seen: `lo` to `hi` holds the true mean with about 95 % probability.

    The interval counts the blur as well as the chance in who the people are. `people` is rounded down to
    fives.
    """

    value: float
    lo: float
    hi: float
    people: int


def mean_of_people(
    values: npt.ArrayLike,
    seen_by: Sequence[Hashable],
    *,
    lowest: float,
    highest: float,
    spread: float,
    rng: np.random.Generator,
) -> Figure | None:
    """The blurred mean of one value a person, or None where it would tell too much about somebody.

    Args:
        values: (n,) one value for each person; drawn to the nearest end of `lowest` to `highest`.
        seen_by: (n,) whose client each person is.
        lowest, highest: ends of what a value can be, known beforehand and not from the data.
        spread: a standard deviation between people that is known beforehand, for the interval's width; taken
            from the data it would itself be a figure that needs a blur.
        rng: of the blur; unpredictable where the figure is published.
    """
    kept = np.clip(np.asarray(values, np.float64), lowest, highest)
    if len(kept) != len(seen_by):
        raise ValueError(f"{len(kept)} values of people, {len(seen_by)} of whom they see")
    if not may_be_seen(seen_by):
        return None
    people = len(kept) // PEOPLE_STEP * PEOPLE_STEP
    blur = (highest - lowest) / people
    value = float(kept.mean() + rng.laplace(0.0, blur))
    reach = math.hypot(1.96 * spread / math.sqrt(people), LAPLACE_95 * blur)
    shown = min(max(value, lowest), highest)
    return Figure(shown, max(value - reach, lowest), min(value + reach, highest), people)


def may_be_seen(seen_by: Sequence[Hashable]) -> bool:
    """Whether enough people stand behind a figure, of enough therapists, none with half of them or more."""
    of_each = Counter(seen_by)
    enough = len(seen_by) >= LEAST and len(of_each) >= LEAST
    return enough and 2 * max(of_each.values()) < len(seen_by)


def counts_by_kind(cases: Mapping[str, Sequence[Hashable]]) -> tuple[dict[str, int | None], int | None]:
    """Number of cases of each kind and in all; None where it is hidden.

    Args:
        cases: for each kind, the person behind each case. A kind without a case is hidden like any small one.

    Returns:
        the counts by kind, and the total.
    """
    hidden = {kind for kind, people in cases.items() if len(set(people)) < LEAST}
    everybody = [person for people in cases.values() for person in people]
    while hidden and hidden != set(cases) and not _stay_hidden(hidden, cases):
        hidden.add(min(cases.keys() - hidden, key=lambda kind: (len(cases[kind]), kind)))
    counts = {kind: None if kind in hidden else len(people) for kind, people in cases.items()}
    return counts, len(everybody) if len(set(everybody)) >= LEAST else None


def _stay_hidden(hidden: set[str], cases: Mapping[str, Sequence[Hashable]]) -> bool:
    """Whether total less what is shown tells nothing about few people."""
    behind = {person for kind in hidden for person in cases[kind]}
    return len(hidden) >= 2 and len(behind) >= LEAST
