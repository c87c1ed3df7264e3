"""The limit of what the data can tell: a particle filter that knows the foreign generator and its parameters.

A bootstrap filter (Gordon, Salmond & Smith 1993) for one relationship at a time: particles carry the
lasting traits and the present state of `ForeignWorld`; ruptures are proposed more often than they happen
and weighted back; lasting traits are kept apart by the kernel shrinkage of Liu & West (2001). The rating is
the mean of ordinal items, so its likelihood is the exact distribution of their sum, tabulated once over the
latent position.
"""

import math
from collections import namedtuple
from dataclasses import fields

import numba as nb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from reknit.trust.simulate.foreign import BOTTOM, CENTRE, TOP, ForeignWorld, cut_points

Floats = NDArray[np.float64]

GRID_LOW, GRID_STEP, GRID_SIZE = -9.0, 0.05, 521
PROPOSED_RUPTURES = 0.3
SHRINK = 0.995
PUT = ["p_rupture", "p_rupture_next", "p_strain", "p_repair", "trust", "next_mean", "next_sd", "next_log"]
LEVEL, SLOPE, STYLE, CONCEAL, THEIRS, GAINED, MOOD, STRAIN, PENDING, STEP, BEFORE, NOW, REPAIR, CAME = range(
    14
)
WORLD_NAMES = [field.name for field in fields(ForeignWorld) if field.name not in {"items", "steps"}]
EXTRA_NAMES = ["one", "two", "strain_that_matters", "all_channels"]
World = namedtuple("World", WORLD_NAMES + EXTRA_NAMES)  # type: ignore[misc]
SEEN = ["gap", "sum", "attended", "difficulty", "therapist_rating", "therapist_guess", "repair"]
GAP, SUM, ATTENDED, DIFFICULTY, THERAPIST, GUESS, RECORDED = range(7)


def limit(
    table: pl.DataFrame,
    world: ForeignWorld,
    all_channels: bool,
    *,
    particles: int = 3000,
    strain_that_matters: float = 0.5,
    seed: int = 0,
) -> pl.DataFrame:
    """What could be known at each session of `table` (from `simulate(generator="foreign")`, scale 1 to 7).

    Arguments: `world` the generator's own settings; `all_channels` False to see the ratings alone;
    `strain_that_matters` in points.

    Returns one row per row of `table`: p_rupture (this session, from data up to it), p_rupture_next (the
    same, seen from the next session), p_strain, p_repair, trust (posterior mean), next_mean and next_sd (of
    this row's rating before it is seen) and next_log (log probability of it).
    """
    seen = _numbers(table, world)
    first = np.flatnonzero(np.diff(table["client"].to_numpy(), prepend=-1))
    bounds = np.append(first, table.height)
    values = [getattr(world, name) for name in WORLD_NAMES]
    extra = (*world.steps[:2], strain_that_matters, all_channels)
    known = World(*map(float, values), *extra)  # type: ignore[call-arg]
    put = _all_relationships(seen, bounds, known, sum_of_items(world), particles, seed)
    return pl.DataFrame(put, schema=PUT)


def _numbers(table: pl.DataFrame, world: ForeignWorld) -> Floats:
    """What was seen as numbers (rows, 7): weeks since the row before, sum of the items above their lowest,
    ...
    """
    gap = pl.col("week").diff().over("client").fill_null(0.0)
    per_point = len(world.items) * (world.categories - 1) / (TOP - BOTTOM)
    total = ((pl.col("alliance") - BOTTOM) * per_point).round()
    columns = table.select(gap.alias("gap"), total.alias("sum"), *SEEN[2:])
    numbers = columns.with_columns(pl.all().cast(pl.Float64).fill_null(float("nan"))).to_numpy()
    return np.ascontiguousarray(numbers)


