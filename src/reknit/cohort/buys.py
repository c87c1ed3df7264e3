"""What trust buys: friction after a session, beside how trust stood in that session.

The question is about one and the same pair: after a session in which trust stood a point higher than was to
be expected of *that pair*, is the next session missed less often? Between-person differences (people who
trust more may live nearer) are kept out of it, and reported apart, as `between`.

For relationship i after session k, with y the outcome that follows the session and T trust in it::

    y_i,k+1 = a_i + c_i log(1 + k) + effect * T_ik + calendar month + session number + e

1. *A person's level* (a_i) is removed by forward orthogonal deviations (Arellano & Bover 1995, J.
   Econometrics 68:29-51): less the mean of the pair's own *later* outcomes. Demeaning by the whole series
   would let the past in, and biases short series (Nickell 1981, Econometrica 49:1417-1426); this does not.
2. *The instrument* for trust is the rating less what the pair's earlier ratings extrapolate to, level and
   trend (backward recursive residuals: Brown, Durbin & Evans 1975, JRSS B 37:149-192; backward means as
   instruments: Everaert 2013, Economics Letters 120:5-9). It is known before the outcome and free of the
   person's level and trend (c_i), so that neither feedback (a missed session that lowers trust) nor a trend
   that pairs share with the outcome counts as an effect.
   What recent outcomes account for is taken out of it too.
3. *Trust is an estimate with error.* The regressor is the filter's mean before the outcome. Its error is
   unrelated to anything known by then, the instrument included (Berkson 1950, JASA 45:164-180), so it widens
   the interval and does not shrink the effect. That holds as far as the filter is calibrated: in development
   runs one point of its mean stood for 1.1 points of trust, and `SCALE_DOUBT` carries that into the interval.
4. *Doubt* is clustered by relationship (Liang & Zeger 1986), on t with clusters - 1 degrees of freedom.
5. *Many outcomes*: the intervals are joint (Bonferroni), so that one rule holds for the page as a whole: an
   effect is claimed when its interval leaves zero out, and no claim is made else.

Improvement happens once. It is a discrete-time hazard on the probability scale: sessions at risk, a dummy for
each session number, the beginning severity where known, and trust with the same instrument.

What no such model can remove is a cause that moves trust and the outcome in the same week in the same person.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import stats

from reknit.cohort.friction import OUTCOMES, Outcome
from reknit.cohort.panel import Panel, at_risk, lagged

Floats = npt.NDArray[np.float64]

JOINT_ERROR = 0.025
"""Chance of any false claim that the intervals are built for; half of the 5 % that is promised, since models
are never quite right."""
SCALE_DOUBT = 0.15
"""Relative standard error of what a point of the filter's mean stands for in points of trust."""
LEAST_RELATIONSHIPS = 30
LEAST_EVENTS = 20
LEAST_STRENGTH = 12.0


@dataclass(frozen=True)
class Effect:
    """What one more point of trust (0 to 10) goes with, in the session after, for one and the same pair.

    `estimate`, `lo` and `hi` are changes in probability (`share`, `once`) or in the natural logarithm
    (`log`); None where there is too little to say. `usual` is the outcome's mean; `strength` the F of the
    instrument. `between` is the same across people, which may have any cause, with its standard error.
    """

    outcome: Outcome
    relationships: int
    sessions: int
    estimate: float | None = None
    se: float | None = None
    lo: float | None = None
    hi: float | None = None
    usual: float | None = None
    strength: float = 0.0
    between: float | None = None
    between_se: float | None = None

    @property
    def is_enough(self) -> bool:
        """Whether there is enough to say anything."""
        return self.estimate is not None

    @property
    def is_claimed(self) -> bool:
        """Whether zero lies outside the joint interval."""
        return self.lo is not None and self.hi is not None and (self.lo > 0 or self.hi < 0)


def buys(table: pl.DataFrame, joint_error: float = JOINT_ERROR) -> list[Effect]:
    """Lagged within-person effects of trust on every outcome that the table has.

    Args:
        table: a friction table with `trust` (see `reknit.cohort.friction.with_trust`).
        joint_error: chance that any interval misses, over all outcomes together.

    Returns:
        one effect for each outcome column, in the order of `OUTCOMES`.
    """
    found = [_effect(table, outcome) for outcome in OUTCOMES if outcome.name in table.columns]
    asked = sum(effect.is_enough for effect in found)
    return [_with_interval(effect, joint_error / max(asked, 1)) for effect in found]


