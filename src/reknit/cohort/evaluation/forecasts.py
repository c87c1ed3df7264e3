"""The next rating: log score and error against the forecasts to beat, on simulated people and on real
series.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from reknit.cohort.evaluation.baselines import NAMES, Rated, forecast, rated
from reknit.cohort.evaluation.measures import Floats, area, log_score, standard_error
from reknit.cohort.evaluation.trial import Trial
from reknit.cohort.evaluation.worlds import seen_by
from reknit.trust.fit import fit
from reknit.trust.params import Params
from reknit.trust.table import estimate

SCHEMA = ["forecast", "log score", "se", "RMSE", "80 % held", "ratings"]


@dataclass(frozen=True)
class RealSeries:
    """A file of real ratings: its scale, and a column that says when something happened (or None)."""

    file: str
    scale: tuple[float, float]
    event: str | None = None


REAL = (
    RealSeries("esconv_helper_ratings.csv", (1, 5)),
    RealSeries("couples_intimacy_conflict.csv", (0, 10), "conflict"),
    RealSeries("pcit_ecbi_intensity.csv", (36, 252)),
    RealSeries("fisher2017_accepted.csv", (0, 100)),
    RealSeries("rowland2020_satisfied.csv", (0, 100)),
)


def on_simulated(trial: Trial) -> pl.DataFrame:
    """Forecasts on the test half of a world; the oracle's forecast is the limit."""
    rows = rated(trial.test)
    seen = seen_by(trial.test, trial.all_channels)
    table = judge(rows, list(forecasts(rated(trial.train), rows, seen, trial.params, (1.0, 7.0))))
    oracle = (trial.oracle["next_mean"].to_numpy()[rows.row], trial.oracle["next_sd"].to_numpy()[rows.row])
    table = pl.concat([judge(rows, [("limit (knows the world)", *oracle)]), table])
    return table.select(pl.lit(trial.name).alias("world"), pl.lit(trial.channels).alias("channels"), pl.all())


def forecasts(
    train: Rated, test: Rated, table: pl.DataFrame, params: Params, scale: tuple[float, float]
) -> Iterator[tuple[str, Floats, Floats]]:
    """Name, means and standard deviations for every rating of `test`, of the model and of every baseline."""
    yield "model, fitted", *of_model(table, test, params, scale)
    for name in NAMES:
        yield name, *forecast(name, train, test)


def of_model(
    table: pl.DataFrame, test: Rated, params: Params | None, scale: tuple[float, float]
) -> tuple[Floats, Floats]:
    """`next_mean` and `next_sd` of the row before, in the order of `test`."""
    found = estimate(table, params, scale=scale).select("client", "week", "next_mean", "next_sd")
    before = [pl.col(name).shift(1).over("client", order_by="week") for name in ("next_mean", "next_sd")]
    shifted = found.with_columns(before)
    return (
        shifted["next_mean"].cast(pl.Float64).to_numpy()[test.row],
        shifted["next_sd"].cast(pl.Float64).to_numpy()[test.row],
    )


def judge(rows: Rated, found: list[tuple[str, Floats, Floats]]) -> pl.DataFrame:
    """Every forecast on the same ratings: all but each person's first."""
    keep = rows.count > 0
    out = []
    for name, mean, sd in found:
        y, m, s = rows.y[keep], mean[keep], sd[keep]
        score = log_score(y, m, s)
        inside = float(np.mean(np.abs(y - m) <= 1.2815515655 * s))
        rmse = float(np.sqrt(np.mean((y - m) ** 2)))
        out.append((name, float(score.mean()), standard_error(score), rmse, inside, int(keep.sum())))
    return pl.DataFrame(out, schema=SCHEMA, orient="row")


def split(table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two halves of the people, every other one in order of appearance."""
    people = table.select("client").unique(maintain_order=True).with_row_index("number")
    numbered = table.join(people, on="client", how="left", maintain_order="left")
    odd = pl.col("number") % 2 == 1
    return numbered.filter(~odd).drop("number"), numbered.filter(odd).drop("number")


def read(series: RealSeries, folder: Path) -> pl.DataFrame | None:
    """The file, or None where it is not there; what lies off its scale is a slip, and missing."""
    path = folder / series.file
    if not path.exists():
        return None
    rating = pl.col("alliance").cast(pl.Float64)
    on_scale = pl.when(rating.is_between(*series.scale)).then(rating)
    return pl.read_csv(path, infer_schema_length=None).with_columns(on_scale)


def on_real(series: RealSeries, table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fit on half of the people, score on the other half, then the other way round.

    Returns the forecasts and, where the file says when something happened, how well each score finds it.
    """
    seen = table.select("client", "week", "alliance")
    first, second = split(table)
    folds = []
    for train, test in ((first, second), (second, first)):
        params = fit(train.select(seen.columns), scale=series.scale)
        rows = rated(test)
        sets = list(forecasts(rated(train), rows, test.select(seen.columns), params, series.scale))
        sets.append(("model, as shipped", *of_model(test.select(seen.columns), rows, None, series.scale)))
        folds.append((test, params, rows, sets))
    both = _join([rows for _, _, rows, _ in folds])
    pairs = zip(folds[0][3], folds[1][3], strict=True)
    joined = [(a[0], np.concatenate([a[1], b[1]]), np.concatenate([a[2], b[2]])) for a, b in pairs]
    forecasted = judge(both, joined).select(pl.lit(series.file).alias("series"), pl.all())
    return forecasted, labelled(series, [(test, params) for test, params, _, _ in folds])


def _join(parts: list[Rated]) -> Rated:
    y, week, row = (np.concatenate([getattr(part, name) for part in parts]) for name in ("y", "week", "row"))
    bounds = [parts[0].bounds[:-1], parts[1].bounds + len(parts[0].y)]
    return Rated(y, week, np.concatenate(bounds), row)


def labelled(series: RealSeries, folds: list[tuple[pl.DataFrame, Params]]) -> pl.DataFrame:
    """Area under the curve of each score for the labelled event (on the day of the event)."""
    schema = ["series", "event", "score", "AUC", "events"]
    if series.event is None:
        return pl.DataFrame(schema=schema)
    parts = []
    for test, params in folds:
        found = estimate(test.select("client", "week", "alliance"), params, scale=series.scale)
        past = pl.col("alliance").shift(1).over("client")
        parts.append(
            found.select(
                pl.col("p_rupture").alias("p_rupture, fitted"),
                pl.col("p_strain").alias("p_strain, fitted"),
                (past - pl.col("alliance")).alias("fall from the last rating"),
                (-pl.col("alliance")).alias("low rating"),
                (pl.col("alliance").mean().over("client") - pl.col("alliance")).alias(
                    "below own mean (all days)"
                ),
                test[series.event].alias("event"),
                (past.is_not_null() & pl.col("alliance").is_not_null()).alias("judged"),
            )
        )
    every = pl.concat(parts).filter("judged").drop_nulls()
    event = (every["event"] == 1).to_numpy()
    rows = [
        (series.file, series.event, name, area(every[name].to_numpy(), event), int(event.sum()))
        for name in every.columns[:-2]
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")
