"""Exponentially weighted moving average chart on the person's standardised ratings.

Roberts, S. W. (1959). *Technometrics* 1, 239-250; Montgomery, D. C., *Introduction to Statistical Quality
Control*, ch. 9. With x[t] the rating in sigmas below the person's baseline,

    z[t] = weight * x[t] + (1 - weight) * z[t-1],    z[0] = 0
    alarm where z[t] > limit * sqrt(weight / (2 - weight) * (1 - (1 - weight)^(2t)))

``weight`` = .2 and ``limit`` = 3 are the textbook's usual ones; the baseline is every earlier
rating of the person, its sigma steadied by the sample (set from memory; the textbook has a known mean).
"""

import numpy as np

from reknit.criteria.control_chart import baseline, standardised
from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Bools, Floats, Series


def rule(
    series: Series,
    *,
    weight: float = 0.2,
    limit: float = 3.0,
    length: int | None = None,
    floor: float = 0.02,
    steady: float = 3.0,
    near: float = 0.25,
    within: int = 5,
) -> Found:
    """Sessions at which the moving average crosses its limit from within.

    Args:
        series: rated sessions.
        weight: of the newest rating, in (0, 1].
        limit: in standard deviations of the moving average.
        length, floor, steady: the baseline, see :func:`reknit.criteria.control_chart.baseline`.
        near, within: what counts as a return, see :func:`reknit.criteria.episode.follow`.
    """
    over = np.nan_to_num(score(series, weight=weight, length=length, floor=floor, steady=steady)) > limit
    alarm: Bools = over & ~(series.before(over.astype(np.float64)) > 0)
    centre, _sigma = baseline(series, length, floor, steady)
    return follow(series, alarm, centre, near=near, within=within)


def score(
    series: Series,
    *,
    weight: float = 0.2,
    length: int | None = None,
    floor: float = 0.02,
    steady: float = 3.0,
) -> Floats:
    """The moving average over its standard deviation, from the second rating on."""
    if not 0 < weight <= 1:
        raise ValueError(f"the weight must be above 0 and at most 1, not {weight:g}")
    below = standardised(series, length=length, floor=floor, steady=steady)
    x = np.nan_to_num(below)
    z = series.walk(lambda before, at: weight * x[at] + (1 - weight) * before)
    started = np.cumsum(~np.isnan(below)) - np.cumsum(~np.isnan(below))[series.first]
    steps = np.maximum(started, 1)
    spread = np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2.0 * steps)))
    return np.where(np.isnan(below), np.nan, z / spread)


CRITERION = Criterion("ewma", "Roberts 1959; Montgomery, ch. 9", rule, score, scaled=True)
