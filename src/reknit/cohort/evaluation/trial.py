"""One world, seen through the ratings alone or all channels: fit on one half, judge on the other, beside
the oracle.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from reknit.cohort.evaluation.measures import Flags, Floats
from reknit.cohort.evaluation.oracle import limit
from reknit.cohort.evaluation.worlds import Plan, halves, seen_by
from reknit.trust.fit import fit
from reknit.trust.params import Params
from reknit.trust.simulate import ForeignWorld
from reknit.trust.table import estimate


def strain_that_matters(world: ForeignWorld) -> float:
    """Half of the world's mean rupture, in points."""
    return 0.5 * world.depth


@dataclass(frozen=True)
class Trial:
    """`train` and `test` with truth; `oracle`, `fitted` and `shipped` hold one row per row of `test`."""

    name: str
    world: ForeignWorld
    all_channels: bool
    train: pl.DataFrame
    test: pl.DataFrame
    params: Params
    oracle: pl.DataFrame
    fitted: pl.DataFrame
    shipped: pl.DataFrame

    @property
    def channels(self) -> str:
        return "all" if self.all_channels else "ratings"

    @property
    def judged(self) -> Flags:
        """Sessions that are judged: rated, and not the first (before which nothing can have been hurt)."""
        return (self.test["alliance"].is_not_null() & (self.test["session"] > 1)).to_numpy()

    def truth(self, column: str) -> Flags:
        """A 0/1 truth column at the judged sessions."""
        return (self.test[column] == 1).to_numpy()[self.judged]

    @property
    def strained(self) -> Flags:
        """Whether unrepaired strain of a size that matters is present at the judged sessions."""
        return (self.test["true_strain"] > strain_that_matters(self.world)).to_numpy()[self.judged]

    def at_judged(self, values: pl.Series | Floats) -> Floats:
        """Values of the judged sessions."""
        array = values.cast(pl.Float64).to_numpy() if isinstance(values, pl.Series) else values
        return np.asarray(array, dtype=np.float64)[self.judged]


@cache
def trial(name: str, plan: Plan, all_channels: bool) -> Trial:
    """Run one trial; remembered, since several tables are read from it."""
    world = plan.worlds[name]
    train, test = halves(world, plan.relationships, plan.seed + 10 * sorted(plan.worlds).index(name))
    params = fit(seen_by(train, all_channels))
    seen = seen_by(test, all_channels)
    matters = strain_that_matters(world)
    oracle = limit(
        test, world, all_channels, particles=plan.particles, strain_that_matters=matters, seed=plan.seed
    )
    return Trial(
        name, world, all_channels, train, test, params, oracle, estimate(seen, params), estimate(seen)
    )


def trials(plan: Plan) -> list[Trial]:
    """Every world of the plan, with the ratings alone and with all channels."""
    return [trial(name, plan, channels) for name in plan.worlds for channels in (False, True)]
