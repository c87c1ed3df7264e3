"""Cumulative sum chart on the person's standardised ratings.

Page, E. S. (1954). *Biometrika* 41, 100-115; Montgomery, D. C., *Introduction to Statistical Quality
Control*, ch. 9. With x[t] the rating in sigmas below the person's baseline,

    C[t] = max(0, C[t-1] + x[t] - slack),    C[0] = 0,    alarm where C[t] > limit

``slack`` = .5 and ``limit`` = 4 are the textbook's usual ones; the baseline is every earlier
rating of the person, its sigma steadied by the sample (set from memory; the textbook has a known mean).
"""

import numpy as np

from reknit.criteria.control_chart import baseline, standardised
from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Bools, Floats, Series


def rule(
    series: Series,
    *,
    slack: float = 0.5,
    limit: float = 4.0,
    length: int | None = None,
    floor: float = 0.02,
    steady: float = 3.0,
    near: float = 0.25,
    within: int = 5,
) -> Found:
    """Sessions at which the sum crosses its limit from below.

    Args:
        series: rated sessions.
        slack: sigmas forgiven at each session.
        limit: in sigmas.
        length, floor, steady: the baseline, see :func:`reknit.criteria.control_chart.baseline`.
        near, within: what counts as a return, see :func:`reknit.criteria.episode.follow`.
    """
    over = np.nan_to_num(score(series, slack=slack, length=length, floor=floor, steady=steady)) > limit
    alarm: Bools = over & ~(series.before(over.astype(np.float64)) > 0)
    centre, _sigma = baseline(series, length, floor, steady)
    return follow(series, alarm, centre, near=near, within=within)


def score(
    series: Series, *, slack: float = 0.5, length: int | None = None, floor: float = 0.02, steady: float = 3.0
) -> Floats:
    """The cumulative sum in sigmas, from the second rating on."""
    below = standardised(series, length=length, floor=floor, steady=steady)
    x = np.nan_to_num(below, nan=slack)
    total = series.walk(lambda before, at: np.maximum(before + x[at] - slack, 0.0))
    return np.where(np.isnan(below), np.nan, total)


CRITERION = Criterion("cusum", "Page 1954; Montgomery, ch. 9", rule, score, scaled=True)
