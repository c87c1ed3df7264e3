"""What the report shows of its tables: means over worlds, and what was wanted beside what was found."""

import polars as pl

from reknit.cohort.evaluation import nulls, recovery
from reknit.cohort.evaluation.baselines import NAMES

Tables = dict[str, pl.DataFrame]
LIMIT, MODEL, SHIPPED = "limit (knows the world)", "model, fitted", "model, as shipped"
OURS = (LIMIT, MODEL, SHIPPED, "logistic rule taught the truth")


def means(table: pl.DataFrame, by: list[str], columns: list[str]) -> pl.DataFrame:
    """Mean over worlds, in the order of appearance."""
    return table.group_by(by, maintain_order=True).agg(pl.col(columns).mean())


def detection_mean(table: pl.DataFrame) -> pl.DataFrame:
    """Every detector's mean over worlds, best first, ratings alone first."""
    columns = ["AUC", "AUC below limit", "caught", "of the limit", "caught within 3", "delay"]
    return (
        table.group_by("channels", "detector", maintain_order=True)
        .agg(
            pl.col(columns).mean(), ((pl.col("se") ** 2).sum().sqrt() / pl.len()).alias("se of the fraction")
        )
        .sort("channels", "of the limit", descending=[True, True])
    )


def beside_published(table: pl.DataFrame) -> pl.DataFrame:
    """World by world: limit, model, and the published criteria that caught most and ranked best there."""
    keys = ["world", "channels"]
    published = ~pl.col("detector").is_in(OURS)

    def best(column: str, name: str, value: str) -> pl.DataFrame:
        top = (
            table.filter(published).sort(column, descending=True).group_by(keys, maintain_order=True).first()
        )
        return top.select(*keys, pl.col("detector").alias(name), pl.col(column).alias(value))

    limit = table.filter(pl.col("detector") == LIMIT)
    limit = limit.select(*keys, pl.col("caught").alias("limit caught"), pl.col("AUC").alias("limit AUC"))
    model = table.filter(pl.col("detector") == MODEL)
    joined = (
        model.join(limit, on=keys, maintain_order="left")
        .join(best("caught", "best published", "it caught"), on=keys, maintain_order="left")
        .join(best("AUC", "best published AUC", "it has"), on=keys, maintain_order="left")
    )
    return joined.select(
        *keys, "limit caught", pl.col("caught").alias("model caught"), "of the limit", "se",
        "best published", "it caught", "limit AUC", pl.col("AUC").alias("model AUC"),
        "best published AUC", "it has", "ruptures",
    )  # fmt: skip


def real_forecasts(table: pl.DataFrame) -> pl.DataFrame:
    """One row a series: the model beside the best other log score and the best other RMSE."""
    rows = []
    for (file,), one in table.group_by("series", maintain_order=True):
        model = one.filter(pl.col("forecast") == MODEL).row(0, named=True)
        others = one.filter(pl.col("forecast").is_in(NAMES))
        score = others.sort("log score", descending=True).row(0, named=True)
        error = others.sort("RMSE").row(0, named=True)
        rows.append(
            {
                "file": file,
                "log score": model["log score"],
                "best other score": f"{score['log score']:.3f} ({score['forecast']})",
                "it is": _won(model["log score"] > score["log score"]),
                "RMSE": model["RMSE"],
                "best other RMSE": f"{error['RMSE']:.3f} ({error['forecast']})",
                "that is": _won(model["RMSE"] < error["RMSE"]),
                "80 % held": model["80 % held"],
                "ratings": model["ratings"],
            }
        )
    return pl.DataFrame(rows)


def _won(better: bool) -> str:
    return "won" if better else "**lost**"


def in_short(tables: Tables) -> pl.DataFrame:
    """What was wanted, what was found, and whether that reaches it."""
    rows = [*_detected(tables), *_intervals(tables), *_forecast(tables), *_nulls(tables), *_gains(tables)]
    bad = tables["robustness"].select(pl.col("faults", "faults when smoothed").sum()).row(0)
    rows.append(("faults on hostile series", "0", f"{sum(bad)}", sum(bad) == 0))
    told = [(*row[:3], "reached" if row[3] else "**short**") for row in rows]
    return pl.DataFrame(told, schema=["what", "wanted", "found", "that is"], orient="row")


Row = tuple[str, str, str, bool]


def _detected(tables: Tables) -> list[Row]:
    mean = detection_mean(tables["detection"]).filter(pl.col("detector") == MODEL)
    rows: list[Row] = []
    for channels, name in (("ratings", "ratings alone"), ("all", "all channels")):
        one = mean.filter(pl.col("channels") == channels).row(0, named=True)
        caught, below = one["of the limit"], one["AUC below limit"]
        found = f"{caught:.3f} (standard error {one['se of the fraction']:.3f})"
        rows.append(
            (f"ruptures caught at 5 false alarms per 100, of the limit, {name}", ".97", found, caught >= 0.97)
        )
        rows.append(
            (f"area under the ROC curve below the limit, {name}", ".010", f"{below:.3f}", below <= 0.01)
        )
    for what, ours, theirs in (
        ("ruptures caught", "model caught", "it caught"),
        ("area", "model AUC", "it has"),
    ):
        short = best_published(tables["published"], theirs).select(
            (pl.col(theirs) - pl.col(ours)).alias("short")
        )
        worst, good = float(short["short"].max()), int((short["short"] <= 0).sum())  # type: ignore[arg-type]
        found = f"above or level in {good} of {short.height}"
        found += f", below by at most {worst:.3f}" if worst > 0 else f", by at least {-worst:.3f}"
        rows.append(
            (f"{what}, beside the best published criterion of each world", "never below", found, worst <= 0)
        )
    return rows


