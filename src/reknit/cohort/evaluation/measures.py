"""How a score is judged: area under the ROC curve, events caught at a rate of false alarms, calibration."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def area(score: Floats, event: Flags) -> float:
    """Area under the ROC curve (Mann-Whitney, ties count half); NaN where one class is empty."""
    good = ~np.isnan(score)
    score, event = score[good], event[good]
    positive, negative = int(event.sum()), int((~event).sum())
    if not positive or not negative:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[event].sum() - positive * (positive + 1) / 2) / (positive * negative))


def threshold_at(score: Floats, event: Flags, per_hundred: float = 5.0) -> float:
    """Score above which `per_hundred` of 100 sessions without the event would be flagged."""
    return float(np.quantile(score[~event & ~np.isnan(score)], 1 - per_hundred / 100, method="higher"))


def caught_at(score: Floats, event: Flags, per_hundred: float = 5.0) -> float:
    """Share of events flagged at that rate of false alarms.

    Scores tied at the threshold are flagged at random, so every score spends exactly the same false alarms.
    """
    good = ~np.isnan(score)
    score, event = score[good], event[good]
    quiet, loud = score[~event], score[event]
    if not len(quiet) or not len(loud):
        return float("nan")
    cut = np.quantile(quiet, 1 - per_hundred / 100, method="higher")
    above, tied = (quiet > cut).mean(), (quiet == cut).mean()
    share = np.clip((per_hundred / 100 - above) / tied, 0, 1) if tied > 0 else 0.0
    return float((loud > cut).mean() + share * (loud == cut).mean())


def calibration_error(probability: Floats, event: Flags, bins: int = 20) -> float:
    """Expected calibration error over bins of equal numbers of sessions."""
    good = ~np.isnan(probability)
    probability, event = probability[good], event[good]
    order = np.argsort(probability, kind="stable")
    error = 0.0
    for part in np.array_split(order, bins):
        if len(part):
            error += len(part) * abs(float(probability[part].mean() - event[part].mean()))
    return error / max(len(order), 1)


def log_score(value: Floats, mean: Floats, sd: Floats) -> Floats:
    """Log density of `value` under a normal forecast, per row (higher is better)."""
    z = (value - mean) / sd
    return np.asarray(-0.5 * np.log(2 * np.pi) - np.log(sd) - 0.5 * z * z)


def standard_error(values: Floats) -> float:
    """Standard error of a mean."""
    values = values[~np.isnan(values)]
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
