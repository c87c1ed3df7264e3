"""Crises: falls, possibly over several sessions, that are large for the person and for the sample.

Gumz, A., Bauer, K. & Brähler, E. (2012). Corresponding instability of patient and therapist process ratings
in psychodynamic psychotherapies. *BMC Medical Research Methodology* 12:10 gives the combination of two
spreads; the reading here is

    y[top] - y[t] >= sds * max(SD within the person, SD between persons)

where ``top`` is the session at which an unbroken run of falls began. ``sds`` is 1 or 2. How the two spreads
are formed (the person's ratings; the persons' means) is set from memory and must be checked against the
paper.
"""

import numpy as np

from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Bools, Floats, Series


def rule(series: Series, *, sds: float = 1.0, near: float = 0.25, within: int = 6) -> Found:
    """Runs of falls of at least ``sds`` of the stricter spread.

    Args:
        series: rated sessions.
        sds: size of the crisis, 1 or 2 standard deviations.
        near: share of the fall that may still be missing at a return.
        within: how many ratings the return may take.
    """
    fall, top = _run(series)
    strict = np.maximum(_within(series), _between(series))
    alarm: Bools = (fall >= sds * strict) & (fall > 0) & (strict > 0)
    start = (np.arange(len(series)) - top).astype(np.int64)
    return follow(series, alarm, series.y[start], start=start, near=near, within=within)


def score(series: Series) -> Floats:
    """The running fall over the stricter of the spread between persons and the person's own so far."""
    fall, _top = _run(series)
    counts = series.order.astype(np.float64)
    total, squares = series.total_before(series.y), series.total_before(series.y**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        own = np.sqrt(np.maximum(squares - total**2 / counts, 0.0) / (counts - 1))
    strict = np.fmax(np.where(counts >= 3, own, np.nan), _between(series))
    with np.errstate(invalid="ignore", divide="ignore"):
        out = np.where(strict > 0, fall / strict, 0.0)
    out[series.order == 0] = np.nan
    return out


def _run(series: Series) -> tuple[Floats, Floats]:
    """Depth of the unbroken run of falls at each session, and how many sessions ago it began."""
    fall = np.nan_to_num(series.before(series.y) - series.y)
    depth = series.walk(lambda before, at: np.where(fall[at] > 0, before + fall[at], 0.0))
    length = series.walk(lambda before, at: np.where(fall[at] > 0, before + 1, 0.0))
    return depth, length


def _within(series: Series) -> Floats:
    """Standard deviation of each person's ratings, at each of their sessions."""
    n = (series.last - series.first + 1).astype(np.float64)
    if not len(n):
        return n
    who = np.cumsum(series.order == 0) - 1
    mean = np.bincount(who, series.y)[who] / n
    squares = np.bincount(who, (series.y - mean) ** 2)[who]
    return np.asarray(np.sqrt(squares / np.maximum(n - 1, 1)))


def _between(series: Series) -> float:
    """Standard deviation of the persons' means; 0 with a single person."""
    if len(series.opens) < 2:
        return 0.0
    who = np.cumsum(series.order == 0) - 1
    means = np.bincount(who, series.y) / np.bincount(who)
    return float(np.std(means, ddof=1))


CRITERION = Criterion("gumz2012", "Gumz et al. 2012, BMC Med Res Methodol 12:10", rule, score)
