"""Sudden gains, and their mirror image.

Tang, T. Z. & DeRubeis, R. J. (1999). Sudden gains and critical sessions in cognitive-behavioral therapy for
depression. *Journal of Consulting and Clinical Psychology* 67, 894-904. Between the sessions n and n+1,

    (1)  y[n] - y[n+1] >= cutoff
    (2)  y[n] - y[n+1] >= percent * y[n]
    (3)  mean(y[n-2..n]) - mean(y[n+1..n+3]) > t(1 - alpha/2, n1 + n2 - 2) * sqrt(pooled variance)

with at least two ratings on each side; with missing ones the critical value rises (2.776 when none is
missing, 3.182, 4.303). Written for symptoms, where a fall is a gain; with higher-is-better ratings a gain
is a rise. The windows run over sessions, so that a session without a rating leaves a hole in them.

Agrees with the R package suddengains 0.7.2 (Wiedemann, Thew, Stott & Ehlers 2020, *PLOS ONE* 15:e0230276),
and so follows it in one oddity: for rises it asks y[n] - y[n+1] <= percent * y[n] of criterion 2, which every
rise of a positive score meets; set ``percent_of_rises`` to ask for a rise of that size.

A gain is *reversed* if a later rating (from n+2 on) loses more than half of it again.
"""

import numpy as np
import polars as pl

from reknit.criteria.episode import Criterion, Found
from reknit.criteria.reliable_change import RELIABILITY, reliable_amount
from reknit.criteria.series import Bools, Floats, Ints, Series

SIDE = 3
"""Sessions before and after in criterion 3."""


def rule(series: Series, **options: float | bool | None) -> Found:
    """Sudden gains; options as in :func:`sudden_changes`."""
    found = sudden_changes(series, falls=series.lower_is_better, **options)  # type: ignore[arg-type]
    return _found(series, *found, kind="sudden-gain")


def sudden_changes(
    series: Series,
    *,
    falls: bool,
    cutoff: float | None = None,
    percent: float = 0.25,
    alpha: float = 0.05,
    percent_of_rises: bool = False,
    reliability: float = RELIABILITY,
) -> tuple[Ints, Floats]:
    """Pre-change sessions n that meet all three criteria, and the change y[n+1] - y[n].

    Args:
        series: rated sessions.
        falls: look for falls of the ratings as given (else for rises).
        cutoff: smallest change, in units of the rating, sign ignored; by default the reliable change of
            Jacobson & Truax with ``reliability``.
        percent: share of y[n] in criterion 2.
        alpha: two-sided level of criterion 3.
        percent_of_rises: apply criterion 2 to the size of a rise.
    """
    least = reliable_amount(series, reliability=reliability) if cutoff is None else abs(cutoff)
    y, at = series.raw, np.arange(len(series), dtype=np.int64)
    after = np.minimum(at + 1, len(series) - 1)
    next_door = (after > at) & (series.first[after] == series.first) & (series.slot[after] == series.slot + 1)
    n = at[next_door]
    drop = y[n] - y[n + 1]
    if falls:
        large = (drop >= least) & (drop >= percent * y[n])
    else:
        large = (drop <= -least) & (-drop >= percent * y[n] if percent_of_rises else drop <= percent * y[n])
    n = n[large & (drop != 0)]
    n = n[_lasting(series, n, falls=falls, alpha=alpha)]
    return n, y[n + 1] - y[n]


def _lasting(series: Series, n: Ints, *, falls: bool, alpha: float) -> Bools:
    """Criterion 3: the means before and after differ more than the ratings among themselves."""
    from scipy.special import stdtrit

    before = _window(series, n, np.arange(-SIDE + 1, 1))
    after = _window(series, n, np.arange(1, SIDE + 1))
    n1, mean1, squares1 = _moments(before)
    n2, mean2, squares2 = _moments(after)
    degrees = np.maximum(n1 + n2 - 2, 1).astype(np.int64)
    enough = (n1 >= 2) & (n2 >= 2)
    critical = stdtrit(np.arange(2 * SIDE), 1 - alpha / 2)[degrees]
    spread = np.sqrt((squares1 + squares2) / degrees)
    change = mean1 - mean2 if falls else mean2 - mean1
    return np.asarray(enough & (change > critical * spread))


def _window(series: Series, n: Ints, steps: Ints) -> Floats:
    """Ratings at the slots n + steps of the same relationship, NaN where there is none: (changes, steps)."""
    out = np.full((len(n), len(steps)), np.nan)
    for k in range(len(steps)):
        for back in range(abs(int(steps[k])) + 1):
            there = n + (back if steps[k] > 0 else -back)
            inside = (there >= series.first[n]) & (there <= series.last[n])
            spot = np.clip(there, 0, len(series) - 1)
            hit = inside & (series.slot[spot] == series.slot[n] + steps[k])
            out[hit, k] = series.raw[spot[hit]]
    return out


def _moments(window: Floats) -> tuple[Floats, Floats, Floats]:
    """Number, mean and sum of squared deviations of each row, missing values left out."""
    known = ~np.isnan(window)
    count = known.sum(axis=1).astype(np.float64)
    mean = np.where(known, window, 0.0).sum(axis=1) / np.maximum(count, 1)
    squares = np.where(known, (window - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return count, mean, squares


def _found(series: Series, n: Ints, change: Floats, *, kind: str) -> Found:
    """The episodes from n to n+1, or to the session of the reversal."""
    halfway = series.raw[n + 1] - change / 2
    later, rises = series.raw * 1.0, change > 0
    worst = np.where(rises, _ahead(series, later, lowest=True)[n], _ahead(series, later, lowest=False)[n])
    with np.errstate(invalid="ignore"):
        undone = np.where(rises, worst < halfway, worst > halfway)
        regained = np.clip((worst - series.raw[n + 1]) / -change, 0.0, 1.0)
        past = np.where(rises, worst < series.raw[n], worst > series.raw[n])
    loss = kind == "sudden-loss"
    nothing = np.full(len(n), np.nan)
    return Found(
        series=series,
        start=n,
        at=n + 1,
        low=n + 1 if loss else n,
        end=n + 1,
        kind=kind,
        depth=np.abs(change),
        recovered=np.nan_to_num(regained) if loss else nothing,
        exceeded=past.astype(np.float64) if loss else nothing,
        more={"reversal_value": halfway, "reversed": undone.astype(np.int64)},
    )


def _ahead(series: Series, values: Floats, *, lowest: bool) -> Floats:
    """Extreme of the values from the second session after each on; NaN where there is none."""
    column = pl.DataFrame({"who": series.first, "y": values})
    expr = pl.col("y").cum_min(reverse=True) if lowest else pl.col("y").cum_max(reverse=True)
    extreme = column.select(expr.over("who").shift(-2).over("who")).to_series()
    return np.array(extreme.fill_null(float("nan")).to_numpy(), dtype=np.float64)


CRITERION = Criterion(
    "sudden-gain", "Tang & DeRubeis 1999, J Consult Clin Psychol 67:894", rule, None, cutoff="cutoff"
)
