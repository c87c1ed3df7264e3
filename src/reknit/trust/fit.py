"""Maximum penalised likelihood over all relationships,
by scoring with the outer product of the sessions' gradients.

The likelihood of a series is the product of its one-step forecasts, so that the gradients of the sessions'
log densities are martingale differences, and the sum of their outer products estimates the information
(Berndt, Hall, Hall & Hausman 1974). A fit first converges on a sample of relationships; on more data one more
scoring step from there is as good as full convergence (Le Cam 1956; van der Vaart 1998, sec. 5.7). Sums over
relationships are sums over partitions: a fit is a map and a reduce per step.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reknit.trust import layout as kernel
from reknit.trust.calibrate import fit_hazard, stack
from reknit.trust.engine import Floats, Rows, cores, run_filter
from reknit.trust.params import Params
from reknit.trust.pool import Level, levels, pool, variance_of_mean
from reknit.trust.spec import INDEX, SPECS, rupture_moments, to_free, to_natural
from reknit.trust.start import free_names, start_params, subset
from reknit.trust.table import read_cohort

Progress = Callable[[float, str], None]

SAMPLE_ROWS = 12_000  # sessions on which the fit converges
MIDDLE_ROWS = 80_000  # sessions on which two more steps are taken on the way to larger tables
STEPS = 30
FULL_ROWS = 2_000_000  # sessions beyond which the last step takes a sample too
SMALL = 12_000  # sessions below which the forecast is calibrated on relationships left out of the fit
ENOUGH = 0.1  # log-likelihood that is not worth another step
# Systematic error of an estimate, whatever the number of sessions: mean and sd over control worlds of known
# truth (`reknit.cohort.evaluation.controls`). The mean is taken off the estimate and the sd added to its
# standard error: empirical calibration of a confidence interval (Schuemie, Hripcsak, Ryan, Madigan & Suchard
# 2018, PNAS 115: 2571-2577). The witnesses keep the values that the filter works best with, so no mean there.
SYSTEMATIC = {
    "repair_gain": (0.03, 0.05),
    "therapist_level": (0.0, 0.05),
    "therapist_slope": (0.0, 0.06),
    "therapist_strain": (0.0, 0.05),
    "guess_level": (0.0, 0.05),
    "guess_slope": (0.0, 0.06),
    "guess_strain": (0.0, 0.05),
}
STEP = 1e-4  # of finite differences, on the free scale


@dataclass(slots=True)
class Problem:
    """What is maximised: log-likelihood of the rows plus a normal log prior on the free scale."""

    rows: Rows
    names: tuple[str, ...]
    base: Params
    centre: Floats
    weight: Floats  # 1 / prior variance
    owner: npt.NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.owner = np.repeat(np.arange(self.rows.relationships), np.diff(self.rows.starts))

    def vector(self, x: Floats) -> Floats:
        """Natural parameters, as the kernel takes them, at a point of the free scale."""
        theta = self.base.vector().copy()
        for name, value in zip(self.names, x.tolist(), strict=True):
            theta[INDEX[name]] = to_natural(name, value)
        theta[INDEX["strain_size"]] = (
            0.5 * rupture_moments(theta[INDEX["jump_mean"]], theta[INDEX["jump_sd"]])[0]
        )
        return theta

    def rowwise(self, x: Floats, threads: int | None = 1) -> Floats:
        """Log density of every session given the ones before it."""
        return run_filter(self.rows, self.vector(x), kernel.LOGLIK, threads).loglik

    def value(self, x: Floats) -> float:
        """Penalised log-likelihood."""
        return float(self.rowwise(x, None).sum()) - self.penalty(x)

    def penalty(self, x: Floats) -> float:
        """Minus the log prior, up to a constant."""
        return 0.5 * float(self.weight @ (x - self.centre) ** 2)

    def scores(self, x: Floats, progress: Callable[[float], None]) -> tuple[float, Floats]:
        """Penalised log-likelihood, and the gradient of every session's log density (sessions,
        parameters).
        """
        points = [x] + [x + STEP * row for row in np.eye(len(x))]
        scores = np.empty((len(x), len(self.rows)))
        with ThreadPoolExecutor(cores()) as pool:
            here = None
            for i, loglik in enumerate(pool.map(self.rowwise, points)):
                if here is None:
                    here = loglik
                else:
                    scores[i - 1] = (loglik - here) / STEP
                progress((i + 1) / len(points))
        assert here is not None
        return float(here.sum()) - self.penalty(x), scores.T


@dataclass(slots=True)
class State:
    """Where the optimiser stands; what a checkpoint keeps."""

    x: Floats
    value: float = -np.inf
    damping: float = 1e-2
    step: int = 0
    done: bool = False


def _problem(rows: Rows, base: Params, names: tuple[str, ...]) -> Problem:
    centre = np.array([to_free(name, base[name]) for name in names])
    sd = np.array([SPECS[INDEX[name]].prior_sd for name in names])
    return Problem(rows, names, base, centre, 1.0 / sd**2)


def _sample(rows: Rows, size: int, seed: int = 20) -> Rows:
    """Relationships drawn at random until they hold about `size` sessions."""
    if len(rows) <= size:
        return rows
    order = np.random.default_rng(seed).permutation(rows.relationships)
    lengths = np.diff(rows.starts)[order]
    take = max(int(np.searchsorted(np.cumsum(lengths), size)), 1)
    return subset(rows, np.sort(order[:take]))


def _direction(info: Floats, gradient: Floats, damping: float) -> Floats:
    """Damped scoring step (Levenberg-Marquardt), no coordinate longer than one unit of the free scale."""
    scale = np.diag(info)
    step = np.linalg.solve(info + damping * np.diag(scale), gradient).astype(np.float64)
    return step / max(1.0, float(np.abs(step).max()))


def _climb(
    problem: Problem,
    state: State,
    tell: Callable[[State, float], None],
    save: Callable[[State], None],
    steps: int = STEPS,
) -> State:
    """Scoring steps until the expected gain is small."""
    while state.step < steps and not state.done:
        value, scores = problem.scores(state.x, partial(tell, state))
        gradient = scores.sum(axis=0) - problem.weight * (state.x - problem.centre)
        info = scores.T @ scores + np.diag(problem.weight)
        expected = 0.5 * float(gradient @ np.linalg.solve(info, gradient))
        state.value, state.step = value, state.step + 1
        if expected < ENOUGH / 4:
            state.done = True
            break
        for _ in range(8):
            trial = state.x + _direction(info, gradient, state.damping)
            reached = problem.value(trial)
            if reached > value:
                small = reached - value < ENOUGH
                state = replace(
                    state, x=trial, value=reached, damping=max(state.damping / 4, 1e-4), done=small
                )
                break
            state.damping *= 6
        else:
            state.done = True
        save(state)
    return state


def _spread(problem: Problem, scores: Floats) -> Floats:
    """Covariance on the free scale: sandwich clustered by relationship,
    the information alone where these are few.
    """
    inverse: Floats = np.linalg.inv(scores.T @ scores + np.diag(problem.weight)).astype(np.float64)
    if problem.rows.relationships < 5 * len(problem.names):
        return inverse
    grouped = np.add.reduceat(scores, problem.rows.starts[:-1], axis=0)
    robust: Floats = inverse @ (grouped.T @ grouped + np.diag(problem.weight)) @ inverse
    return robust


@dataclass(slots=True)
class Found:
    """Where a fit ended on the free scale,
    with its covariance there and the sessions' scores of `bond_mean`.
    """

    x: Floats
    cov: Floats
    loglik: float
    level_scores: Floats


def _finish(problem: Problem, x: Floats, tell: Callable[[float], None]) -> Found:
    """One scoring step on all rows from a converged start."""
    value, scores = problem.scores(x, tell)
    gradient = scores.sum(axis=0) - problem.weight * (x - problem.centre)
    step = _direction(scores.T @ scores + np.diag(problem.weight), gradient, 0.0)
    for _ in range(4):
        reached = problem.value(x + step)
        if reached > value:
            x, value = x + step, reached
            break
        step = step / 3
    level = scores[:, problem.names.index("bond_mean")].copy()
    return Found(x, _spread(problem, scores), value + problem.penalty(x), level)


def _natural(problem: Problem, found: Found) -> tuple[dict[str, float], dict[str, float], Floats]:
    """Values, standard errors and covariance of the natural parameters (delta method), `SYSTEMATIC` allowed
    for.
    """
    slopes = np.array(
        [
            (to_natural(name, v + 1e-5) - to_natural(name, v - 1e-5)) / 2e-5
            for name, v in zip(problem.names, found.x.tolist(), strict=True)
        ]
    )
    cov = slopes[:, None] * found.cov * slopes[None, :]
    mean, sd = np.array([SYSTEMATIC.get(name, (0.0, 0.0)) for name in problem.names]).T
    cov += np.diag(sd**2)
    values = dict(Params.from_vector(problem.vector(found.x)).values)
    for name, error in zip(problem.names, mean.tolist(), strict=True):
        values[name] -= error
    return values, dict(zip(problem.names, np.sqrt(np.diag(cov)).tolist(), strict=True)), cov


def _load(checkpoint: Path | None, names: Sequence[str]) -> State | None:
    """The state of an interrupted fit of the same parameters."""
    if checkpoint is None or not checkpoint.exists():
        return None
    try:
        kept = json.loads(checkpoint.read_text(encoding="utf-8"))
        if kept["names"] != list(names):
            return None
        return State(np.array(kept["x"]), kept["value"], kept["damping"], kept["step"], kept["done"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _save(checkpoint: Path | None, names: Sequence[str], state: State) -> None:
    if checkpoint is None:
        return
    kept = {"names": list(names), "x": state.x.tolist(), "value": state.value, "damping": state.damping}
    part = checkpoint.with_name(checkpoint.name + ".new")
    part.write_text(json.dumps({**kept, "step": state.step, "done": state.done}), encoding="utf-8")
    part.replace(checkpoint)


def _converge(
    rows: Rows, base: Params, names: tuple[str, ...], progress: Progress, checkpoint: Path | None
) -> Floats:
    """Scoring to convergence on a sample of the rows."""
    problem = _problem(_sample(rows, SAMPLE_ROWS), base, names)
    state = _load(checkpoint, names) or State(problem.centre.copy())

    def tell(now: State, share: float) -> None:
        progress(0.6 * (1 - 0.88 ** (now.step + share)), f"step {now.step + 1}")

    x = _climb(problem, state, tell, lambda now: _save(checkpoint, names, now)).x
    if len(rows) > 4 * SAMPLE_ROWS:
        larger = _problem(_sample(rows, MIDDLE_ROWS), base, names)
        x = _climb(larger, State(x, damping=1e-4), lambda *_: None, lambda _: None, steps=2).x
    return x


def _calibrate(rows: Rows, params: Params, names: tuple[str, ...]) -> dict[str, float]:
    """The forecast's calibration; on few rows, from forecasts of relationships that the fit did not see."""
    if len(rows) > SMALL or rows.relationships < 6:
        return stack([(_sample(rows, 100_000, seed=21), params)])
    shuffled = np.random.default_rng(22).permutation(rows.relationships)
    halves = [np.sort(shuffled[i::2]) for i in range(2)]
    parts = []
    for mine, other in (halves, halves[::-1]):
        problem = _problem(subset(rows, mine), start_params(subset(rows, mine)), names)
        start = State(np.array([to_free(name, params[name]) for name in names]))
        x = _climb(problem, start, lambda *_: None, lambda _: None).x
        parts.append((subset(rows, other), Params.from_vector(problem.vector(x))))
    return stack(parts)


