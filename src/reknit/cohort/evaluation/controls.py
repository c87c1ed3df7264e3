"""Control worlds: how far the fitted repair gain is off, whatever the number of sessions.

Empirical calibration of confidence intervals (Schuemie, Hripcsak, Ryan, Madigan & Suchard 2018, PNAS 115:
2571-2577): the estimator is applied to many controls whose truth is known, without an effect (negative) and
with one (positive), and its systematic error is taken as a draw from N(m, s^2), found by maximum likelihood
from the errors e_i and standard errors s_i of the controls, e_i ~ N(m, s^2 + s_i^2). Every interval is then
moved by m and widened by s (`reknit.trust.fit.SYSTEMATIC`). Half of the controls are foreign worlds drawn at
random, half are drawn from the model's prior; half have no gain. Their seeds are used for nothing else.

    python -m reknit.cohort.evaluation.controls [CONTROLS] [RELATIONSHIPS]
"""

import sys

import numpy as np
import polars as pl
from scipy.optimize import minimize

from reknit.cohort.evaluation.calibration import draw_params
from reknit.cohort.evaluation.measures import Floats
from reknit.cohort.evaluation.recovery import GAIN_COLUMNS
from reknit.cohort.evaluation.worlds import seen_by
from reknit.trust.fit import SYSTEMATIC, fit
from reknit.trust.simulate import ForeignWorld, simulate

SEED = 9_500_000
GAIN = 0.25  # of the positive controls
ITEMS = (
    (0.3, 0.1, 0.0, -0.1, -0.3),
    (0.2, 0.0, -0.2),
    (0.25, 0.1, -0.1, -0.25),
    (0.2, 0.1, 0.0, -0.1, -0.2, 0.0),
    (0.4, 0.3, 0.2, 0.1, 0.0, 0.0, -0.1, -0.2, -0.3, -0.4),
)
RANGES = {
    "level": (4.8, 6.2), "level_sd": (0.5, 1.0), "slope": (0.0, 0.35), "slope_sd": (0.05, 0.35),
    "style_sd": (0.01, 0.2), "mood_sd": (0.2, 0.5), "mood_weeks": (0.8, 3.0), "shock": (0.02, 0.3),
    "rupture_rate": (0.04, 0.1), "depth": (1.3, 2.2), "depth_shape": (3.0, 8.0), "healing": (0.85, 0.98),
    "repair_rate": (0.2, 0.42), "repairable": (0.15, 0.6), "repair_left": (0.03, 0.28), "warp": (0.9, 1.15),
    "item_noise": (0.4, 0.8), "concealing": (0.1, 0.55), "mask": (0.0, 0.55), "asked": (0.6, 0.95),
    "says": (0.55, 0.9), "says_lingering": (0.05, 0.45), "says_falsely": (0.02, 0.12),
    "miss_strain": (0.3, 1.0), "leave_strain": (0.3, 1.1), "repair_recorded": (0.35, 0.8),
    "repair_falsely": (0.005, 0.05),
}  # fmt: skip


def draw_world(seed: int, gain: float) -> ForeignWorld:
    """A foreign world with every setting drawn from its range."""
    rng = np.random.default_rng(seed)
    drawn = {name: float(rng.uniform(*ends)) for name, ends in RANGES.items()}
    one, two, three = rng.dirichlet((3, 1, 1)).tolist()
    return ForeignWorld(
        **drawn,
        steps=(one, two, three),
        items=ITEMS[rng.integers(len(ITEMS))],
        categories=int(rng.choice([5, 7, 11])),
        gain=gain,
    )


def table_of(number: int, relationships: int) -> tuple[pl.DataFrame, float]:
    """One control and its true gain: foreign and own, with and without gain, with some and all channels."""
    seed, gain = SEED + number, GAIN if number // 2 % 2 else 0.0
    if number % 2:
        params = draw_params(seed).with_values(repair_gain=gain)
        table = simulate(relationships, seed, "model", (6, 16), params=params)
    else:
        table = simulate(relationships, seed, "foreign", (6, 16), params=draw_world(seed, gain))
    return seen_by(table, True) if number // 4 % 2 else table.select(GAIN_COLUMNS), gain


def error(number: int, relationships: int) -> tuple[float, float]:
    """Error of the gain in one control and its standard error, both without what `SYSTEMATIC` allows for."""
    mean, sd = SYSTEMATIC["repair_gain"]
    table, gain = table_of(number, relationships)
    found = fit(table)
    return found.repair_gain + mean - gain, float(np.sqrt(found.se["repair_gain"] ** 2 - sd**2))


def systematic(errors: Floats, se: Floats) -> tuple[float, float]:
    """Mean and sd of the systematic error by maximum likelihood; errors and their se (controls,)."""

    def loss(x: Floats) -> float:
        var = np.exp(2 * x[1]) + se**2
        return float(np.sum(np.log(var) + (errors - x[0]) ** 2 / var))

    start = np.array([float(np.mean(errors)), np.log(0.05)])
    mean, log_sd = minimize(loss, start, method="L-BFGS-B", bounds=[(-1, 1), (-7, 0)]).x
    return float(mean), float(np.exp(log_sd))


def main(controls: int = 48, relationships: int = 1200) -> None:
    """Print every control, then the systematic error of foreign, of own and of all worlds."""
    found = np.empty((controls, 2))
    for number in range(controls):
        found[number] = error(number, relationships)
        kind = "own" if number % 2 else "foreign"
        print(f"{number}\t{kind}\t{found[number, 0]:.4f}\t{found[number, 1]:.4f}", flush=True)
    for name, part in (("foreign", found[::2]), ("own", found[1::2]), ("all", found)):
        print(name, *(f"{value:.3f}" for value in systematic(part[:, 0], part[:, 1])))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