def sum_of_items(world: ForeignWorld) -> Floats:
    """Distribution of the sum of the items over the grid of latent positions, (GRID_SIZE, sums)."""
    grid = GRID_LOW + GRID_STEP * np.arange(GRID_SIZE)
    total = np.ones((GRID_SIZE, 1))
    for ease in world.items:
        below = cut_points(world) - (grid + ease)[:, None]
        cumulative = np.hstack(
            [np.zeros((GRID_SIZE, 1)), t4_cdf(below / world.item_noise), np.ones((GRID_SIZE, 1))]
        )
        item = np.diff(cumulative, axis=1)
        width = total.shape[1]
        summed = np.zeros((GRID_SIZE, width + world.categories - 1))
        for category in range(world.categories):
            summed[:, category : category + width] += total * item[:, [category]]
        total = summed
    return np.maximum(total, 1e-300)


def t4_cdf(x: Floats) -> Floats:
    """Student's t with 4 degrees of freedom, in closed form."""
    u = x / np.sqrt(4 + x * x)
    return np.asarray(0.5 + 0.75 * u * (1 - u * u / 3))


@nb.njit(cache=True, parallel=True)
def _all_relationships(seen, bounds, world, sums, particles, seed):  # type: ignore[no-untyped-def] # noqa: PLR0917
    put = np.full((seen.shape[0], 8), np.nan)
    for i in nb.prange(len(bounds) - 1):
        np.random.seed(seed + i)
        _one_relationship(
            seen[bounds[i] : bounds[i + 1]], world, sums, particles, put[bounds[i] : bounds[i + 1]]
        )
    return put


@nb.njit(cache=True)
def _one_relationship(seen, world, sums, particles, put):  # type: ignore[no-untyped-def]
    cloud = _people(world, particles)
    weight = np.full(particles, 1.0 / particles)
    for session in range(len(seen)):
        row = seen[session]
        for p in range(particles):
            person = cloud[p]
            weight[p] *= _pass_time(person, row, world)
            weight[p] *= _come(person, row, world, session)
            weight[p] *= _event(person, world, session)
        _normalise(weight)
        _weigh_rating(cloud, weight, row[SUM], world, sums, session, put[session])
        if world.all_channels:
            for p in range(particles):
                if cloud[p, CAME] > 0.0:
                    weight[p] *= _told(cloud[p], row, world, session)
        _normalise(weight)
        _sum_up(cloud, weight, world, session, put)
        for p in range(particles):
            weight[p] *= 1.0 - _leaves(cloud[p], world, session)
        _normalise(weight)
        if 1.0 / np.sum(weight * weight) < 0.5 * particles:
            cloud = _resample(cloud, weight)


@nb.njit(cache=True)
def _normalise(weight):  # type: ignore[no-untyped-def]
    """Weights that add up to one; when no particle explains what was seen, all count the same."""
    total = weight.sum()
    if total > 1e-280:
        weight /= total
    else:
        weight[:] = 1.0 / len(weight)


@nb.njit(cache=True)
def _people(world, particles):  # type: ignore[no-untyped-def]
    cloud = np.zeros((particles, 14))
    sd = np.sqrt(world.level_sd**2 + world.level_sd_therapist**2 + world.level_sd_clinic**2)
    share = min(max(world.concealing, 1e-6), 1 - 1e-6)
    for p in range(particles):
        cloud[p, LEVEL] = world.level + sd * np.random.normal()
        cloud[p, SLOPE] = world.slope + world.slope_sd * np.random.normal()
        cloud[p, STYLE] = np.exp(world.style_sd * np.random.normal())
        cloud[p, CONCEAL] = np.random.beta(4 * share, 4 * (1 - share))
        cloud[p, THEIRS] = world.therapist_level + world.therapist_level_sd * np.random.normal()
        cloud[p, MOOD] = world.mood_sd * np.random.normal()
    return cloud


@nb.njit(cache=True)
def _pass_time(person, row, world):  # type: ignore[no-untyped-def]
    keep = np.exp(-row[GAP] / world.mood_weeks)
    person[MOOD] = keep * person[MOOD] + world.mood_sd * np.sqrt(1 - keep * keep) * np.random.normal()
    person[STRAIN] *= world.healing ** row[GAP]
    person[BEFORE] = person[NOW]
    return 1.0