def fit_rows(
    rows: Rows,
    ended: npt.NDArray[np.int8] | None = None,
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
) -> tuple[Params, Floats, Rows]:
    """Fit all parameters that these rows can teach.

    Returns the parameters, the score of every session for `bond_mean` (for the pooling of therapists and
    clinics), and the rows that it belongs to. See `fit` for the arguments.
    """
    tell = progress or (lambda share, note: None)
    path = None if checkpoint is None else Path(checkpoint)
    names, base = free_names(rows), start_params(rows)
    if not names:
        return replace(base, origin="no rating to fit"), np.zeros(len(rows)), rows
    x = _converge(rows, base, names, tell, path)
    tell(0.6, "all sessions")
    problem = _problem(_sample(rows, FULL_ROWS), base, names)
    found = _finish(problem, x, lambda share: tell(0.6 + 0.35 * share, "all sessions"))
    values, se, cov = _natural(problem, found)
    params = Params(values=values)
    tell(0.95, "calibration")
    values = {**params.values, **_calibrate(rows, params, names)}
    hazard = None if ended is None else fit_hazard(rows, params, ended)
    if hazard is not None:
        values, se = {**values, **hazard.values}, {**se, **hazard.se}
    params = Params(
        values=values,
        se=se,
        free=names,
        cov=tuple(tuple(row) for row in cov.tolist()),
        n=int(np.isfinite(rows.rating).sum()),
        relationships=rows.relationships,
        loglik=found.loglik,
        origin=f"fitted to {rows.relationships} relationships",
    )
    tell(1.0, "done")
    return replace(params, version=_version(params)), found.level_scores, problem.rows


