"""Seeds and worlds: what may be tuned on and what is reported on are kept apart here, and only here."""

from dataclasses import dataclass, replace

import polars as pl

from reknit.trust.simulate import ForeignWorld, simulate

# Development may look at everything under its seeds and worlds as often as it likes. The report's seeds and
# worlds are used for the published tables alone: no parameter, default or threshold was chosen by them.
SEEDS = {"development": 1_000, "report": 527_000}

RATINGS_ALONE = ("client", "therapist", "clinic", "session", "week", "alliance")

DEVELOPMENT_WORLDS = {
    "everyday": ForeignWorld(),
    "gradual": ForeignWorld(steps=(0.3, 0.4, 0.3), depth=1.9, slope_sd=0.3, gain=0.25),
    "hidden": ForeignWorld(concealing=0.55, mask=0.6, says_falsely=0.1, depth=1.7),
    "ceiling": ForeignWorld(level=6.2, warp=1.15, depth=1.6, gain=0.0),
    "eleven": ForeignWorld(categories=11, steps=(1.0, 0.0, 0.0), mood_sd=0.45, item_noise=0.7, gain=0.25),
    "plain": ForeignWorld(
        steps=(0.75, 0.15, 0.10), depth=1.6, depth_shape=3.0, level=5.3, rupture_rate=0.07, gain=0.20
    ),
    "slow": ForeignWorld(
        steps=(0.40, 0.35, 0.25), depth=1.8, rupture_rate=0.06, slope=0.10, slope_sd=0.28, mood_weeks=2.5
    ),
    "guarded": ForeignWorld(concealing=0.50, mask=0.45, says=0.75, says_falsely=0.08, level_sd=0.9, gain=0.0),
    "high": ForeignWorld(level=6.0, level_sd=0.6, warp=1.1, depth=1.7, rupture_rate=0.09, repair_rate=0.35),
    "wide": ForeignWorld(
        categories=11, items=(0.2, 0.0, -0.2), item_noise=0.65, mood_sd=0.4, depth=1.7, healing=0.9, gain=0.30
    ),
    "steady": ForeignWorld(level=5.0, rupture_rate=0.05, depth=1.7, depth_shape=5.0, mood_sd=0.35, gain=0.2),
    "creeping": ForeignWorld(
        steps=(0.15, 0.35, 0.50), depth=2.2, rupture_rate=0.05, healing=0.96, repair_rate=0.30, gain=0.10
    ),
    "silent": ForeignWorld(
        concealing=0.45, mask=0.35, says=0.65, says_falsely=0.10, asked=0.7, repair_recorded=0.4, gain=0.0
    ),
    "short form": ForeignWorld(
        categories=5, items=(0.25, 0.1, -0.1, -0.25), item_noise=0.5, level=5.3, depth=1.6, gain=0.15
    ),
    "loud": ForeignWorld(
        shock=0.25,
        item_noise=0.75,
        style_sd=0.18,
        mood_sd=0.4,
        mood_weeks=1.0,
        depth=2.0,
        rupture_rate=0.09,
        gain=0.25,
    ),
    "sharp": ForeignWorld(
        steps=(1.0, 0.0, 0.0),
        depth=1.3,
        depth_shape=2.0,
        level=5.8,
        level_sd=0.65,
        warp=1.05,
        categories=11,
        items=(0.2, 0.1, 0.0, -0.1, -0.2, 0.0),
        repair_rate=0.40,
        repair_left=0.25,
        gain=0.0,
    ),
}
REPORT_WORLDS = {
    "even": ForeignWorld(level=4.8, rupture_rate=0.06, depth=1.6, mood_sd=0.32, says=0.75, gain=0.25),
    "drifting": ForeignWorld(
        steps=(0.25, 0.40, 0.35), depth=2.0, healing=0.95, slope_sd=0.3, mood_weeks=2.0, gain=0.0
    ),
    "veiled": ForeignWorld(
        concealing=0.5, mask=0.4, says=0.7, says_falsely=0.08, asked=0.75, repair_recorded=0.45, gain=0.15
    ),
    "coarse": ForeignWorld(
        categories=5, items=(0.3, 0.0, -0.3), item_noise=0.55, level=5.2, depth=1.7, gain=0.0
    ),
    "restless": ForeignWorld(
        shock=0.22,
        item_noise=0.7,
        style_sd=0.2,
        mood_sd=0.42,
        mood_weeks=0.9,
        depth=1.9,
        rupture_rate=0.1,
        gain=0.2,
    ),
    "brief": ForeignWorld(
        steps=(0.9, 0.1, 0.0),
        depth=1.4,
        depth_shape=2.5,
        level=6.0,
        level_sd=0.6,
        warp=1.1,
        categories=11,
        repair_rate=0.4,
        repair_left=0.2,
        gain=0.1,
    ),
}


@dataclass(frozen=True)
class Plan:
    """How much is simulated: `quick` keeps every run within seconds."""

    seed_set: str
    relationships: int
    particles: int
    repeats: int  # of fits, for recovery and null worlds
    small: int  # relationships behind each of those fits
    large: int  # and behind those with a gain to be found
    calibration: int  # draws of parameters from the prior

    @property
    def seed(self) -> int:
        return SEEDS[self.seed_set]

    @property
    def worlds(self) -> dict[str, ForeignWorld]:
        return REPORT_WORLDS if self.seed_set == "report" else DEVELOPMENT_WORLDS


def plan(quick: bool, seed_set: str) -> Plan:
    """The sizes behind `reknit evaluate` (and `--quick`); raises ValueError for an unknown set of seeds."""
    if seed_set not in SEEDS:
        raise ValueError(f"the seeds are {' or '.join(SEEDS)}, not {seed_set!r}")
    full = Plan(seed_set, 2400, particles=3000, repeats=120, small=300, large=2000, calibration=100)
    if quick:
        return replace(full, relationships=300, particles=400, repeats=4, small=100, large=300, calibration=4)
    return full


def halves(world: ForeignWorld, relationships: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two independent tables from one world: to fit on, to score on."""
    return (
        simulate(relationships, seed, "foreign", (6, 16), params=world),
        simulate(relationships, seed + 1, "foreign", (6, 16), params=world),
    )


def seen_by(table: pl.DataFrame, all_channels: bool) -> pl.DataFrame:
    """The table without truth; with the ratings alone where told."""
    if not all_channels:
        return table.select(RATINGS_ALONE)
    return table.select(name for name in table.columns if not name.startswith("true_"))
