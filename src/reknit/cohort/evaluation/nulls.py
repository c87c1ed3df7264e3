"""Worlds in which nothing happens, and dips that come back by chance: what is claimed there?"""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from reknit.cohort.evaluation.calibration import draw_params
from reknit.cohort.evaluation.measures import Flags, Floats
from reknit.cohort.evaluation.trial import Trial
from reknit.cohort.evaluation.worlds import Plan, seen_by
from reknit.criteria.model import alarm_threshold
from reknit.trust.engine import Rows
from reknit.trust.forecast import GROWTH, SHORTFALL
from reknit.trust.forecast import outcomes as recovered
from reknit.trust.params import Params
from reknit.trust.simulate import simulate
from reknit.trust.simulate.own import UNIT
from reknit.trust.table import estimate, read_cohort

LATER = 4  # sessions after the rupture at which a repair is judged
CHANNELS = ("difficulty", "attended", "repair", "therapist_rating", "therapist_guess")
STATED = (1.0, 2.0, 5.0, 10.0)


def alarm_rates(trial: Trial) -> pl.DataFrame:
    """Alarms per 100 quiet sessions at the model's own thresholds, with and without ruptures in the world."""
    channels = list(CHANNELS) if trial.all_channels else []
    without = replace(trial.world, rupture_rate=0.0)
    empty = simulate(trial.test["client"].n_unique(), 99, "foreign", (6, 16), params=without)
    calm = estimate(seen_by(empty, trial.all_channels), trial.params)["p_rupture"].to_numpy()
    calm = calm[(empty["alliance"].is_not_null() & (empty["session"] > 1)).to_numpy()]
    quiet = trial.at_judged(trial.fitted["p_rupture"])[~trial.truth("true_rupture")]
    rows = []
    for stated in STATED:
        threshold = alarm_threshold(stated, trial.params, channels)
        rates = [100 * float((p > threshold).mean()) for p in (quiet, calm)]
        rows.append((trial.name, trial.channels, stated, *rates))
    schema = ["world", "channels", "stated", "with ruptures elsewhere", "no ruptures at all"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def outcomes(trial: Trial) -> pl.DataFrame:
    """What was said of *restored* and *exceeded* four sessions on, beside the truth: one row an episode.

    Two kinds of episodes: true ruptures from calm (*asked*: given that one happened, as where the client has
    said so), and alarms at 5 false ones per 100, which is what a clinic meets; there nothing need have been.
    """
    seen, params = seen_by(trial.test, trial.all_channels), trial.params
    rows, keep = read_cohort(seen).rows, trial.world.healing
    before = pl.col("true_strain").shift(1).over("client").fill_null(0.0)
    calm = trial.test.select(before).to_series().to_numpy() <= 0.05
    onset = (trial.test["true_onset"] == 1).to_numpy() & calm
    threshold = alarm_threshold(5.0, params, list(CHANNELS) if trial.all_channels else [])
    alarm = trial.fitted["p_rupture"].to_numpy() > threshold
    parts = [
        claims(trial.test, rows, at, params, keep, kind)
        for kind, at in (("rupture", onset), ("alarm", alarm))
    ]
    gain = pl.lit(trial.world.gain).alias("true gain")
    return pl.concat(parts).select(
        pl.lit(trial.name).alias("world"), pl.lit(trial.channels).alias("channels"), gain, pl.all()
    )


def of_the_model(plan: Plan, relationships: int = 400) -> pl.DataFrame:
    """The same on worlds of the model itself, drawn from a prior, with the parameters known."""
    parts = []
    for draw in range(max(4, plan.calibration // 4)):
        params = draw_params(plan.seed + 9000 + draw)
        known = replace(params, se={"repair_gain": 1e-6})
        table = simulate(relationships, plan.seed + 9200 + draw, "model", (8, 16), params=params)
        seen = seen_by(table, True)
        p = estimate(seen, params)["p_rupture"].to_numpy()
        alarm = p > alarm_threshold(5.0, params, list(CHANNELS))
        onset = (table["true_onset"] == 1).to_numpy()
        rows = read_cohort(seen).rows
        for kind, at in (("rupture", onset), ("alarm", alarm)):
            parts.append(claims(table, rows, at, known, params["strain_keep"], kind))
    return pl.concat(parts)


def claims(  # noqa: PLR0917
    table: pl.DataFrame, rows: Rows, start: Flags, params: Params, keep: float, kind: str
) -> pl.DataFrame:
    """Every session of `start` with enough sessions before and after it, as an episode."""
    first = np.repeat(rows.starts[:-1], np.diff(rows.starts))
    last = np.repeat(rows.starts[1:], np.diff(rows.starts)) - 1
    at = np.flatnonzero(start)
    at = at[(at > first[at]) & (at + LATER <= last[at])]
    said = recovered(rows, np.stack([first[at], at, at + LATER], axis=1), params, kind == "rupture")
    gained, left = what_happened(table, at, keep)
    true = (gained - left > -SHORTFALL, gained - np.maximum(left, 0.0) > GROWTH)
    return pl.concat(
        pl.DataFrame({"asked": kind, "claim": name, "said": p, "true": was})
        for name, p, was in zip(("restored", "exceeded"), said, true, strict=True)
    )


def what_happened(table: pl.DataFrame, at: NDArray[np.int64], keep: float) -> tuple[Floats, Floats]:
    """What repairs since have added to the bond, and strain that is left of what happened, less what they
    took away of older strain; fractions of the scale.
    """
    strain, gained = (table[name].to_numpy() / UNIT for name in ("true_strain", "true_gained"))
    event = ((table["true_rupture"] == 1) | (table["true_repair"] == 1)).to_numpy()
    week, left = table["week"].to_numpy(), np.zeros(len(at))
    for k in range(LATER + 1):
        now = at + k
        fade = keep ** (week[now] - week[now - 1])
        left = fade * left + np.where(event[now], strain[now] - fade * strain[now - 1], 0.0)
    return gained[at + LATER] - gained[at - 1], left


def brier(found: pl.DataFrame) -> pl.DataFrame:
    """Brier scores of the claims about true ruptures, world by world, and what was said where."""
    error = (pl.col("said") - pl.col("true").cast(pl.Float64)) ** 2
    share, sure = pl.col("true").mean(), pl.col("said") >= 0.5
    return (
        found.filter(pl.col("asked") == "rupture")
        .group_by("world", "channels", "claim", maintain_order=True)
        .agg(
            pl.len().alias("ruptures"),
            share.alias("true share"),
            pl.col("said").mean().alias("mean probability"),
            error.mean().alias("Brier"),
            (share * (1 - share)).alias("Brier of the share"),
            sure.sum().alias("said with 50 %"),
            pl.col("true").filter(sure).mean().alias("and true of them"),
        )
    )


def reliability(found: pl.DataFrame) -> pl.DataFrame:
    """What was said beside what was true, in bands of the probability; se: standard error of the share."""
    lower = pl.lit(0.0)
    for edge in (0.1, 0.25, 0.5, 0.75, 0.9):
        lower = pl.when(pl.col("said") >= edge).then(pl.lit(edge)).otherwise(lower)
    share = pl.col("true").mean()
    return (
        found.with_columns(lower.alias("from"))
        .group_by("asked", "claim", "from")
        .agg(
            pl.len().alias("episodes"),
            pl.col("said").mean().alias("said"),
            share.alias("true"),
            ((share * (1 - share) / pl.len()).sqrt()).alias("se"),
        )
        .sort("asked", "claim", "from", descending=[True, True, False])
    )
