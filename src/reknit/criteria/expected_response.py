"""Off track: below what is usual for people who began at the same level.

Lambert, M. J. et al. (2002). Enhancing psychotherapy outcomes via providing feedback on client progress.
*Clinical Psychology & Psychotherapy* 9, 91-103; Lutz, W. et al. (2005). Predicting change for individual
psychotherapy patients on the basis of their nearest neighbors. *J Consult Clin Psychol* 73, 904-913. Set
from memory: expected from the first rating and the logarithm of the session number t, with a spread that
grows with it, as for a random slope on log t,

    E y[t] = b0 + b1 y[1] + b2 log t + b3 y[1] log t,        Var y[t] = v0 + v1 log(t)^2

An alarm is a rating below the band that holds 80 % (z = 1.2816). The sample itself is the reference.
"""

import numpy as np

from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Bools, Floats, Series


def rule(series: Series, *, z: float = 1.2816, near: float = 0.25, within: int = 5) -> Found:
    """Sessions at which a rating leaves the band downwards.

    Args:
        series: rated sessions.
        z: half-width of the band in standard deviations.
        near, within: what counts as a return, see :func:`reknit.criteria.episode.follow`.
    """
    expected, spread = expectation(series)
    with np.errstate(invalid="ignore"):
        below = (expected - series.y) / spread > z
    alarm: Bools = below & ~(series.before(below.astype(np.float64)) > 0)
    return follow(series, alarm, expected, near=near, within=within)


def score(series: Series) -> Floats:
    """How many standard deviations the rating lies below the expected one, from the second rating on."""
    expected, spread = expectation(series)
    return np.asarray((expected - series.y) / spread)


def expectation(series: Series) -> tuple[Floats, Floats]:
    """Expected rating and its standard deviation given the first rating; NaN at the first session."""
    later = series.order > 0
    if later.sum() < 8:
        nothing = np.full(len(series), np.nan)
        return nothing, nothing
    first, log_t = series.y[series.first], np.log1p(series.order.astype(np.float64))
    design = np.column_stack([np.ones(len(series)), first, log_t, first * log_t])
    effects = np.linalg.lstsq(design[later], series.y[later], rcond=None)[0]
    expected = design @ effects
    squares = np.column_stack([np.ones(len(series)), log_t**2])
    parts = np.linalg.lstsq(squares[later], (series.y[later] - expected[later]) ** 2, rcond=None)[0]
    least = (0.01 * series.span) ** 2
    spread = np.sqrt(np.maximum(squares @ np.maximum(parts, 0.0), least))
    expected[~later] = np.nan
    return expected, spread


CRITERION = Criterion("expected-response", "Lambert et al. 2002; Lutz et al. 2005", rule, score, scaled=True)
