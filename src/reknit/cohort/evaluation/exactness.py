"""The filter against sums that leave nothing out, and against others where the model is theirs.

With k modes and n sessions there are 3^n ways the modes can have gone. For short series all of them are
followed here, each with its own Kalman filter in plain matrices; the collapsed filter must agree. With
ruptures switched off the model is a local level with an autoregression; with the passing state off too, a
mixed model with random slopes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy.special import log_ndtr, ndtr
from scipy.stats import multivariate_normal, truncnorm

from reknit.cohort.evaluation.measures import Floats
from reknit.cohort.evaluation.worlds import Plan
from reknit.trust import layout as kernel
from reknit.trust.engine import Rows, run_filter
from reknit.trust.params import DEFAULT, Params
from reknit.trust.simulate import simulate
from reknit.trust.simulate.own import STRAIN_SOFTNESS

OFF = 1e-12
SESSIONS = 7
PLAIN: dict[str, float] = {
    "outlier_share": OFF, "style_weight": 1e12, "rating_step": 1e-9, "therapist_slope": 0.0,
}  # fmt: skip
TRUST = np.array([1.0, 0.0, 1.0, -1.0])  # of (bond, growth, passing state, strain)
SCHEMA = ["what is compared", "with what", "cases", "largest difference", "tolerance", "holds"]


@dataclass(frozen=True)
class Path:
    """One way that the modes can have gone: its log weight, its state's mean (4,) and covariance (4, 4)."""

    log_weight: float
    mode: int
    mean: Floats
    cov: Floats


def exactness(plan: Plan) -> pl.DataFrame:
    """All comparisons, with their largest difference and the tolerance stated for it."""
    rows = [*against_enumeration(plan), *against_unobserved_components(plan), *against_mixed_model(plan)]
    table = pl.DataFrame(rows, schema=SCHEMA[:-1], orient="row")
    return table.with_columns((pl.col("largest difference") <= pl.col("tolerance")).alias("holds"))


def against_enumeration(plan: Plan, cases: int = 60) -> list[tuple[str, str, int, float, float]]:
    """Series of up to seven sessions: trust in points of a scale 1 to 7, probabilities, log-likelihood."""
    params = DEFAULT.with_values(**PLAIN, said_strain=DEFAULT["said_calm"], yes_hurt=DEFAULT["yes_calm"])
    table = simulate(cases, plan.seed, "model", (2, SESSIONS), params=params, own_style=False)
    worst = np.zeros((3, 0))
    for _, person in table.group_by("client", maintain_order=True):
        rows = rows_of(person)
        result = run_filter(rows, params)
        exact = np.array(enumerate_modes(rows, params))
        trust = 6 * np.abs(result.out[kernel.TRUST] - exact[:, 0])
        mode = np.maximum(
            np.abs(result.out[kernel.P_RUPTURE] - exact[:, 1]),
            np.abs(result.out[kernel.P_REPAIR] - exact[:, 2]),
        )
        loglik = np.abs(result.loglik.cumsum() - exact[:, 3])
        worst = np.hstack([worst, [trust, mode, loglik]])
    what = ("trust (points)", "probabilities of rupture and repair", "log-likelihood of a series")
    tolerance = (0.1, 0.1, 0.15)
    n = worst.shape[1]
    paths = f"every one of 3^n mode paths, n up to {SESSIONS}"
    found = [(what[i], paths, n, float(worst[i].max()), tolerance[i]) for i in range(3)]
    typical = [
        (f"{what[i]}, 99 of 100 sessions", paths, n, float(np.quantile(worst[i], 0.99)), tolerance[i] / 2)
        for i in range(3)
    ]
    return found + typical


def rows_of(table: pl.DataFrame) -> Rows:
    """Ratings, reports and recorded repairs on an unbounded unit scale."""
    n = table.height
    small = {name: table[name].fill_null(-1).cast(pl.Int8).to_numpy() for name in ("difficulty", "repair")}
    rating = (table["alliance"].fill_null(float("nan")).to_numpy() - 1) / 6
    week = table["week"].to_numpy() - table["week"][0]
    return Rows(starts=np.array([0, n], np.int64), week=week, rating=rating, bounded=False, **small)


def enumerate_modes(rows: Rows, params: Params) -> list[tuple[float, float, float, float]]:
    """Trust, P(rupture), P(repair) and log-likelihood after each session, over all mode paths."""
    corr = params["growth_corr"] * params["bond_sd"] * params["growth_sd"]
    cov = np.diag([params["bond_sd"] ** 2, params["growth_sd"] ** 2, params["state_sd"] ** 2, 0.0])
    cov[0, 1] = cov[1, 0] = corr
    paths = [Path(0.0, 0, np.array([params["bond_mean"], params["growth_mean"], 0.0, 0.0]), cov)]
    out = []
    for k in range(len(rows)):
        moved = [evolve(path, rows.week[max(k - 1, 0)], rows.week[k], params) for path in paths]
        paths = [
            see(new, rows, k, params)
            for path in moved
            for new in branch(path, k == 0, silent(rows, k), not np.isnan(rows.rating[k]), params)
        ]
        logs = np.array([path.log_weight for path in paths])
        total = float(np.logaddexp.reduce(logs))
        weight = np.exp(logs - total)
        trust = float(weight @ np.array([TRUST @ path.mean for path in paths]))
        hurt, mended = (float(weight @ [path.mode == mode for path in paths]) for mode in (1, 2))
        out.append((trust, hurt, mended, total))
    return out


