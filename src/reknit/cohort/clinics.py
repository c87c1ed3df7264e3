"""Simulated clinics in which it is known what trust buys: what the lagged models are tried on.

The world is not the model. Trust comes from the foreign generator (ordinal items, ruptures that build up,
growth that differs between people). On top of it, and all at once:

- *stable traits*: who trusts more also misses less, for reasons of their own;
- *trends*: pairs whose trust grows also come more reliably, whatever trust does;
- *seasons*: in winter trust dips and more is missed;
- *feedback*: a missed session lowers trust in the session after, and missing comes in runs;
- *missing not at random*: the lower trust stands, the less often a rating is given.

Effects act on logits and logarithms. The truth is what one more point of trust, in a session that was rated,
changes in what follows, on the scale on which effects are reported: the average in which each session weighs
as the square of how far trust strayed in it from the pair's own line (where trust never moves nothing is
seen).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from reknit.trust.simulate import simulate

Floats = npt.NDArray[np.float64]

EFFECTS = {
    "missed": -0.3, "cancelled_late": -0.3, "moved": -0.25, "declined": -0.35,
    "days_to_agree": -0.1, "hours_to_answer": -0.12, "words": 0.08, "improved": 0.35,
}  # fmt: skip
"""What one point of trust adds to the logit or to the logarithm in the session after."""

LEVELS = {
    "missed": -2.1, "cancelled_late": -2.4, "moved": -1.9, "declined": -0.8,
    "days_to_agree": 0.6, "hours_to_answer": 1.6, "words": 2.6, "improved": -2.9,
}  # fmt: skip
SHARES = ("missed", "cancelled_late", "moved")
AMOUNTS = {"days_to_agree": 0.8, "hours_to_answer": 1.0, "words": 0.7}
TYPICAL = 7.0  # trust at which the levels hold
SEASON_DIP = 0.5  # points of trust in the depth of winter
SEASON_LOGIT = 0.4
KNOCK = 0.4  # points of trust lost by a missed session, in the session after
RUN = 0.5  # on the logit, where the session before was missed


@dataclass(frozen=True)
class Clinic:
    """A clinic's sessions as a friction table, with `true_trust`, and the true effect on each outcome."""

    table: pl.DataFrame
    truth: dict[str, float] = field(default_factory=dict)


@dataclass
class _World:
    """Sessions as arrays (sessions, relationships); what is not there is nan.

    `acting` holds the effects, `columns` the outcomes so far, `slopes` what a point of trust would change at
    each place with its weight; `line` is each pair's lasting course; `missed` and `healed` (relationships,)
    tell of the session before.
    """

    week: Floats
    trust: Floats
    line: Floats
    rating: Floats
    trait: Floats
    drift: Floats
    season: Floats
    rng: np.random.Generator
    acting: dict[str, float]
    columns: dict[str, Floats]
    slopes: dict[str, list[tuple[float, float]]]
    missed: Floats
    healed: npt.NDArray[np.bool_]


def clinic(
    relationships: int = 300,
    seed: int = 0,
    effects: dict[str, float] | None = None,
    sessions: tuple[int, int] = (10, 30),
) -> Clinic:
    """Simulate one clinic.

    Args:
        relationships: how many pairs.
        seed: of the generator.
        effects: by outcome, on the logit or the logarithm; `EFFECTS` when None, {} for none at all.
        sessions: smallest and largest number planned.
    """
    world = _world(relationships, seed, sessions, EFFECTS if effects is None else effects)
    for k in range(len(world.trust)):
        if k:
            _follow(world, k)
        world.missed = np.nan_to_num(world.columns["missed"][k])
        world.healed |= world.columns["improved"][k] == 1
        _hide(world, k)
        if k + 1 < len(world.trust):
            world.trust[k + 1] -= KNOCK * world.missed
            world.rating[k + 1] = np.clip(world.rating[k + 1] - KNOCK * world.missed, 0, 10)
    truth = {
        name: sum(part for part, _w in parts) / sum(weight for _p, weight in parts)
        for name, parts in world.slopes.items()
    }
    return Clinic(_table(world), truth)