def best_published(table: pl.DataFrame, by: str) -> pl.DataFrame:
    """The published criterion that does best in each world, beside the model."""
    return table.sort(by, descending=True).group_by("world", "channels", maintain_order=True).first()


def _intervals(tables: Tables) -> list[Row]:
    own = float(tables["calibration"]["80 % held"].mean())  # type: ignore[arg-type]
    fitted = tables["foreign calibration"].filter(pl.col("estimate") == MODEL)["80 % held"]
    low, high = float(fitted.min()), float(fitted.max())  # type: ignore[arg-type]
    found = f"{low:.3f} to {high:.3f}, mean {fitted.to_numpy().mean():.3f}"
    return [
        (
            "80 % intervals of trust hold, the model's own worlds",
            ".78 to .82",
            f"{own:.3f}",
            0.78 <= own <= 0.82,
        ),
        ("the same, foreign worlds, after fitting", ".76 to .84", found, low >= 0.76 and high <= 0.84),
    ]


def _forecast(tables: Tables) -> list[Row]:
    table, keys = tables["forecasts"], ["world", "channels"]
    others = table.filter(pl.col("forecast").is_in(NAMES)).group_by(keys)
    best = others.agg(pl.col("log score").max().alias("score"), pl.col("RMSE").min().alias("error"))
    both = table.filter(pl.col("forecast") == MODEL).join(best, on=keys)
    won = both.filter((pl.col("log score") > pl.col("score")) & (pl.col("RMSE") < pl.col("error"))).height
    found = f"better in {won} of {both.height}"
    rows = [
        (
            "next rating, simulated: log score and RMSE against five forecasts",
            "better",
            found,
            won == both.height,
        )
    ]
    if "real forecasts" in tables:
        real = real_forecasts(tables["real forecasts"])
        scores, errors = ((real[name] == "won").sum() for name in ("it is", "that is"))
        found = f"{scores} of {real.height} / {errors} of {real.height}"
        rows.append(
            (
                f"next rating, {real.height} real series: log score / RMSE",
                "better",
                found,
                scores == errors == real.height,
            )
        )
    return rows


def _nulls(tables: Tables) -> list[Row]:
    rates = (
        tables["alarms"]
        .filter(pl.col("stated") == 5.0)
        .group_by("channels")
        .agg(pl.col("no ruptures at all").mean())
    )
    rate = dict(rates.iter_rows())
    found = f"{rate['ratings']:.2f} ratings alone, {rate['all']:.2f} all channels"
    near = all(abs(value - 5.0) <= 0.75 for value in rate.values())
    claims = tables["claims"].filter((pl.col("claim") == "exceeded") & (pl.col("true gain") == 0))
    said, claimed = (
        float(values.cast(pl.Float64).to_numpy().mean()) for values in (claims["said"], claims["said"] >= 0.5)
    )
    episodes = f"{claimed:.3f} of {claims.height} episodes"
    return [
        ("alarms per 100 sessions in worlds without ruptures, stated 5", "5", found, near),
        (
            "*exceeded* where no repair adds anything",
            "as rare as said",
            f"said with {said:.3f} on average; with a half or more in {episodes}",
            claimed <= 0.03 and said <= 0.05,
        ),
    ]


def _gains(tables: Tables) -> list[Row]:
    runs = recovery.gains_repeated(tables["gains"])
    null = runs.filter(pl.col("true gain") == 0)
    rows: list[Row] = []
    own = pl.col("world").str.starts_with("the model")
    for what, one in (("foreign", null.filter(~own)), ("the model's own", null.filter(own))):
        held, count = int(one["covers zero"].sum()), int(one["runs"].sum())
        rows.append(
            (
                f"repair gain, {what} worlds without one: 95 % interval covers zero",
                "93 of 100",
                f"{held} of {count}",
                held >= 0.93 * count,
            )
        )
    large = runs.filter((pl.col("true gain") > 0) & (pl.col("relationships") >= 2000))
    if large.height:
        missed, count = int(large["covers zero"].sum()), int(large["runs"].sum())
        rows.append(
            (
                "repair gain of .25, 2,000 relationships: the interval leaves out zero",
                "always",
                f"{count - missed} of {count}",
                missed == 0,
            )
        )
    return rows


def claims(tables: Tables) -> Tables:
    """The tables of *restored* and *exceeded*."""
    found = tables["claims"]
    return {
        "Restored and exceeded": nulls.brier(found),
        "Said and true, foreign worlds": nulls.reliability(found),
        "Said and true, the model's own worlds": nulls.reliability(tables["own claims"]),
    }