def evolve(path: Path, last: float, now: float, params: Params) -> Path:
    """One step in time: x -> F x + noise."""
    half, gap = params["growth_weeks"], now - last
    grown = half * (np.log1p(now / half) - np.log1p(last / half))
    keep, left = np.exp(-gap / params["state_weeks"]), params["strain_keep"] ** gap
    step = np.array([[1, grown, 0, 0], [0, 1, 0, 0], [0, 0, keep, 0], [0, 0, 0, left]])
    noise = [
        params["walk_sd"] ** 2 * gap,
        0.0,
        params["state_sd"] ** 2 * (1 - keep**2),
        params["strain_sd"] ** 2 * (1 - left**2),
    ]
    return Path(path.log_weight, path.mode, step @ path.mean, step @ path.cov @ step.T + np.diag(noise))


def silent(rows: Rows, k: int) -> bool:
    """Whether nothing at all is known of session k, so that it may not have taken place."""
    assert rows.difficulty is not None
    assert rows.repair is not None
    return bool(np.isnan(rows.rating[k]) and rows.difficulty[k] < 0 and rows.repair[k] < 0)


def branch(path: Path, first: bool, nothing_known: bool, rated: bool, params: Params) -> list[Path]:
    """Steady, rupture and repair, with the probabilities that this path gives them."""
    names = ("rupture_rate", "rupture_again", "rupture_late")
    hit = params["rupture_first"] if first else params[names[path.mode]]
    if nothing_known:
        hit *= 0.5 * (1 + params["missed_share"])
    size = params["strain_size"]
    spread = np.sqrt(path.cov[3, 3] + (STRAIN_SOFTNESS * size) ** 2)
    mend = (1 - hit) * params["repair_rate"] * float(ndtr((path.mean[3] - size) / spread))
    jump, variance, chance = np.zeros(4), np.zeros((4, 4)), 1.0
    jump[3], variance[3, 3] = params["jump_mean"], params["jump_sd"] ** 2
    if rated:  # a rupture is a fall: what is below zero is left out once the rating is heard
        chance = float(ndtr(params["jump_mean"] / params["jump_sd"]))
    else:
        jump[3], variance[3, 3] = left_above_zero(params["jump_mean"], params["jump_sd"] ** 2)
    heal = np.eye(4)
    heal[0, 3], heal[3, 3] = params["repair_gain"], params["repair_keep"]
    log = path.log_weight
    return [
        Path(log + np.log(1 - hit - mend), 0, path.mean, path.cov),
        Path(log + np.log(hit / chance), 1, path.mean + jump, path.cov + variance),
        Path(log + np.log(mend + 1e-300), 2, heal @ path.mean, heal @ path.cov @ heal.T),
    ]


def see(path: Path, rows: Rows, k: int, params: Params) -> Path:
    """Rating, report and recorded repair of session k."""
    log, mean, cov = path.log_weight, path.mean, path.cov
    if not np.isnan(rows.rating[k]):
        gain = cov @ TRUST
        variance = float(TRUST @ gain) + params["rating_sd"] ** 2
        error = rows.rating[k] - float(TRUST @ mean)
        log += float(multivariate_normal.logpdf(error, 0.0, variance))
        fall = np.array([0, 0, 0, params["jump_sd"] ** 2])  # covariance of the state with a rupture's strain
        of_fall = fall + gain * params["jump_sd"] ** 2 / variance
        mean, cov = mean + gain * error / variance, cov - np.outer(gain, gain) / variance
        if path.mode == 1:
            left = params["jump_mean"] - params["jump_sd"] ** 2 * error / variance
            doubt = params["jump_sd"] ** 2 - params["jump_sd"] ** 4 / variance
            above, narrower = left_above_zero(left, doubt)
            log += float(log_ndtr(left / np.sqrt(doubt)))
            mean = mean + of_fall * (above - left) / doubt
            cov = cov - np.outer(of_fall, of_fall) * (doubt - narrower) / doubt**2
    assert rows.difficulty is not None
    assert rows.repair is not None
    said = params["said_rupture" if path.mode == 1 else "said_calm"]
    log += answer(int(rows.difficulty[k]), said, params["yes_hurt" if path.mode == 1 else "yes_calm"])
    kind = "repair" if path.mode == 2 else "calm"
    log += answer(int(rows.repair[k]), params[f"record_{kind}"], params[f"confirm_{kind}"])
    return Path(log, path.mode, mean, cov)


