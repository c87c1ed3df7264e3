"""Maximum penalised likelihood over all relationships, by scoring with the outer product of the sessions' gradients.

The likelihood of a series is the product of its one-step forecasts, so that the gradients of the sessions' log
densities are martingale differences, and the sum of their outer products estimates the information (Berndt, Hall,
Hall & Hausman 1974). A fit first converges on a sample of relationships; on more data one more scoring step from
there is as good as full convergence (Le Cam 1956; van der Vaart 1998, sec. 5.7). Sums over relationships are sums
over partitions: a fit is a map and a reduce per step.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reknit.trust import filter as kernel
from reknit.trust.engine import Floats, Rows, cores, run_filter
from reknit.trust.params import Params
from reknit.trust.spec import INDEX, SPECS, to_free, to_natural
from reknit.trust.start import free_names, start_params, subset

Progress = Callable[[float, str], None]

SAMPLE_ROWS = 24_000  # sessions on which the fit converges
STEPS = 40
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
        theta[INDEX["strain_size"]] = 0.5 * theta[INDEX["jump_mean"]]
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
        """Penalised log-likelihood, and the gradient of every session's log density (sessions, parameters)."""
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
    step: Floats = np.linalg.solve(info + damping * np.diag(scale), gradient)
    return step / max(1.0, float(np.abs(step).max()))


def _climb(problem: Problem, state: State, tell: Callable[[State, float], None], save: Callable[[State], None]) -> State:
    """Scoring steps until the expected gain is small."""
    while state.step < STEPS and not state.done:
        value, scores = problem.scores(state.x, lambda share: tell(state, share))
        gradient = scores.sum(axis=0) - problem.weight * (state.x - problem.centre)
        info = scores.T @ scores + np.diag(problem.weight)
        expected = 0.5 * float(gradient @ np.linalg.solve(info, gradient))
        state.value, state.step = value, state.step + 1
        if expected < 0.02:
            state.done = True
            break
        for _ in range(8):
            trial = state.x + _direction(info, gradient, state.damping)
            reached = problem.value(trial)
            if reached > value:
                small = reached - value < 0.02
                state = replace(state, x=trial, value=reached, damping=max(state.damping / 4, 1e-4), done=small)
                break
            state.damping *= 6
        else:
            state.done = True
        save(state)
    return state


def _covariance(problem: Problem, scores: Floats) -> Floats:
    """Sandwich covariance on the free scale, clustered by relationship where there are enough of them."""
    info = scores.T @ scores + np.diag(problem.weight)
    inverse: Floats = np.linalg.inv(info)
    n = problem.rows.relationships
    if n < 5 * len(problem.names):
        return inverse
    grouped = np.add.reduceat(scores, problem.rows.starts[:-1], axis=0)
    meat = grouped.T @ grouped + np.diag(problem.weight)
    robust: Floats = inverse @ meat @ inverse
    return np.where(np.diag(robust) > np.diag(inverse), 1.0, 1.0) * robust


def _finish(problem: Problem, x: Floats, tell: Callable[[float], None]) -> tuple[Floats, float, Floats]:
    """One scoring step on all rows from a converged start; returns the point, its value and its covariance."""
    value, scores = problem.scores(x, tell)
    gradient = scores.sum(axis=0) - problem.weight * (x - problem.centre)
    info = scores.T @ scores + np.diag(problem.weight)
    step = _direction(info, gradient, 0.0)
    for _ in range(5):
        reached = problem.value(x + step)
        if reached > value:
            return x + step, reached, _covariance(problem, scores)
        step = step / 3
    return x, value, _covariance(problem, scores)
