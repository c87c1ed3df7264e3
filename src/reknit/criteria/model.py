"""The trust model's own reading, at a stated rate of false alarms.

An alarm is a session whose ``p_rupture`` exceeds a threshold that is set empirically: on sessions without a
rupture that are drawn from the model itself, observed through the same channels as the table. A Gaussian
tail would not
do: for 5 false alarms per 100 it gave 8.9.

An episode is *rupture-repair* where trust at its end is more likely than not to be back at the level that
was to be expected had nothing happened, and *exceeded* where it is more likely than not above it; that
forecast, and not the dip, is the yardstick, because dips come back by chance too. Depth and recovery are
those of the estimated trust.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from reknit.criteria.episode import Criterion, Found, follow
from reknit.criteria.series import Bools, Floats, Series

CHANNELS = ("difficulty", "attended", "repair", "therapist_rating", "therapist_guess", "care")
RATINGS = ("therapist_rating", "therapist_guess")


def rule(series: Series, *, false_alarms: float = 5.0, params: Any = None, within: int = 5) -> Found:
    """Episodes of the trust model.

    Args:
        series: all sessions, rated or not.
        false_alarms: per 100 sessions without a rupture.
        params: :class:`reknit.Params`; None takes the shipped ones.
        within: sessions after the alarm at which the outcome is judged.
    """
    table = estimates(series, params)
    p = table["p_rupture"].to_numpy()
    trust = np.array(table["trust"].to_numpy(), dtype=np.float64)
    channels = [name for name in CHANNELS if name in series.frame.columns]
    alarm: Bools = (p > alarm_threshold(false_alarms, params, channels)) & (series.order > 0)
    believed = replace(series, raw=sum(series.scale) - trust if series.lower_is_better else trust)
    found = follow(believed, alarm, believed.before(believed.y), within=within)
    return _judged(series, found, params)


def score(series: Series, *, params: Any = None) -> Floats:
    """``p_rupture`` of the trust model."""
    return np.array(estimates(series, params)["p_rupture"].to_numpy(), dtype=np.float64)


def estimates(series: Series, params: Any = None) -> pl.DataFrame:
    """The trust model's columns for every session of the series, with higher as better."""
    from reknit.trust.table import estimate

    out: pl.DataFrame = estimate(_sessions(series), params, scale=series.scale)
    return out


def _sessions(series: Series) -> pl.DataFrame:
    """The sessions as a table of the trust model."""
    return _channels(series).with_columns(
        client=pl.Series(series.first), week=pl.Series(series.week), session=pl.Series(series.order)
    )


def _channels(series: Series) -> pl.DataFrame:
    """What was observed at each session, mirrored where lower is better."""
    columns = {"alliance": series.y}
    for name in CHANNELS:
        if name in series.frame.columns:
            values = series.column(name)
            columns[name] = (
                sum(series.scale) - values if series.lower_is_better and name in RATINGS else values
            )
    return pl.DataFrame(columns)


def alarm_threshold(
    false_alarms: float,
    params: Any = None,
    channels: list[str] | None = None,
    *,
    relationships: int = 2000,
    seed: int = 20_240_101,
) -> float:
    """The threshold on ``p_rupture`` with a stated number of false alarms per 100 quiet sessions.

    Args:
        false_alarms: above 0 and below 100.
        params: of the trust model; None takes the shipped ones.
        channels: columns observed beside the client's rating, among :data:`CHANNELS`.
        relationships: how many to draw.
        seed: of the draw, fixed so that the same question has the same answer.

    Raises:
        ValueError: the rate is out of range.
    """
    from reknit.trust.forecast import threshold
    from reknit.trust.params import as_params

    model = None if params is None else as_params(params).to_json()
    return threshold(_quiet(model, tuple(channels or ()), relationships, seed), false_alarms)


@lru_cache(32)
def _quiet(model: str | None, channels: tuple[str, ...], relationships: int, seed: int) -> Floats:
    """``p_rupture`` of sessions without a rupture that are drawn from the model, kept."""
    from reknit.trust.params import Params
    from reknit.trust.simulate import simulate
    from reknit.trust.table import estimate

    params = None if model is None else Params.from_json(model)
    drawn = simulate(relationships=relationships, seed=seed, generator="model", params=params)
    observed = ["client", "therapist", "week", "alliance", *channels]
    seen = estimate(drawn.select([name for name in observed if name in drawn.columns]), params)
    quiet = (drawn["true_rupture"] == 0) & drawn["alliance"].is_not_null()
    return np.array(seen.filter(quiet)["p_rupture"].to_numpy(), dtype=np.float64)


def _judged(series: Series, found: Found, params: Any) -> Found:
    """The episodes with their outcome against what would have been without them."""
    from reknit.trust.forecast import outcomes
    from reknit.trust.params import as_params
    from reknit.trust.table import read_cohort

    cohort = read_cohort(_sessions(series), series.scale)
    place = np.arange(len(series))
    if cohort.order is not None:
        place[cohort.order] = np.arange(len(series))
    episodes = place[np.stack([series.first[found.at], found.at, found.end], axis=1)]
    restored, exceeded = outcomes(cohort.rows, episodes, as_params(params))
    return replace(
        found,
        kind=["rupture-repair" if p >= 0.5 else "rupture" for p in restored],
        exceeded=(exceeded >= 0.5).astype(np.float64),
        more={"p_restored": restored, "p_exceeded": exceeded},
    )


CRITERION = Criterion(
    "model", "the trust model of this package", rule, score, rated=False, fitted=True, scaled=True
)
