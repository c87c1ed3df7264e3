"""Are the simulated parameters found again, the repair gain above all, and is nothing found in nothing?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from reknit.cohort.evaluation.calibration import draw_params
from reknit.cohort.evaluation.trial import Trial
from reknit.cohort.evaluation.worlds import Plan, seen_by
from reknit.trust.fit import fit
from reknit.trust.params import Params
from reknit.trust.simulate import ForeignWorld, simulate

SHOWN = (
    "bond_mean", "bond_sd", "growth_mean", "state_sd", "state_weeks", "strain_keep", "jump_mean", "jump_sd",
    "repair_keep", "repair_gain", "rupture_rate", "repair_rate", "rating_sd", "said_calm", "said_rupture",
    "missed_calm", "record_repair", "confirm_repair", "therapist_slope", "therapist_sd", "leave_strain",
)  # fmt: skip

# quicker than every channel
GAIN_COLUMNS = ("client", "week", "alliance", "difficulty", "attended", "repair")


def of_the_model(plan: Plan) -> pl.DataFrame:
    """Fits on worlds drawn from the prior: error and the share of 95 % intervals that hold the truth."""
    truths = [draw_params(plan.seed + 3000 + i) for i in range(max(3, plan.repeats // 8))]
    fits = [
        fit(seen_by(simulate(2 * plan.small, plan.seed + 3200 + i, "model", (6, 16), params=truth), True))
        for i, truth in enumerate(truths)
    ]
    rows = [recovered(name, truths, fits) for name in SHOWN]
    schema = ["parameter", "mean truth", "mean error", "RMSE", "95 % held", "fits"]
    return pl.DataFrame([row for row in rows if row], schema=schema, orient="row")


def recovered(name: str, truths: Sequence[Params], fits: Sequence[Params]) -> tuple[str | float, ...] | None:
    """One row of the table; None where the fit gives the parameter no standard error."""
    pairs = [(truth[name], found) for truth, found in zip(truths, fits, strict=True) if name in found.se]
    if not pairs:
        return None
    truth = np.array([pair[0] for pair in pairs])
    found = np.array([pair[1][name] for pair in pairs])
    held = [low <= true <= high for true, found in pairs for low, high in [found.interval(name)]]
    error = found - truth
    rmse = float(np.sqrt(np.mean(error**2)))
    return name, float(truth.mean()), float(error.mean()), rmse, float(np.mean(held)), len(pairs)


def gain_in_trials(trials: Sequence[Trial]) -> pl.DataFrame:
    """The repair gain fitted on the training half of every world, beside the truth."""
    rows = []
    for trial in trials:
        low, high = trial.params.interval("repair_gain")
        true = trial.world.gain
        rows.append(
            (trial.name, trial.channels, true, trial.params.repair_gain, low, high, low <= true <= high)
        )
    schema = ["world", "channels", "true gain", "fitted", "low", "high", "held"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def gain_repeated(plan: Plan) -> pl.DataFrame:
    """Many runs of one world: how often the 95 % interval of the gain covers zero, and the truth."""
    name, world = next(iter(plan.worlds.items()))
    few = max(2, plan.repeats // 8)
    cases = (
        (f"{name}, no gain", replace(world, gain=0.0), 0.0, plan.repeats),
        (f"{name}, no gain, no slopes", replace(world, gain=0.0, slope_sd=0.0), 0.0, few),
        (f"{name}, gain .25", replace(world, gain=0.25), 0.25, few),
        ("the model, no gain", None, 0.0, max(2, plan.repeats // 2)),
        ("the model, gain .25", None, 0.25, few),
    )
    rows = [(case, true, *gains(world, true, runs, plan), runs) for case, world, true, runs in cases]
    schema = ["world", "true gain", "mean fitted", "sd", "width of 95 %", "covers zero", "covers the truth"]
    return pl.DataFrame(rows, schema=[*schema, "runs"], orient="row").with_columns(
        pl.lit(plan.small).alias("relationships")
    )


def gains(world: ForeignWorld | None, true: float, runs: int, plan: Plan) -> tuple[float, ...]:
    """Mean and sd of the fitted gain, width of its interval, and how often that covers zero and the truth."""
    fits = [fit(table_of(world, true, plan, run).select(GAIN_COLUMNS)) for run in range(runs)]
    spans = np.array([found.interval("repair_gain") for found in fits])
    found = np.array([found.repair_gain for found in fits])
    zero = np.mean((spans[:, 0] <= 0) & (spans[:, 1] >= 0))
    held = np.mean((spans[:, 0] <= true) & (spans[:, 1] >= true))
    width = np.mean(spans[:, 1] - spans[:, 0])
    return float(found.mean()), float(found.std()), float(width), float(zero), float(held)


def table_of(world: ForeignWorld | None, gain: float, plan: Plan, run: int) -> pl.DataFrame:
    """One run of a foreign world, or of the model where there is none."""
    seed = plan.seed + 5000 + run
    if world is None:
        return simulate(plan.small, seed, "model", (6, 16), repair_gain=gain)
    return simulate(plan.small, seed, "foreign", (6, 16), params=world)