def _world(relationships: int, seed: int, sessions: tuple[int, int], acting: dict[str, float]) -> _World:
    """Trust and ratings without gaps, then seasons, traits and drifts that go with them."""
    lived = simulate(
        relationships, seed, "foreign", sessions, scale=(0.0, 10.0),
        miss=-30.0, miss_strain=0.0, leave=-30.0, leave_strain=0.0, leave_missed=0.0, answered=1.0,
    )  # fmt: skip
    rng = np.random.default_rng([seed, 7])
    shape = (int(lived.get_column("session").max()), relationships)  # type: ignore[arg-type]
    row = lived.get_column("session").to_numpy().astype(int) - 1
    column = lived.get_column("client").rank("dense").to_numpy().astype(int) - 1
    grid = {}
    for name in ("week", "true_trust", "alliance", "true_bond", "true_gained"):
        grid[name] = np.full(shape, np.nan)
        grid[name][row, column] = lived.get_column(name).to_numpy()
    week = grid["week"] + rng.uniform(0, 104, relationships)
    season = np.cos(2 * np.pi * week / 52.18)
    level, growth = _lasting(grid["true_bond"] - grid["true_gained"])
    return _World(
        week,
        grid["true_trust"] - SEASON_DIP * season,
        grid["true_bond"] - grid["true_gained"],
        np.clip(grid["alliance"] - SEASON_DIP * season, 0, 10),
        trait=-0.4 * (level - level.mean()) + rng.normal(0, 0.4, relationships),
        drift=-0.4 * (growth - growth.mean()) + rng.normal(0, 0.1, relationships),
        season=season,
        rng=rng,
        acting=acting,
        columns={name: np.full(shape, np.nan) for name in LEVELS},
        slopes={name: [] for name in LEVELS},
        missed=np.zeros(relationships),
        healed=np.zeros(relationships, bool),
    )


def _lasting(bond: Floats) -> tuple[Floats, Floats]:
    """What lasts in each pair whatever happens: its level and its slope on log(1 + session)."""
    trend = np.where(np.isfinite(bond), np.log1p(np.arange(len(bond)))[:, None], np.nan)
    x, level = trend - np.nanmean(trend, axis=0), np.nanmean(bond, axis=0)
    return level, np.asarray(np.nansum(x * (bond - level), axis=0) / np.nansum(x * x, axis=0))


def _follow(world: _World, k: int) -> None:
    """Everything that follows session k - 1, up to and with session k."""
    rng, n, columns, slopes = world.rng, world.trust.shape[1], world.columns, world.slopes
    other = world.trait + world.drift * np.log1p(k) + SEASON_LOGIT * world.season[k]
    here, before = np.isfinite(world.trust[k]), world.trust[k - 1] - TYPICAL
    rated = np.isfinite(world.rating[k - 1])
    strayed = (world.trust[k - 1] - world.line[k - 1]) ** 2

    def chance(name: str, sign: float = 1.0) -> Floats:
        p = expit(LEVELS[name] + sign * other + RUN * world.missed + world.acting.get(name, 0.0) * before)
        risk = here & ~world.healed if name == "improved" else here
        weight = np.where(risk & rated, strayed, 0.0)
        change = world.acting.get(name, 0.0) * p * (1 - p)
        slopes[name].append((float(np.nansum(weight * change)), float(np.nansum(weight))))
        return np.asarray(p)

    for name in SHARES:
        columns[name][k] = np.where(here, rng.random(n) < chance(name), np.nan)
    proposed = here & (rng.random(n) < 0.7)
    columns["declined"][k] = np.where(proposed, rng.random(n) < chance("declined"), np.nan)
    better = rng.random(n) < chance("improved", sign=-0.5)
    columns["improved"][k] = np.where(here & ~world.healed, better, np.nan)
    asked = {"days_to_agree": proposed, "hours_to_answer": here & (columns["missed"][k] == 0),
             "words": here & (columns["missed"][k] == 0) & (rng.random(n) < 0.5)}  # fmt: skip
    for name, spread in AMOUNTS.items():
        sign = -1.0 if name == "words" else 1.0
        mean = LEVELS[name] + sign * 0.5 * other + world.acting.get(name, 0.0) * before
        amount = np.exp(mean + spread * rng.standard_t(6, n))
        columns[name][k] = np.where(asked[name], amount, np.nan)
        slopes[name].append((world.acting.get(name, 0.0), 1.0))


def _hide(world: _World, k: int) -> None:
    """No rating where nobody came, and fewer the lower trust stands."""
    silent = expit(-2.2 - 0.5 * (world.trust[k] - TYPICAL))
    gone = (world.missed == 1) | (world.rng.random(len(silent)) < np.nan_to_num(silent, nan=1.0))
    world.rating[k, gone] = np.nan


def _table(world: _World) -> pl.DataFrame:
    here = np.isfinite(world.trust)
    who = np.broadcast_to(np.arange(world.trust.shape[1]), here.shape)
    world.columns["improved"][0] = 0.0
    flat = {name: values[here] for name, values in world.columns.items()}
    table = pl.DataFrame(
        {"client": who[here], "week": world.week[here], "rating": world.rating[here],
         "true_trust": world.trust[here], **flat}
    )  # fmt: skip
    return table.with_columns(pl.col(pl.Float64).fill_nan(None)).sort("client", "week")