@nb.njit(cache=True)
def _come(person, row, world, session):  # type: ignore[no-untyped-def]
    """Attendance: seen with all channels, otherwise only guessed from whether there is a rating."""
    missed = 0.0 if session == 0 else 1 / (1 + np.exp(-world.miss - world.miss_strain * person[STRAIN]))
    if world.all_channels:
        person[CAME] = row[ATTENDED]
        return 1 - missed if row[ATTENDED] > 0 else missed
    if not np.isnan(row[SUM]):
        person[CAME] = 1.0
        return (1 - missed) * world.answered
    silent = (1 - missed) * (1 - world.answered)
    person[CAME] = 1.0 if np.random.random() * (silent + missed) < silent else 0.0
    return silent + missed


@nb.njit(cache=True)
def _event(person, world, session):  # type: ignore[no-untyped-def]
    """Rupture (goes on or begins), repair, or nothing; returns the importance weight of the proposal."""
    person[NOW] = 0.0
    person[REPAIR] = 0.0
    if person[CAME] == 0.0:
        return 1.0
    if person[PENDING] > 0:
        person[NOW] = 1.0
        person[STRAIN] += person[STEP]
        person[PENDING] -= 1
        return 1.0
    rate = world.rupture_rate if session > 0 else 0.0
    proposed = PROPOSED_RUPTURES if rate > 0 else 0.0
    if np.random.random() < proposed:
        u = np.random.random()
        steps = 1 + (u > world.one) + (u > world.one + world.two)
        person[STEP] = np.random.gamma(world.depth_shape, world.depth / world.depth_shape) / steps
        person[NOW] = 1.0
        person[STRAIN] += person[STEP]
        person[PENDING] = steps - 1
        return rate / proposed
    if person[STRAIN] > world.repairable and np.random.random() < world.repair_rate:
        person[REPAIR] = 1.0
        person[GAINED] += world.gain * person[STRAIN]
        person[STRAIN] *= 2 * world.repair_left * np.random.random()
    return (1 - rate) / (1 - proposed)


@nb.njit(cache=True)
def _trust(person, session):  # type: ignore[no-untyped-def]
    bond = person[LEVEL] + person[SLOPE] * np.log1p(session) + person[GAINED]
    return bond + person[MOOD] - person[STRAIN]


@nb.njit(cache=True)
def _position(person, world, session):  # type: ignore[no-untyped-def]
    """Where the answers come from, in steps of the grid."""
    half = np.random.random()
    a = max(4 * half * (1 - half), 1e-12)
    shock = 2 * np.sqrt(
        max(np.cos(np.arccos(np.sqrt(a)) / 3) / np.sqrt(a) - 1, 0.0)
    )  # t(4) by its quantile function
    shown = _trust(person, session) + world.mask * person[CONCEAL] * person[STRAIN]
    shown += world.shock * (shock if half > 0.5 else -shock)
    place = (CENTRE + person[STYLE] * (shown - CENTRE) - GRID_LOW) / GRID_STEP
    return min(max(place, 0.0), GRID_SIZE - 1.001)


@nb.njit(cache=True)
def _weigh_rating(cloud, weight, total, world, sums, session, put):  # type: ignore[no-untyped-def] # noqa: PLR0917
    """Forecast of the rating, then weights given the rating (Rao-Blackwellised over the items)."""
    on_grid = np.zeros(GRID_SIZE)
    for p in range(len(weight)):
        place = _position(cloud[p], world, session)
        low = int(place)
        part = place - low
        on_grid[low] += weight[p] * (1 - part)
        on_grid[low + 1] += weight[p] * part
        if not np.isnan(total):
            weight[p] *= (1 - part) * sums[low, int(total)] + part * sums[low + 1, int(total)]
    forecast = np.dot(on_grid, sums)
    forecast /= forecast.sum()
    points = BOTTOM + (TOP - BOTTOM) * np.arange(sums.shape[1]) / (sums.shape[1] - 1)
    put[5] = np.dot(forecast, points)
    put[6] = np.sqrt(np.dot(forecast, (points - put[5]) ** 2))
    if not np.isnan(total):
        put[7] = np.log(forecast[int(total)])


