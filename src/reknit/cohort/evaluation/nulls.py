"""Worlds in which nothing happens, and dips that come back by chance: what is claimed there?"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from reknit.cohort.evaluation.measures import Floats
from reknit.cohort.evaluation.trial import Trial
from reknit.cohort.evaluation.worlds import seen_by
from reknit.criteria.model import alarm_threshold
from reknit.trust.forecast import MARGIN, recovery
from reknit.trust.series import Series
from reknit.trust.simulate import simulate
from reknit.trust.simulate.own import UNIT
from reknit.trust.table import estimate

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


def outcomes(trial: Trial, most: int = 150) -> pl.DataFrame:
    """Brier scores of *restored* and *exceeded*, four sessions after a true rupture, and what was claimed."""
    p, true = (np.array(part) for part in zip(*repairs(trial, most), strict=True))
    rows = []
    for column, name in enumerate(("restored", "exceeded")):
        said, was = p[:, column], true[:, column]
        base = float(was.mean())
        sure = said >= 0.8
        rows.append(
            (
                trial.name,
                trial.channels,
                name,
                len(said),
                base,
                float(said.mean()),
                float(np.mean((said - was) ** 2)),
                base * (1 - base),
                int(sure.sum()),
                float(was[sure].mean()) if sure.any() else float("nan"),
            )
        )
    schema = [
        "world",
        "channels",
        "claim",
        "ruptures",
        "true share",
        "mean probability",
        "Brier",
        "Brier of the share",
    ]
    return pl.DataFrame(rows, schema=[*schema, "said with 80 %", "and true of them"], orient="row")


def repairs(trial: Trial, most: int) -> Iterator[tuple[tuple[float, float], tuple[bool, bool]]]:
    """(p_restored, p_exceeded) and the truth for ruptures with enough sessions after them.

    The truth sets trust beside what it would have been without the rupture: the gain of repairs since, less
    the strain that is left of it.
    """
    count = 0
    for _, table in trial.test.group_by("client", maintain_order=True):
        onset = np.flatnonzero(table["true_onset"].to_numpy() == 1)
        if not len(onset) or onset[0] + LATER >= table.height:
            continue
        start, now = int(onset[0]), int(onset[0]) + LATER
        if table["true_strain"][start - 1] > 0.05:
            continue
        outcome = recovery(series_of(table.head(now + 1), trial), start, trial.params)
        gained = table["true_gained"][now] - table["true_gained"][start - 1]
        difference = (gained - table["true_strain"][now]) / UNIT
        yield (outcome.p_restored, outcome.p_exceeded), (difference > -MARGIN, difference > MARGIN)
        count += 1
        if count >= most:
            return


def series_of(table: pl.DataFrame, trial: Trial) -> Series:
    """One relationship as the model takes it."""
    seen: dict[str, Floats] = {"rating": _numbers(table, "alliance", float("nan"))}
    if trial.all_channels:
        for name in CHANNELS:
            seen[name] = _numbers(table, name, float("nan") if name.startswith("therapist") else -1.0)
    return Series(week=table["week"].to_numpy(), scale=(1.0, 7.0), **seen)


def _numbers(table: pl.DataFrame, name: str, missing: float) -> Floats:
    return table[name].cast(pl.Float64).fill_null(missing).to_numpy()