def left_above_zero(mean: float, variance: float) -> tuple[float, float]:
    """Mean and variance of a normal number that is known to be positive."""
    sd = np.sqrt(variance)
    known = truncnorm(-mean / sd, np.inf, mean, sd)
    return float(known.mean()), float(known.var())


def answer(given: int, said: float, yes: float) -> float:
    """Log probability of an answer 0, 1 or 2 (-1: none)."""
    if given < 0:
        return 0.0
    return float(np.log([1 - said, said * (1 - yes), said * yes][given]))


def without_ruptures(**values: float) -> Params:
    """The model with ruptures, and so repairs, switched off."""
    rates = dict.fromkeys(("rupture_rate", "rupture_again", "rupture_late", "rupture_first"), OFF)
    return DEFAULT.with_values(**PLAIN, **rates, repair_rate=OFF, strain_sd=OFF, **values)


def against_unobserved_components(plan: Plan) -> list[tuple[str, str, int, float, float]]:
    """Local level and autoregression on even gaps: statsmodels' Kalman filter, where it is installed."""
    try:
        from statsmodels.tsa.statespace.structural import UnobservedComponents
    except ImportError:
        return []
    params = without_ruptures(growth_mean=0.0, growth_sd=OFF, growth_corr=0.0)
    rng = np.random.default_rng(plan.seed)
    y = 0.7 + np.cumsum(0.02 * rng.normal(size=40)) + 0.06 * rng.normal(size=40)
    y[[5, 6, 20]] = np.nan
    model: Any = UnobservedComponents(y, "local level", autoregressive=1)
    keep = float(np.exp(-1 / params["state_weeks"]))
    state = params["state_sd"] ** 2
    model.ssm.initialize_known(np.array([params["bond_mean"], 0.0]), np.diag([params["bond_sd"] ** 2, state]))
    values = {
        "sigma2.irregular": params["rating_sd"] ** 2,
        "sigma2.level": params["walk_sd"] ** 2,
        "sigma2.ar": state * (1 - keep**2),
        "ar.L1": keep,
    }
    model.loglikelihood_burn = 0
    found = model.filter([values[name] for name in model.param_names])
    rows = Rows(np.array([0, 40], np.int64), np.arange(40.0), y, bounded=False)
    result = run_filter(rows, params)
    trust = np.abs(found.filtered_state.sum(axis=0) - result.out[kernel.TRUST]).max()
    loglik = abs(float(found.llf_obs.sum()) - float(result.loglik.sum()))
    peer = "statsmodels' Kalman filter, ruptures off"
    return [("filtered trust", peer, 40, float(trust), 1e-8), ("log-likelihood", peer, 40, loglik, 1e-8)]


def against_mixed_model(plan: Plan) -> list[tuple[str, str, int, float, float]]:
    """Random intercept and slope: statsmodels' MixedLM at its own estimates, where it is installed."""
    try:
        from statsmodels.regression.mixed_linear_model import MixedLM
    except ImportError:
        return []
    table = simulate(200, plan.seed, "foreign", (8, 12)).drop_nulls("alliance").sort("client", "week")
    y, week = (table["alliance"].to_numpy() - 1) / 6, table["week"].to_numpy()
    client = table["client"].to_numpy()
    design = np.column_stack([np.ones(len(y)), week])
    found: Any = MixedLM(y, design, client, exog_re=design).fit(reml=False)
    effects = np.asarray(found.cov_re)
    corr = effects[0, 1] / np.sqrt(effects[0, 0] * effects[1, 1])
    params = without_ruptures(
        bond_mean=found.fe_params[0], growth_mean=found.fe_params[1], bond_sd=float(np.sqrt(effects[0, 0])),
        growth_sd=float(np.sqrt(effects[1, 1])), growth_corr=float(corr),
        rating_sd=float(np.sqrt(found.scale)),
        growth_weeks=1e7, state_sd=OFF, walk_sd=OFF,
    )  # fmt: skip
    starts = np.append(np.flatnonzero(np.diff(client, prepend=-1)), len(y)).astype(np.int64)
    shifted = with_first_week(starts, week, y)
    loglik = float(run_filter(shifted, params, kernel.LOGLIK).loglik.sum())
    difference = abs(loglik - float(found.llf))
    return [("log-likelihood, 200 people", "statsmodels' MixedLM, states off", 1, difference, 1e-4)]


def with_first_week(starts: np.ndarray, week: Floats, y: Floats) -> Rows:
    """Rows with an empty session at week 0 before each person's first rating, so that time starts there."""
    at = starts[:-1]
    return Rows(
        starts=starts + np.arange(len(starts)),
        week=np.insert(week, at, 0.0),
        rating=np.insert(y, at, np.nan),
        bounded=False,
    )