@nb.njit(cache=True)
def _told(person, row, world, session):  # type: ignore[no-untyped-def]
    """Likelihood of the difficulty report, the therapist's ratings and the recorded repair."""
    like = 1.0
    trust = _trust(person, session)
    if not np.isnan(row[DIFFICULTY]):
        honest = 1 - person[CONCEAL]
        silent = (1 - world.says_falsely) * (1 - honest * world.says * person[NOW])
        silent *= 1 - honest * world.says_lingering * -np.expm1(-person[STRAIN])
        yes = world.yes_rupture if person[NOW] > 0 else world.yes_other
        like *= silent if row[DIFFICULTY] == 0 else (1 - silent) * (yes if row[DIFFICULTY] == 2 else 1 - yes)
    if not np.isnan(row[THERAPIST]):
        felt = person[THEIRS] + world.therapist_share * (trust - 5.0)
        like *= _rounded(row[THERAPIST], felt, world.therapist_noise)
    if not np.isnan(row[GUESS]):
        like *= _rounded(row[GUESS], trust + 0.6 * person[STRAIN] + world.guess_bias, world.guess_noise)
    if not np.isnan(row[RECORDED]):
        recorded = world.repair_recorded if person[REPAIR] > 0 else world.repair_falsely
        confirmed = world.repair_confirmed if person[REPAIR] > 0 else 0.0
        share = confirmed if row[RECORDED] == 2 else 1 - confirmed
        like *= 1 - recorded if row[RECORDED] == 0 else recorded * share
    return like


@nb.njit(cache=True)
def _rounded(answer, mean, sd):  # type: ignore[no-untyped-def]
    """Probability of a whole-number answer from 1 to 7 around a normal mean."""
    high = 1.0 if answer >= TOP else _normal_cdf((answer + 0.5 - mean) / sd)
    low = 0.0 if answer <= BOTTOM else _normal_cdf((answer - 0.5 - mean) / sd)
    return max(high - low, 1e-12)


@nb.njit(cache=True)
def _normal_cdf(z):  # type: ignore[no-untyped-def]
    return 0.5 * math.erfc(-z * 0.7071067811865476)


@nb.njit(cache=True)
def _leaves(person, world, session):  # type: ignore[no-untyped-def]
    logit = (
        world.leave
        + world.leave_strain * person[STRAIN]
        + world.leave_trust * (_trust(person, session) - 5.0)
    )
    return 1 / (1 + np.exp(-logit - world.leave_missed * (1 - person[CAME])))


@nb.njit(cache=True)
def _sum_up(cloud, weight, world, session, put):  # type: ignore[no-untyped-def]
    put[session, 0:5] = 0.0
    put[session, 1] = np.nan
    before = 0.0
    for p in range(len(weight)):
        put[session, 0] += weight[p] * cloud[p, NOW]
        before += weight[p] * cloud[p, BEFORE]
        put[session, 2] += weight[p] * (cloud[p, STRAIN] > world.strain_that_matters)
        put[session, 3] += weight[p] * cloud[p, REPAIR]
        put[session, 4] += weight[p] * _trust(cloud[p], session)
    if session > 0:
        put[session - 1, 1] = before


@nb.njit(cache=True)
def _resample(cloud, weight):  # type: ignore[no-untyped-def]
    """Systematic resampling; lasting traits shrink to their mean and get the lost variance back as jitter."""
    particles = len(weight)
    new = np.empty_like(cloud)
    pointer, cumulative = 0, weight[0]
    start = np.random.random()
    for p in range(particles):
        while cumulative < (start + p) / particles and pointer < particles - 1:
            pointer += 1
            cumulative += weight[pointer]
        new[p] = cloud[pointer]
    weight[:] = 1.0 / particles
    for trait in range(LEVEL, THEIRS + 1):
        mean, sd = new[:, trait].mean(), new[:, trait].std()
        for p in range(particles):
            moved = SHRINK * new[p, trait] + (1 - SHRINK) * mean
            new[p, trait] = moved + np.sqrt(1 - SHRINK**2) * sd * np.random.normal()
        if trait == CONCEAL:
            new[:, trait] = np.minimum(np.maximum(new[:, trait], 0.0), 1.0)
    return new
