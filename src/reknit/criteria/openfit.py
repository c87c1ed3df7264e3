"""The vendors' rule for session ratings.

Published with session-rating feedback systems for four lines of 10 cm: look again where the session's total
is below a cut-off (36 of 40) or 1 point or more below the last session's. The cut-off is set from memory
and must be checked against the vendor's manual. Both scale with the instrument: a total of 36 is nine
tenths of the way up, 1 point a fortieth of the range.
"""

import numpy as np

from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Bools, Floats, Series


def rule(
    series: Series,
    *,
    level: float | None = None,
    share: float = 36 / 40,
    drop: float = 1 / 40,
    near: float = 0.25,
    within: int = 5,
) -> Found:
    """Ratings below the cut-off, or clearly below the last one.

    Args:
        series: rated sessions.
        level: the cut-off in units of the rating; by default ``share`` of the way up the scale.
        share: the cut-off as a share of the range.
        drop: the fall that counts, as a share of the range.
        near, within: what counts as a return, see :func:`reknit.criteria.episode.follow`.
    """
    cut = _cut(series, level, share)
    old = np.nan_to_num(series.before(series.y), nan=-np.inf)
    alarm: Bools = (series.y < cut) | (old - series.y >= drop * series.span)
    return follow(
        series, alarm, np.maximum(old, np.where(series.y < cut, cut, old)), near=near, within=within
    )


def score(
    series: Series, *, level: float | None = None, share: float = 36 / 40, drop: float = 1 / 40
) -> Floats:
    """The fall in units of ``drop``, or how far below the cut-off if that is more (then above 1)."""
    unit = drop * series.span
    fall = (series.before(series.y) - series.y) / unit
    below = 1 + (_cut(series, level, share) - series.y) / unit
    return np.asarray(np.fmax(fall, below))


def _cut(series: Series, level: float | None, share: float) -> float:
    """The cut-off among scores of which higher is better."""
    if level is None:
        return series.scale[0] + share * series.span
    return sum(series.scale) - level if series.lower_is_better else level


CRITERION = Criterion(
    "openfit", "the vendors' published rule for session ratings", rule, score, cutoff="level", scaled=True
)
