"""`reknit evaluate`: every table and figure of the evaluation by one command.

The nine points are those of docs/model.md: exactness, calibration, recovery, detection, forecast, speed
(timed by the scripts in bench/), null worlds, equality and robustness.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from reknit import __version__
from reknit.cohort.evaluation import nulls, pieces, recovery, summary
from reknit.cohort.evaluation.calibration import RELATIONSHIPS
from reknit.cohort.evaluation.figures import Axis, lines, rows_of_dots
from reknit.cohort.evaluation.pieces import Tables
from reknit.cohort.evaluation.report import Section, fill, write
from reknit.cohort.evaluation.worlds import Plan, plan

Tell = Callable[[float, str], None]


def main(  # noqa: PLR0917
    out_dir: Path,
    quick: bool = False,
    seed_set: str = "report",
    series: Path | None = None,
    tell: Tell | None = None,
    processes: int | None = None,
    document: Path | None = None,
) -> Path:
    """Run the evaluation and write report.md, a CSV per table and an SVG per figure into `out_dir`.

    `quick` keeps it to about a minute; `seed_set` is "report" or "development"; `series` a folder with the
    real longitudinal files (left out where absent); `processes` how many at a time (None: one a core);
    `document` a page whose marked places take the tables too. What was worked out is kept in `out_dir`, so a
    run that was broken off goes on where it stood; `tell(share, what)` hears how far it is. Returns the
    report's path. Raises ValueError for an unknown set of seeds.
    """
    sizes = plan(quick, seed_set)
    tables = pieces.run(sizes, series, Path(out_dir), processes, tell)
    sections = report(sizes, tables)
    if document is not None:
        fill(document, sections)
    return write(sections, Path(out_dir), opening(sizes, quick))


def report(sizes: Plan, tables: Tables) -> list[Section]:
    """All sections, in the order of the nine points."""
    return [
        Section("In short", "", {"In short": summary.in_short(tables)}),
        exactness_section(tables),
        calibration_section(sizes, tables),
        recovery_section(tables),
        detection_section(tables),
        forecast_section(tables),
        null_section(tables),
        robustness_section(tables),
    ]


def opening(sizes: Plan, quick: bool) -> str:
    """What the report says of itself."""
    size = "quick" if quick else "full"
    return (
        f"# Evaluation\n\nReknit {__version__}, {sizes.seed_set} seeds (from {sizes.seed}), {size} sizes: "
        f"{sizes.relationships} relationships to fit on and as many to score on in each of "
        f"{len(sizes.worlds)} "
        f"foreign worlds, {sizes.particles} particles behind the limit."
    )


def exactness_section(tables: Tables) -> Section:
    text = "Differences are absolute; trust is in points of a scale from 1 to 7."
    return Section("Exactness and equality", text, {"Exactness": tables["exactness"]})


def calibration_section(sizes: Plan, tables: Tables) -> Section:
    per_draw, ranks = tables["calibration"], tables["ranks"]["rank"].to_numpy()
    pooled = per_draw.select(pl.all().exclude("draw").mean())
    spread = per_draw.select(
        pl.all().exclude("draw", "95 % held", "80 % held").max().name.suffix(", worst draw"),
        pl.col("80 % held").min().alias("80 % held, lowest draw"),
        pl.col("80 % held").max().alias("80 % held, highest draw"),
    )
    levels = np.linspace(0, 1, 51)
    reached = np.searchsorted(np.sort(ranks), levels) / len(ranks)
    axis = Axis("stated probability", 0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1))
    reach = Axis("share of true values below", 0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1))
    figure = lines(
        "Ranks of the true trust", axis, reach, {"model's own worlds": (levels, reached)}, diagonal=True
    )
    text = (
        f"{sizes.calibration} sets of parameters drawn from the prior, {RELATIONSHIPS} relationships each, "
        "all channels, estimated with the parameters they were drawn with. ECE: expected calibration error. "
        "On foreign worlds parameters are fitted on other relationships of the same world."
    )
    foreign = tables["foreign calibration"]
    shown = {
        "Calibration on the model's own worlds": pooled,
        "Calibration, extremes over draws": spread,
        "Calibration on foreign worlds": foreign.filter(pl.col("estimate") == summary.MODEL).drop("estimate"),
    }
    data = {"Calibration on foreign worlds, shipped too": foreign}
    return Section("Calibration", text, shown, {"Ranks of the true trust": figure}, data)


def recovery_section(tables: Tables) -> Section:
    text = (
        f"Fits on worlds drawn from the prior ({recovery.FITS} relationships, all channels), then the repair "
        "gain in worlds that are not the model, once in each world and many times over. Errors are on the "
        "parameters' own scale (ratings 0 to 1, weeks)."
    )
    shown = {
        "Recovery of the model's parameters": recovery.recovered(tables["recovery"]),
        "Repair gain in foreign worlds": tables["gain"],
        "Repair gain over many runs": recovery.gains_repeated(tables["gains"]),
    }
    return Section(
        "Recovery and the repair gain", text, shown, data={"Repair gain, run by run": tables["gains"]}
    )


def detection_section(tables: Tables) -> Section:
    table = tables["detection"]
    mean = summary.detection_mean(table)
    figures = {"Fraction of the limit reached": fractions(mean)}
    for channels, name in (("ratings", "ratings alone"), ("all", "all channels")):
        figures[f"Noticing ruptures, {name}"] = roc_curves(
            tables["curves"].filter(pl.col("channels") == channels), name
        )
    text = (
        "At 5 false alarms per 100 sessions without a rupture, judged at rated sessions after the first, "
        "from data up to that session only. A rupture that takes several sessions counts in each session in "
        "which trust fell; *caught within 3* and *delay* (in sessions) go by its first session."
    )
    by = ["channels", "detector"]
    now = ["caught at once", "caught one session later", "AUC one session later"]
    shown = {
        "Detection, mean over worlds": mean,
        "Detection beside the best published criteria": summary.beside_published(table),
        "The best published criteria on many relationships": summary.best_published(
            tables["published"], "it caught"
        ).sort("world", "channels"),
        "Presence of unrepaired strain": summary.means(tables["strain"], by, ["AUC", "caught"]),
        "One session of hindsight": summary.means(tables["hindsight"], by, now),
        "What each channel is worth": summary.means(
            tables["channels"].drop("world"), ["channels"], ["AUC", "caught", "strain AUC"]
        ),
    }
    data = {
        f"{what} by world": tables[what.lower()] for what in ("Detection", "Strain", "Hindsight", "Channels")
    }
    return Section("Detection", text, shown, figures, data)


def fractions(mean: pl.DataFrame) -> str:
    """Dots by detector, best first."""
    order = mean.group_by("detector", maintain_order=True).agg(pl.col("of the limit").max())
    names = order.sort("of the limit", descending=True)["detector"].to_list()
    dots = {}
    for channels, label in (("ratings", "ratings alone"), ("all", "all channels")):
        known = dict(
            mean.filter(pl.col("channels") == channels).select("detector", "of the limit").iter_rows()
        )
        dots[label] = [known.get(name, float("nan")) for name in names]
    axis = Axis(
        "caught at 5 false alarms per 100, as a fraction of the limit", 0, 1.05, (0, 0.25, 0.5, 0.75, 1)
    )
    return rows_of_dots("Fraction of the limit reached (mean over worlds)", axis, names, dots)


def roc_curves(curves: pl.DataFrame, channels: str) -> str:
    """ROC curves up to 20 false alarms per 100 sessions."""
    shown = {
        str(name): (one["alarms"].to_numpy(), one["caught"].to_numpy())
        for (name,), one in curves.group_by("detector", maintain_order=True)
    }
    x = Axis("false alarms per 100 sessions", 0, 20, (0, 5, 10, 15, 20))
    y = Axis("share of ruptures caught", 0, 1, (0, 0.25, 0.5, 0.75, 1))
    return lines(f"Noticing ruptures: world “{curves['world'][0]}”, {channels}", x, y, shown)


def forecast_section(tables: Tables) -> Section:
    text = (
        "Every rating but a person's first, from what came before it; log score is the log density of a "
        "normal forecast per rating (higher is better). Everything is fitted on other people of the same "
        "world. Real series: fitted on every other person, scored on the rest, then the other way round."
    )
    by, columns = ["channels", "forecast"], ["log score", "RMSE", "80 % held"]
    shown = {"Forecasts, mean over worlds": summary.means(tables["forecasts"], by, columns)}
    data = {"Forecasts by world": tables["forecasts"]}
    if "real forecasts" in tables:
        shown["Forecasts on real series"] = summary.real_forecasts(tables["real forecasts"])
        shown["Labelled events on real series"] = tables["real events"]
        data["Forecasts on real series, every forecast"] = tables["real forecasts"]
    return Section("Forecasts", text, shown, data=data)


def null_section(tables: Tables) -> Section:
    text = (
        "Thresholds are the model's own for the stated rate, from its fitted parameters. *Restored* and "
        f"*exceeded* are judged {nulls.LATER} sessions later, against what would have been without it: given "
        "that there was a rupture (asked: rupture), and for every alarm at 5 false ones per 100 sessions, "
        "where nothing may have happened (asked: alarm)."
    )
    rates = ["with ruptures elsewhere", "no ruptures at all"]
    shown = {"Alarms per 100 quiet sessions": summary.means(tables["alarms"], ["channels", "stated"], rates)}
    data = {"Alarms by world": tables["alarms"], "Claims, one row an episode": tables["claims"]}
    return Section("Null worlds", text, shown | summary.claims(tables), data=data)


def robustness_section(tables: Tables) -> Section:
    text = "Cells that are not finite, intervals turned round, probabilities outside [0, 1]."
    return Section("Robustness", text, {"Hostile series": tables["robustness"]})


__all__ = ["main", "report"]
