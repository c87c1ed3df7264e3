"""Looking ahead and looking back: the no-event forecast, and alarm thresholds for a stated rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reknit.trust import layout as kernel
from reknit.trust.backward import differences, full
from reknit.trust.engine import Rows, run_filter
from reknit.trust.filter import MAX_GAP
from reknit.trust.params import DEFAULT, Params
from reknit.trust.series import Series, as_rows

MARGIN = 0.02  # of the scale: a difference too small to speak of
GAIN_DOUBT = 0.25  # sd of the repair gain where nothing was fitted
DRAWS = 300  # at each of five repair gains


@dataclass(frozen=True, slots=True)
class Recovery:
    """Trust now against what was to be expected had nothing happened, on the scale of the ratings.

    ``expected`` is the forecast made before the rupture, ``now`` the present, each with its sd.
    ``p_restored``: probability that what has happened since leaves trust not lower by more than `MARGIN` of
    the scale than it would be otherwise; ``p_exceeded``: that it has made it higher by more than that.
    """

    expected: float
    expected_sd: float
    now: float
    now_sd: float
    p_restored: float
    p_exceeded: float


def _no_event_forecast(rows: Rows, start: int, params: Params) -> tuple[float, float]:
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
        mixture = run_filter(rows, params, kernel.STORE, threads=1).stored[start - 1].reshape(3, -1)
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


def _outcome(rows: Rows, start: int, params: Params) -> tuple[float, float]:
    """P(restored) and P(exceeded), with the doubt of the repair gain: draws at five gains (Gauss-Hermite
    nodes), weighed by how well each explains the series.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    doubt = params.se.get("repair_gain", GAIN_DOUBT)
    rng, found = np.random.default_rng(1), []
    for node in nodes.tolist():
        at = params.with_values(repair_gain=params["repair_gain"] + doubt * node)
        drawn, loglik = differences(rows, start, at, rng, DRAWS)
        found.append((loglik, float(np.mean(drawn >= -MARGIN)), float(np.mean(drawn > MARGIN))))
    logliks, restored, exceeded = np.array(found).T
    share = weights * np.exp(logliks - logliks.max())
    share /= share.sum()
    return float(share @ restored), float(share @ exceeded)


def recovery(series: Series, start: int, params: Params = DEFAULT) -> Recovery:
    """Whether trust came back after a rupture, judged against what it would be had nothing happened.

    Parameters
    ----------
    series : the relationship; its last session is "now".
    start : index (by week) of the session of the rupture, from 0.
    params : parameters of the model; the doubt of the repair gain is the fit's, `GAIN_DOUBT` without one.

    Dips come back by chance too, so trust now is never compared with the dip. Forecast and present share the
    person's level, growth and passing state, whose doubts cancel: the probabilities are those of the
    difference that events since `start` have made (`reknit.trust.backward.differences`), old strain healing
    by itself.
    Raises ValueError where `start` does not lie inside the series.
    """
    n = len(series)
    if not 0 <= start < n:
        raise ValueError(f"start must be between 0 and {n - 1}: {start}")
    lo, hi = map(float, series.scale)
    rows = as_rows(series)
    expected, doubt = _no_event_forecast(rows, start, params)
    plain = params.with_values(interval_factor=1.0)
    out = run_filter(rows, plain, threads=1).out[:, -1]
    now, now_sd = float(out[kernel.TRUST]), float(out[kernel.TRUST_SD])
    factor, span = params["interval_factor"], hi - lo
    restored, exceeded = _outcome(rows, start, params)
    return Recovery(
        expected=lo + span * expected,
        expected_sd=span * doubt * factor,
        now=lo + span * now,
        now_sd=span * now_sd * factor,
        p_restored=restored,
        p_exceeded=exceeded,
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