def _effect(table: pl.DataFrame, outcome: Outcome) -> Effect:
    panel = at_risk(table, outcome) if outcome.kind == "once" else lagged(table, outcome)
    groups = len(np.unique(panel.group))
    blank = Effect(outcome, groups, len(panel.y), usual=_usual(panel, outcome))
    if groups < LEAST_RELATIONSHIPS or _events(panel, outcome) < LEAST_EVENTS:
        return blank
    strength = first_stage(panel)
    if strength < LEAST_STRENGTH:
        return replace(blank, strength=strength)
    estimate, se = instrumented(panel)
    between, between_se = _between(panel)
    return replace(blank, estimate=estimate, se=se, strength=strength, between=between, between_se=between_se)


def _with_interval(effect: Effect, error: float) -> Effect:
    if effect.estimate is None or effect.se is None:
        return effect
    doubt = math.hypot(effect.se, SCALE_DOUBT * effect.estimate)
    reach = float(stats.t.ppf(1 - error / 2, effect.relationships - 1)) * doubt
    return replace(effect, lo=effect.estimate - reach, hi=effect.estimate + reach)


def _usual(panel: Panel, outcome: Outcome) -> float | None:
    if not len(panel.y):
        return None
    mean = float(panel.level_y.mean())
    return float(np.exp(mean)) if outcome.kind == "log" else mean


def _events(panel: Panel, outcome: Outcome) -> int:
    """How often the rarer of the two happened; for amounts, how many there are."""
    if outcome.kind == "log":
        return len(panel.y)
    return int(min(np.sum(panel.level_y > 0), np.sum(panel.level_y < 1)))


def _residual(panel: Panel) -> tuple[Floats, Floats, Floats]:
    """Outcome, regressors and instruments, each freed of the controls (Frisch & Waugh)."""
    basis, values, _right = np.linalg.svd(panel.controls, full_matrices=False)
    basis = basis[:, values > 1e-8 * values.max()] if len(values) else basis

    def free(array: Floats) -> Floats:
        return np.asarray(array - basis @ (basis.T @ array))

    return free(panel.y), free(panel.x), free(panel.z)


def _by_group(panel: Panel, scores: Floats) -> Floats:
    """Sums of rows over relationships, (groups, columns)."""
    _names, place = np.unique(panel.group, return_inverse=True)
    out = np.zeros((place.max() + 1, scores.shape[1]))
    np.add.at(out, place, scores)
    return out


def instrumented(panel: Panel) -> tuple[float, float]:
    """Just-identified instrumental variables: the coefficient of trust and its clustered standard error."""
    y, x, z = _residual(panel)
    bread = np.linalg.pinv(z.T @ x)
    coefficients = bread @ (z.T @ y)
    scores = _by_group(panel, z * (y - x @ coefficients)[:, None])
    correction = len(scores) / (len(scores) - 1)
    variance = bread @ (scores.T @ scores) @ bread.T * correction
    return float(coefficients[0]), float(np.sqrt(max(variance[0, 0], 0.0)))


def first_stage(panel: Panel) -> float:
    """F of the first instrument in a regression of trust on the instruments, clustered by relationship."""
    _y, x, z = _residual(panel)
    bread = np.linalg.pinv(z.T @ z)
    coefficients = bread @ (z.T @ x[:, 0])
    scores = _by_group(panel, z * (x[:, 0] - z @ coefficients)[:, None])
    variance = bread @ (scores.T @ scores) @ bread.T
    return float(coefficients[0] ** 2 / variance[0, 0]) if variance[0, 0] > 0 else 0.0


def _between(panel: Panel) -> tuple[float | None, float | None]:
    """Slope of people's mean outcome on their mean trust, heteroscedasticity-robust."""
    sums = _by_group(panel, np.column_stack([np.ones(len(panel.level_y)), panel.level_y, panel.level_x]))
    y, x = sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]
    away = x - x.mean()
    spread = float(away @ away)
    if spread <= 1e-9:
        return None, None
    slope = float(away @ y) / spread
    left = y - y.mean() - slope * away
    return slope, float(np.sqrt(np.sum((away * left) ** 2)) / spread)
