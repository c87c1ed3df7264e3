"""Looking ahead and looking back: the no-event forecast, and alarm thresholds for a stated rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reknit.trust import layout as kernel
from reknit.trust.engine import run_filter
from reknit.trust.filter import MAX_GAP
from reknit.trust.params import DEFAULT, Params
from reknit.trust.series import Series, as_rows

MARGIN = 0.02  # of the scale: a difference too small to speak of


@dataclass(frozen=True, slots=True)
class Recovery:
    """Trust now against what was to be expected had nothing happened, on the scale of the ratings.

    ``p_restored``: probability that trust now is not below that forecast by more than `MARGIN` of the scale;
    ``p_exceeded``: that it is above it by more than that. Both carry the doubt of the forecast and of the
    present.
    """

    expected: float
    expected_sd: float
    now: float
    now_sd: float
    p_restored: float
    p_exceeded: float


def _no_event_forecast(series: Series, start: int, params: Params) -> tuple[float, float]:
    """Mean and sd (unit scale) of trust at the last session, from the sessions before `start`,
    with no rupture.
    """
    order = np.argsort(np.asarray(series.week, np.float64), kind="stable")
    week = np.asarray(series.week, np.float64)[order]
    before = series.head(start)
    rows = as_rows(before)
    result = run_filter(rows, params, kernel.STORE, threads=1)
    mixture = result.stored[-1].reshape(3, -1)
    first, last, now = week[0], week[start - 1], week[-1]
    tau = params["growth_weeks"]
    df = tau * (math.log1p((now - first) / tau) - math.log1p((last - first) / tau))
    gap = min(now - last, MAX_GAP)
    ea, ed = math.exp(-gap / params["state_weeks"]), params["strain_keep"] ** gap
    step = np.array([1.0, df, ea, -ed])
    extra = params["walk_sd"] ** 2 * gap + params["state_sd"] ** 2 * (1 - ea * ea)
    extra += params["strain_sd"] ** 2 * (1 - ed * ed)
    means, variances = mixture[:, 1:5] @ step, np.array([step @ _full(c) @ step + extra for c in mixture])
    weights = mixture[:, 0] / mixture[:, 0].sum()
    mean = float(weights @ means)
    return mean, math.sqrt(max(float(weights @ (variances + (means - mean) ** 2)), 1e-12))


def _full(component: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    full = np.zeros((4, 4))
    full[np.triu_indices(4)] = component[5:]
    return full + np.triu(full, 1).T


def recovery(series: Series, start: int, params: Params = DEFAULT) -> Recovery:
    """Whether trust came back after a rupture, judged against the forecast made before it.

    Parameters
    ----------
    series : the relationship; its last session is "now".
    start : index (by week) of the session of the rupture; at least one session must come before it.
    params : parameters of the model.

    Dips come back by chance too, so trust now is never compared with the dip: the forecast takes the sessions
    before `start`, lets growth go on and old strain heal, and knows of no rupture. Raises ValueError where
    `start` does not lie inside the series.
    """
    n = len(series)
    if not 1 <= start < n:
        raise ValueError(f"start must be between 1 and {n - 1}: {start}")
    lo, hi = map(float, series.scale)
    expected, doubt = _no_event_forecast(series, start, params)
    plain = params.with_values(interval_factor=1.0)
    out = run_filter(as_rows(series), plain, threads=1).out[:, -1]
    now, now_sd = float(out[kernel.TRUST]), float(out[kernel.TRUST_SD])
    factor = params["interval_factor"]
    total = math.hypot(doubt, now_sd) * factor
    span = hi - lo
    return Recovery(
        expected=lo + span * expected,
        expected_sd=span * doubt * factor,
        now=lo + span * now,
        now_sd=span * now_sd * factor,
        p_restored=_cdf((now - expected + MARGIN) / total),
        p_exceeded=_cdf((now - expected - MARGIN) / total),
    )


def _cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def threshold(p: npt.ArrayLike, false_alarms_per_100: float) -> float:
    """The alarm threshold on ``p_rupture`` that gives a stated number of false alarms per 100 quiet sessions.

    Parameters
    ----------
    p : p_rupture of sessions without a rupture, shape (n,); set it empirically, from a simulation at the
    fitted
        parameters or from sessions that are known to be quiet (a Gaussian tail gave 8.9 for a stated 5).
    false_alarms_per_100 : the rate wanted, above 0 and below 100.

    Alarm where ``p_rupture > threshold``. Raises ValueError on an empty p or a rate out of range.
    """
    values = np.asarray(p, np.float64)
    values = values[np.isfinite(values)]
    if values.size == 0:
        raise ValueError("no session to set a threshold from")
    if not 0 < false_alarms_per_100 < 100:
        raise ValueError(f"false alarms per 100 must lie between 0 and 100: {false_alarms_per_100}")
    return float(np.quantile(values, 1 - false_alarms_per_100 / 100, method="higher"))