def _version(params: Params) -> str:
    """A short name that changes with any value."""
    digest = hashlib.sha256(params.vector().tobytes()).hexdigest()[:10]
    return f"fit-{params.n}-{digest}"


def fit(
    table: Any,
    scale: Any = (1, 7),
    progress: Progress | None = None,
    checkpoint: str | Path | None = None,
    *,
    lower_is_better: bool = False,
) -> Params:
    """Learn the parameters of the trust model from a table of sessions.

    Parameters
    ----------
    table : as for `reknit.estimate`; `ended` (2 dropped out) teaches the hazard of leaving, `therapist` and
    `clinic`
        the partial pooling of starting bonds. Channels that are absent keep their defaults.
    scale : lowest and highest possible rating, such as ``(1, 7)`` or ``"1:7"``.
    lower_is_better : the ratings are of something bad, such as symptoms; say so to `reknit.estimate` too.
    progress : called with the share done (0..1) and a note.
    checkpoint : file in which an interrupted fit is kept, and from which it goes on; remove it after use.

    Returns `Params` with standard errors and the covariance of the natural parameters (sandwich, clustered by
    relationship; `SYSTEMATIC` errors and, for `bond_mean`, the variance between groups added), the number of
    ratings, the penalised fit's log-likelihood, and a version that names the fit. Raises TableError (a
    ValueError) on a table that cannot be read.
    """
    cohort = read_cohort(table, scale, lower_is_better=lower_is_better)
    params, scores, rows = fit_rows(cohort.rows, cohort.ended(table), progress, checkpoint)
    if len(rows) != len(cohort.rows):
        return params
    return with_groups(params, list(levels(cohort.groups(table), rows, scores)))


def with_groups(params: Params, found: Sequence[Level]) -> Params:
    """The fit with what clinics and therapists add; their variance goes into the doubt of the mean start."""
    if "bond_mean" not in params.free:
        return params
    at, extra = params.free.index("bond_mean"), variance_of_mean(found)
    cov = np.array(params.cov)
    cov[at, at] += extra
    se = {**params.se, "bond_mean": float(np.sqrt(cov[at, at]))}
    rows = tuple(tuple(row) for row in cov.tolist())
    return replace(params, se=se, cov=rows, effects=pool(found))
