"""What people said themselves.

Muran, J. C., Safran, J. D., Gorman, B. S., Samstag, L. W., Eubanks-Carter, C. & Winston, A. (2009). The
relationship of early alliance ruptures and their resolution to process and outcome in three time-limited
psychotherapies for personality disorders. *Psychotherapy* 46, 233-248: a rupture is a session after which a
tension or problem was reported. Patients report fewer than therapists, and observers see more than ratings
show.

A rupture is a session whose ``difficulty`` is at least ``least`` (1 a little, 2 yes). It counts as repaired
where ``repair`` was recorded (1 by the therapist, 2 confirmed by the client) within ``within`` sessions;
ratings, where there are any, give its depth.
"""

from dataclasses import replace

import numpy as np

from reknit.criteria.episode import Criterion, Found, follow, not_inside
from reknit.criteria.series import Bools, Floats, Series


def rule(series: Series, *, least: float = 1.0, confirmed: float = 1.0, within: int = 5) -> Found:
    """Reported difficulties, and whether a repair was recorded after them.

    Args:
        series: all sessions, rated or not.
        least: smallest report that counts.
        confirmed: smallest record of a repair that counts; 2 asks for the client's confirmation.
        within: how many sessions after the report a repair may take.
    """
    with np.errstate(invalid="ignore"):
        alarm: Bools = series.column("difficulty") >= least
        mended = series.column("repair") >= confirmed
    found = follow(series, alarm, _level(series), near=0.0, within=within, merge=False)
    end = np.full(len(found.at), -1, dtype=np.int64)
    for step in range(within + 1):
        now = np.minimum(found.at + step, series.last[found.at])
        end = np.where((end < 0) & mended[now], now, end)
    kind = ["rupture-repair" if back else "rupture" for back in end >= 0]
    end = np.where(end >= 0, end, np.maximum(found.low, found.end))
    return replace(found, end=end, kind=kind).take(not_inside(found.at, end))


def score(series: Series) -> Floats:
    """The report itself: 0 no, 1 a little, 2 yes, NaN not asked."""
    return series.column("difficulty")


def _level(series: Series) -> Floats:
    """The last rating before each session, NaN where there is none."""
    known = np.where(np.isnan(series.y), -1, np.arange(len(series)))
    latest = np.maximum.accumulate(known) if len(known) else known
    before = np.concatenate([[-1], latest[:-1]])[: len(series)]
    inside = before >= series.first
    return np.where(inside, series.y[np.maximum(before, 0)], np.nan)


CRITERION = Criterion(
    "observed", "Muran et al. 2009, Psychotherapy 46:233", rule, score, needs=("difficulty",), rated=False
)
