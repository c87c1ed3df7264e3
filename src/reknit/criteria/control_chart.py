"""Shewhart's chart for single ratings, with the person's own first sessions as the baseline.

Eubanks-Carter, C., Gorman, B. S. & Muran, J. C. (2012). Quantitative naturalistic methods for detecting
change points in psychotherapy research: an illustration with alliance ruptures. *Psychotherapy Research*
22, 621-637; Lipner, L. M., Muran, J. C., Eubanks, C. F., Gorman, B. S. & Winston, A. (2022).
Operationalizing alliance rupture-repair events using control chart methods. *Clinical Psychology &
Psychotherapy* 29, 339-350.

    centre = mean of the baseline        sigma = mean moving range of the baseline / 1.128

An alarm is a rating below centre - 3 sigma, or two of three consecutive ratings below centre - 2 sigma. The
length of the baseline (5 ratings) and the second rule are set from memory and must be checked against the
papers.
"""

import numpy as np

from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Bools, Floats, Series

D2 = 1.128
"""Mean range of two normal values in standard deviations (Montgomery, *Statistical Quality Control*)."""


def baseline(series: Series, length: int | None, floor: float, steady: float) -> tuple[Floats, Floats]:
    """Centre and sigma of the first ``length`` ratings before each session, or of as many as there are.

    Args:
        series: rated sessions.
        length: ratings in a full baseline, at least 2; None takes all earlier ones.
        floor: smallest sigma, as a share of the scale: a person who gave one mark throughout has no spread,
            and any fall would be infinitely many sigmas.
        steady: how many moving ranges of the sample's average size are mixed in with the person's own, so
            that sigma is known from the second rating on; 0 takes the person's alone, from the third on.

    Returns:
        Centre and sigma (sessions,), NaN where there is too little.
    """
    if length is not None and length < 2:
        raise ValueError(f"a baseline has at least 2 ratings, not {length}")
    if steady < 0:
        raise ValueError(f"steady is 0 or more, not {steady:g}")
    full = len(series) if length is None else length
    early, used = series.order < full, np.minimum(series.order, full).astype(np.float64)
    move = np.abs(series.y - series.before(series.y))
    average = float(np.nanmean(move)) if np.isfinite(move).any() else 0.0
    ranges = series.total_before(np.where(early, np.nan_to_num(move), 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = series.total_before(np.where(early, series.y, 0.0)) / used
        sigma = (ranges + steady * average) / (np.maximum(used - 1, 0) + steady) / D2
    short = series.order < (1 if steady else 2)
    centre[short] = sigma[short] = np.nan
    return centre, np.maximum(sigma, floor * series.span)


def standardised(series: Series, *, length: int | None, floor: float, steady: float) -> Floats:
    """How many sigmas each rating lies below the centre."""
    centre, sigma = baseline(series, length, floor, steady)
    return np.asarray((centre - series.y) / sigma)


def rule(
    series: Series,
    *,
    length: int = 5,
    sigmas: float = 3.0,
    warning: float = 2.0,
    floor: float = 0.02,
    near: float = 0.25,
    within: int = 5,
) -> Found:
    """Ratings below the person's control limits, after the baseline.

    Args:
        series: rated sessions.
        length: ratings in the baseline.
        sigmas: the control limit.
        warning: the limit for two of three consecutive ratings.
        floor: smallest sigma as a share of the scale.
        near, within: what counts as a return, see :func:`reknit.criteria.episode.follow`.
    """
    centre, sigma = baseline(series, length, floor, 0.0)
    below = np.asarray((centre - series.y) / sigma)
    after = series.order >= length
    with np.errstate(invalid="ignore"):
        warned = np.where(after & (below > warning), 1.0, 0.0)
        near_by = np.nan_to_num(series.before(warned)) + np.nan_to_num(series.before(warned, 2))
        alarm: Bools = after & ((below > sigmas) | ((warned > 0) & (near_by >= 1)))
    return follow(series, alarm, centre, near=near, within=within)


def score(series: Series, *, length: int | None = None, floor: float = 0.02, steady: float = 3.0) -> Floats:
    """How many sigmas the rating lies below the centre, from the second rating on.

    On-line the baseline is every earlier rating and sigma is steadied by the sample's, which makes the chart
    a better detector than with a fixed baseline.
    """
    return standardised(series, length=length, floor=floor, steady=steady)


CRITERION = Criterion(
    "control-chart", "Eubanks-Carter et al. 2012; Lipner et al. 2022", rule, score, scaled=True
)
