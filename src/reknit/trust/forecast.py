"""Looking ahead and looking back: the no-event forecast, and alarm thresholds for a stated rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from reknit.trust import layout as kernel
from reknit.trust.backward import events, full
from reknit.trust.engine import Floats, Result, Rows, run_filter
from reknit.trust.filter import MAX_GAP
from reknit.trust.params import DEFAULT, Params
from reknit.trust.series import Series, as_rows

SHORTFALL = 0.05  # of the scale: half a point of ten, less than the step of most ratings
GROWTH = 0.02  # of the scale: more than nothing
GAIN_SD = 0.25  # of the repair gain where there is one, before it is known
GAIN_DOUBT = 0.25  # standard error of the repair gain where nothing was fitted
DRAWS = 400
CHUNK = 2_000  # episodes at a time


@dataclass(frozen=True, slots=True)
class Recovery:
    """Trust now against what was to be expected had nothing happened, on the scale of the ratings.

    ``expected`` is the forecast made before the rupture, ``now`` the present, each with its sd.
    ``p_restored``: probability that trust is not lower by more than `SHORTFALL` of the scale than where the
    session before the rupture would have led without events. ``p_exceeded``: that repairs have added more to
    the bond, by more than `GROWTH`, than strain is left; older strain that they took away too is no growth.
    """

    expected: float
    expected_sd: float
    now: float
    now_sd: float
    p_restored: float
    p_exceeded: float


def _no_event_forecast(rows: Rows, start: int, params: Params, stored: Floats) -> tuple[float, float]:
    """Mean and sd (unit scale) of trust at the last session, from the sessions before `start`,
    with no rupture; from what is known of relationships at large where there are none.
    """
    tau, now = params["growth_weeks"], rows.week[-1] - rows.week[0]
    if start == 0:
        mean, last = np.array([params["bond_mean"], params["growth_mean"], 0.0, 0.0]), 0.0
        cov = np.diag([params["bond_sd"] ** 2, params["growth_sd"] ** 2, params["state_sd"] ** 2, 0.0])
        cov[0, 1] = cov[1, 0] = params["growth_corr"] * params["bond_sd"] * params["growth_sd"]
        weights, means, covs = np.ones(1), mean[None], cov[None]
    else:
        mixture = stored[start - 1].reshape(3, -1)
        last = rows.week[start - 1] - rows.week[0]
        weights, means = mixture[:, 0] / mixture[:, 0].sum(), mixture[:, 1:5]
        covs = np.array([full(component) for component in mixture])
    gap = min(now - last, MAX_GAP)
    ea, ed = math.exp(-gap / params["state_weeks"]), params["strain_keep"] ** gap
    step = np.array([1.0, tau * (math.log1p(now / tau) - math.log1p(last / tau)), ea, -ed])
    extra = params["walk_sd"] ** 2 * gap + params["state_sd"] ** 2 * (1 - ea * ea)
    extra += params["strain_sd"] ** 2 * (1 - ed * ed)
    there, doubt = means @ step, np.einsum("i,kij,j->k", step, covs, step) + extra
    mean_now = float(weights @ there)
    return mean_now, math.sqrt(max(float(weights @ (doubt + (there - mean_now) ** 2)), 1e-12))


def gain_belief(params: Params) -> tuple[float, float, float]:
    """What is believed of the repair gain: P(there is none), and its mean and sd where there is one.

    Even odds before the data, and N(0, `GAIN_SD`^2) where there is one; after them the Bayes factor of the
    estimate with its standard error (Jeffreys 1961, ch. 5; Kass & Raftery 1995, JASA 90).
    """
    found, doubt = params["repair_gain"], max(params.se.get("repair_gain", GAIN_DOUBT), 1e-6)
    wide, narrow = GAIN_SD**2 + doubt**2, doubt**2
    log_odds = 0.5 * math.log(wide / narrow) - 0.5 * found * found * (1 / narrow - 1 / wide)
    share = GAIN_SD**2 / wide
    return 1 / (1 + math.exp(-max(log_odds, -700.0))), share * found, math.sqrt(share * narrow)


def outcomes(
    rows: Rows, episodes: npt.NDArray[np.int64], params: Params = DEFAULT, happened: bool = False
) -> tuple[Floats, Floats]:
    """P(restored) and P(exceeded) of many episodes at once, each (n,): see `Recovery` and `recovery`.

    ``episodes`` (n, 3) holds rows of `rows`: the first of the relationship, the session of the rupture, and
    the last session that may be looked at.
    """
    result = run_filter(rows, believed(params), kernel.STORE)
    return _outcomes(result, episodes, params, happened)


def believed(params: Params) -> Params:
    """The parameters with the repair gain that is expected once it may be none."""
    none, mean, _ = gain_belief(params)
    return params.with_values(repair_gain=(1 - none) * mean)


def _outcomes(
    result: Result, episodes: npt.NDArray[np.int64], params: Params, happened: bool
) -> tuple[Floats, Floats]:
    """The same from the filter's mixtures. Repairs have added gain * strain that they met; over the gain,
    whose doubt is the largest, the probability is taken exactly.
    """
    none, mean, sd = gain_belief(params)
    found = np.empty((2, len(episodes)))
    for i in range(0, len(episodes), CHUNK):
        met, left, ahead, weight = events(believed(params), result, episodes[i : i + CHUNK], DRAWS, happened)
        weight = np.maximum(weight, 1e-200)
        weight /= weight.sum(axis=1, keepdims=True)
        lacking = np.maximum(left, 0.0) + GROWTH
        with np.errstate(divide="ignore", invalid="ignore"):
            there = ndtr((mean * met - lacking) / (sd * met))
        there = np.where(met > 0, there, 0.0)
        found[1, i : i + CHUNK] = (weight * (1 - none) * there).sum(axis=1)
        found[0, i : i + CHUNK] = (weight * (ahead > -SHORTFALL)).sum(axis=1)
    found[0] = np.maximum(found[0], found[1])
    return found[0], found[1]


def recovery(series: Series, start: int, params: Params = DEFAULT, happened: bool = False) -> Recovery:
    """Whether trust came back after a rupture, judged against what it would be had nothing happened.

    Parameters
    ----------
    series : the relationship; its last session is "now".
    start : index (by week) of the session of the rupture, from 0.
    happened : whether it is known, from the people themselves, that there was a rupture at `start`; otherwise
        that nothing happened is possible, and then nothing has to be restored.
    params : parameters of the model; the doubt of the repair gain is the fit's, `GAIN_DOUBT` without one,
        and that there is none counts as likely as that there is one before the data (`gain_belief`).

    Dips come back by chance too, so trust now is never compared with the dip. Forecast and present share the
    person's level, growth and passing state, whose doubts cancel in draws of both together, given all that
    was seen (`reknit.trust.backward.events`), old strain healing by itself.
    Raises ValueError where `start` does not lie inside the series.
    """
    n = len(series)
    if not 0 <= start < n:
        raise ValueError(f"start must be between 0 and {n - 1}: {start}")
    lo, hi = map(float, series.scale)
    rows = as_rows(series)
    result = run_filter(rows, believed(params.with_values(interval_factor=1.0)), kernel.STORE, threads=1)
    expected, doubt = _no_event_forecast(rows, start, params, result.stored)
    now, now_sd = float(result.out[kernel.TRUST, -1]), float(result.out[kernel.TRUST_SD, -1])
    factor, span = params["interval_factor"], hi - lo
    restored, exceeded = _outcomes(result, np.array([[0, start, n - 1]]), params, happened)
    return Recovery(
        expected=lo + span * expected,
        expected_sd=span * doubt * factor,
        now=lo + span * now,
        now_sd=span * now_sd * factor,
        p_restored=float(restored[0]),
        p_exceeded=float(exceeded[0]),
    )


def threshold(p: npt.ArrayLike, false_alarms_per_100: float) -> float:
    """The alarm threshold on ``p_rupture`` that gives a stated number of false alarms per 100 quiet sessions.

    Parameters
    ----------
    p : p_rupture of sessions without a rupture, shape (n,)
        Set it empirically, from a simulation at the fitted parameters or from sessions that are known to be
        quiet (a Gaussian tail gave 8.9 for a stated 5).
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
