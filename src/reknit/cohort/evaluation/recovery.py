"""Are the simulated parameters found again, the repair gain above all, and is nothing found in nothing?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from reknit.cohort.evaluation.calibration import draw_params
from reknit.cohort.evaluation.trial import Trial
from reknit.cohort.evaluation.worlds import Plan, seen_by
from reknit.trust.fit import fit
from reknit.trust.simulate import ForeignWorld, simulate

SHOWN = (
    "bond_mean", "bond_sd", "growth_mean", "state_sd", "state_weeks", "strain_keep", "jump_mean", "jump_sd",
    "repair_keep", "repair_gain", "rupture_rate", "repair_rate", "rating_sd", "said_calm", "said_rupture",
    "missed_calm", "record_repair", "confirm_repair", "therapist_slope", "therapist_sd", "leave_strain",
)  # fmt: skip

# quicker than every channel
GAIN_COLUMNS = ("client", "week", "alliance", "difficulty", "attended", "repair")


FITS = 600  # relationships behind a fit of every parameter


def of_the_model(plan: Plan, fits: Sequence[int]) -> pl.DataFrame:
    """Fits on worlds drawn from the prior, numbered: truth, what was found, and its 95 % interval."""
    rows = []
    for i in fits:
        truth = draw_params(plan.seed + 3000 + i)
        table = simulate(FITS, plan.seed + 3200 + i, "model", (6, 16), params=truth)
        found = fit(seen_by(table, True))
        fitted = [name for name in SHOWN if name in found.se]
        rows += [(name, truth[name], found[name], *found.interval(name)) for name in fitted]
    return pl.DataFrame(rows, schema=["parameter", "truth", "found", "low", "high"], orient="row")


def recovered(found: pl.DataFrame) -> pl.DataFrame:
    """Error and coverage of each parameter over the fits."""
    error, truth = pl.col("found") - pl.col("truth"), pl.col("truth")
    return found.group_by("parameter", maintain_order=True).agg(
        truth.mean().alias("mean truth"),
        error.mean().alias("mean error"),
        (error**2).mean().sqrt().alias("RMSE"),
        truth.is_between("low", "high").mean().alias("95 % held"),
        pl.len().alias("fits"),
    )


def gain_in_trial(trial: Trial) -> pl.DataFrame:
    """The repair gain fitted on the training half of the world, beside the truth."""
    low, high = trial.params.interval("repair_gain")
    true = trial.world.gain
    rows = [(trial.name, trial.channels, true, trial.params.repair_gain, low, high, low <= true <= high)]
    schema = ["world", "channels", "true gain", "fitted", "low", "high", "held"]
    return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True)
class Case:
    """Many runs of one world with one gain: name, the foreign world or None for the model."""

    name: str
    world: ForeignWorld | None
    gain: float
    relationships: int
    runs: int


def cases(plan: Plan) -> list[Case]:
    """Null worlds of every kind, and worlds with a gain of a quarter of the depth."""
    most, few, large = plan.repeats, max(2, plan.repeats // 4), plan.large
    share = max(1, round(most * 2 / len(plan.worlds)))
    names = list(plan.worlds)
    found = [Case(f"{name}, no gain", plan.worlds[name], 0.0, plan.small, share) for name in names]
    found.append(Case("the model, no gain", None, 0.0, plan.small, 2 * most))
    found.append(Case("the model, gain .25", None, 0.25, plan.small, few))
    found.append(Case("the model, gain .25", None, 0.25, large, few))
    found += [Case(f"{name}, gain .25", plan.worlds[name], 0.25, large, max(1, few // 3)) for name in names]
    return found


def gains(case: Case, seed: int, runs: Sequence[int]) -> pl.DataFrame:
    """The fitted gain and its interval, one row a run."""
    rows = []
    for run in runs:
        found = fit(table_of(case, seed + run).select(GAIN_COLUMNS))
        rows.append(
            (case.name, case.relationships, case.gain, found.repair_gain, *found.interval("repair_gain"))
        )
    schema = ["world", "relationships", "true gain", "fitted", "low", "high"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def gains_repeated(found: pl.DataFrame) -> pl.DataFrame:
    """How often the interval of the gain covers zero, and the truth, by world."""
    zero, truth = pl.lit(0.0), pl.col("true gain")
    return found.group_by("world", "relationships", "true gain", maintain_order=True).agg(
        pl.col("fitted").mean().alias("mean fitted"),
        pl.col("fitted").std(ddof=0).alias("sd"),
        (pl.col("high") - pl.col("low")).mean().alias("width of 95 %"),
        zero.is_between(pl.col("low"), pl.col("high")).sum().alias("covers zero"),
        truth.is_between(pl.col("low"), pl.col("high")).sum().alias("covers the truth"),
        pl.len().alias("runs"),
    )


def table_of(case: Case, seed: int) -> pl.DataFrame:
    """One run of a foreign world, or of the model where there is none."""
    if case.world is None:
        return simulate(case.relationships, seed, "model", (6, 16), repair_gain=case.gain)
    world = replace(case.world, gain=case.gain)
    return simulate(case.relationships, seed, "foreign", (6, 16), params=world)
