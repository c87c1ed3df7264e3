"""V-shaped deflections of the alliance.

Stiles, W. B., Glick, M. J., Osatuke, K., Hardy, G. E., Shapiro, D. A., Agnew-Davies, R., Rees, A. &
Barkham, M. (2004). Patterns of alliance development and the rupture-repair hypothesis: are productive
relationships U-shaped or V-shaped? *Journal of Counseling Psychology* 51, 81-92. The authors call the
criterion preliminary.

A fall from one session to the next of at least ``sds`` standard deviations of the session-to-session
differences, then a return near the old level:

    y[t-1] - y[t] >= sds * SD(y[t] - y[t-1])

``sds`` = 2, the SD taken over all differences of the sample, and what counts as "near" and "then"
(``near``, ``within``) are set from memory of the field's use and must be checked against the paper before
they are quoted.
"""

import numpy as np

from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Floats, Series


def rule(series: Series, *, sds: float = 2.0, near: float = 0.25, within: int = 5) -> Found:
    """Falls of at least ``sds`` standard deviations of the differences.

    Args:
        series: rated sessions.
        sds: size of the fall in standard deviations of the sample's session-to-session differences.
        near: share of the fall that may still be missing at a return.
        within: how many ratings the return may take.
    """
    fall = score(series)
    with np.errstate(invalid="ignore"):
        alarm = (fall >= sds) & (fall > 0)
    return follow(series, alarm, series.before(series.y), near=near, within=within)


def score(series: Series) -> Floats:
    """Fall from the last rating in standard deviations of the differences."""
    fall = series.before(series.y) - series.y
    known = fall[~np.isnan(fall)]
    sd = float(np.std(known, ddof=1)) if len(known) > 1 else 0.0
    if sd == 0.0:
        return np.where(np.isnan(fall), np.nan, 0.0)
    return np.asarray(fall / sd)


CRITERION = Criterion("stiles2004", "Stiles et al. 2004, J Couns Psychol 51:81", rule, score)
