"""Reliable change from one rating to the next.

Jacobson, N. S. & Truax, P. (1991). Clinical significance: a statistical approach to defining meaningful
change in psychotherapy research. *Journal of Consulting and Clinical Psychology* 59, 12-19:

    RC = (y2 - y1) / (SD1 * sqrt(2) * sqrt(1 - r))        a change is reliable beyond 1.96

SD1 is the spread of the first ratings over persons and r the reliability of the instrument. The formula knows
only error of measurement: real change from occasion to occasion raises many alarms on the alliance.
"""

import numpy as np

from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Floats, Series

RELIABILITY = 0.9
"""Assumed where none is given; look it up for the instrument in use."""


def reliable_change_index(before: Floats, after: Floats, sd: float, reliability: float) -> Floats:
    """RC of Jacobson & Truax (1991).

    Args:
        before, after: ratings of the same shape.
        sd: standard deviation before treatment, in the same units, above 0.
        reliability: of the instrument, from 0 up to below 1.

    Raises:
        ValueError: sd or reliability outside its range.
    """
    if not sd > 0:
        raise ValueError(f"the standard deviation must be above 0, not {sd:g}")
    if not 0 <= reliability < 1:
        raise ValueError(f"the reliability must be from 0 up to below 1, not {reliability:g}")
    return np.asarray((after - before) / (sd * np.sqrt(2.0) * np.sqrt(1.0 - reliability)))


def reliable_amount(series: Series, *, reliability: float = RELIABILITY, z: float = 1.96) -> float:
    """The smallest reliable change in units of the rating; infinite where SD1 is 0 or unknown."""
    first = series.y[series.opens]
    sd = float(np.std(first, ddof=1)) if len(first) > 1 else 0.0
    if sd == 0.0:
        return float("inf")
    return float(z / reliable_change_index(np.zeros(1), np.ones(1), sd, reliability)[0])


def rule(
    series: Series,
    *,
    reliability: float = RELIABILITY,
    z: float = 1.96,
    amount: float | None = None,
    near: float = 0.25,
    within: int = 5,
) -> Found:
    """Reliable falls from the last rating.

    Args:
        series: rated sessions.
        reliability: of the instrument.
        z: critical value, 1.96 for two-sided .05.
        amount: the reliable fall itself in units of the rating; then ``reliability`` and ``z`` do not matter.
        near: share of the fall that may still be missing at a return.
        within: how many ratings the return may take.
    """
    least = reliable_amount(series, reliability=reliability, z=z) if amount is None else abs(amount)
    old = series.before(series.y)
    with np.errstate(invalid="ignore"):
        alarm = (old - series.y >= least) & (old > series.y)
    return follow(series, alarm, old, near=near, within=within)


def score(series: Series, *, reliability: float = RELIABILITY) -> Floats:
    """Minus RC against the last rating."""
    unit = reliable_amount(series, reliability=reliability, z=1.0)
    return (series.before(series.y) - series.y) / (unit if np.isfinite(unit) else 1.0)


CRITERION = Criterion(
    "reliable-change", "Jacobson & Truax 1991, J Consult Clin Psychol 59:12", rule, score, cutoff="amount"
)
