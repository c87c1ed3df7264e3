"""`reknit evaluate`: every table and figure of the evaluation by one command.

The nine points are those of docs/model.md: exactness, calibration, recovery, detection, forecast, speed
(timed by the scripts in bench/), null worlds, equality and robustness.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from reknit import __version__
from reknit.cohort.evaluation import calibration, detection, forecasts, nulls, recovery
from reknit.cohort.evaluation.exactness import exactness
from reknit.cohort.evaluation.figures import Axis, lines, rows_of_dots
from reknit.cohort.evaluation.report import Section, write
from reknit.cohort.evaluation.robustness import robustness
from reknit.cohort.evaluation.trial import Trial, trial, trials
from reknit.cohort.evaluation.worlds import Plan, plan

Tell = Callable[[float, str], None]


def main(
    out_dir: Path,
    quick: bool = False,
    seed_set: str = "report",
    series: Path | None = None,
    tell: Tell | None = None,
) -> Path:
    """Run the evaluation and write report.md, a CSV per table and an SVG per figure into `out_dir`.

    `quick` keeps it to about a minute; `seed_set` is "report" or "development"; `series` a folder with the
    real longitudinal files (left out where absent); `tell(share, what)` hears how far it is. Returns the
    report's path. Raises ValueError for an unknown set of seeds.
    """
    sizes = plan(quick, seed_set)
    return write(evaluate(sizes, series, tell), Path(out_dir), opening(sizes, quick))


def evaluate(sizes: Plan, series: Path | None = None, tell: Tell | None = None) -> list[Section]:
    """All sections, in the order of the nine points."""
    steps: list[tuple[str, Callable[[], Section]]] = [
        ("exactness", lambda: exactness_section(sizes)),
        ("calibration on the model", lambda: calibration_section(sizes)),
        *((f"world {name}, {'all channels' if every else 'ratings alone'}", _warm(name, sizes, every))
          for name in sizes.worlds for every in (False, True)),
        ("calibration on foreign worlds", lambda: foreign_calibration_section(sizes)),
        ("recovery", lambda: recovery_section(sizes)),
        ("detection", lambda: detection_section(sizes)),
        ("strain, hindsight and channels", lambda: more_detection_section(sizes)),
        ("forecasts", lambda: forecast_section(sizes)),
        ("real series", lambda: real_section(series)),
        ("null worlds", lambda: null_section(sizes)),
        ("robustness", lambda: robustness_section(sizes)),
    ]  # fmt: skip
    sections = []
    for i, (what, step) in enumerate(steps):
        if tell is not None:
            tell(i / len(steps), what)
        section = step()
        if section.title:
            sections.append(section)
    if tell is not None:
        tell(1.0, "done")
    return sections


def _warm(name: str, sizes: Plan, every: bool) -> Callable[[], Section]:
    """Run one trial ahead of the tables that read it, so that progress can be told."""

    def run() -> Section:
        trial(name, sizes, every)
        return Section("", "")

    return run


def opening(sizes: Plan, quick: bool) -> str:
    """What the report says of itself."""
    size = "quick" if quick else "full"
    return (
        f"# Evaluation\n\nReknit {__version__}, {sizes.seed_set} seeds (from {sizes.seed}), {size} sizes: "
        f"{sizes.relationships} relationships to fit on and as many to score on in each of "
        f"{len(sizes.worlds)} "
        f"foreign worlds, {sizes.particles} particles behind the limit."
    )


def exactness_section(sizes: Plan) -> Section:
    text = "Differences are absolute; trust is in points of a scale from 1 to 7."
    return Section("Exactness and equality", text, {"Exactness": exactness(sizes)})


def calibration_section(sizes: Plan) -> Section:
    per_draw, ranks = calibration.of_the_model(sizes)
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
        f"{sizes.calibration} sets of parameters drawn from the prior, "
        f"{calibration.RELATIONSHIPS} relationships "
        "each, all channels, estimated with the parameters they were drawn with. ECE: expected "
        "calibration error."
    )
    tables = {"Calibration on the model's own worlds": pooled, "Calibration, extremes over draws": spread}
    return Section("Calibration (simulation-based)", text, tables, {"Ranks of the true trust": figure})


def foreign_calibration_section(sizes: Plan) -> Section:
    table = pl.concat([calibration.of_foreign(one) for one in trials(sizes)])
    text = "Worlds that are not the model; parameters fitted on other relationships of the same world."
    return Section("Calibration on foreign worlds", text, {"Calibration on foreign worlds": table})


def recovery_section(sizes: Plan) -> Section:
    text = (
        "Fits on worlds drawn from the prior, then the repair gain in worlds that are not the "
        "model, once in each "
        "world and many times over in a few. Errors are on the parameters' own scale (ratings 0 to 1, weeks)."
    )
    tables = {
        "Recovery of the model's parameters": recovery.of_the_model(sizes),
        "Repair gain in foreign worlds": recovery.gain_in_trials(trials(sizes)),
        "Repair gain over many runs": recovery.gain_repeated(sizes),
    }
    return Section("Recovery and the repair gain", text, tables)


def detection_section(sizes: Plan) -> Section:
    found = [detection.detection(one) for one in trials(sizes)]
    table = pl.concat(found)
    mean = (
        table.group_by("channels", "detector", maintain_order=True)
        .agg(
            pl.col("AUC", "AUC below limit", "caught", "of the limit", "caught within 3", "delay").mean(),
            ((pl.col("se") ** 2).sum().sqrt() / pl.len()).alias("se of the fraction"),
        )
        .sort("channels", "of the limit", descending=[True, True])
    )
    figures = {
        "Fraction of the limit reached": fractions(mean),
        "Noticing ruptures, ratings alone": curves(trial(next(iter(sizes.worlds)), sizes, False)),
        "Noticing ruptures, all channels": curves(trial(next(iter(sizes.worlds)), sizes, True)),
    }
    text = (
        "At 5 false alarms per 100 sessions without a rupture, judged at rated sessions after "
        "the first, from data "
        "up to that session only. A rupture that takes several sessions counts in each session "
        "in which trust fell; "
        "*caught within 3* and *delay* (in sessions) go by its first session."
    )
    return Section(
        "Detection", text, {"Detection, mean over worlds": mean, "Detection by world": table}, figures
    )


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


def curves(one: Trial) -> str:
    """ROC curves up to 20 false alarms per 100 sessions."""
    event, shown = one.truth("true_rupture"), {}
    wanted = (
        "limit (knows the world)",
        "model, fitted",
        "stiles2004",
        "control-chart",
        "observed",
        "openfit",
    )
    for name, score in detection.scores(one):
        if name in wanted:
            there = one.at_judged(score)
            alarms, caught = detection.roc(np.nan_to_num(there, nan=np.nanmin(there) - 1), event)
            keep = alarms <= 20
            shown[name] = (alarms[keep], caught[keep])
    x = Axis("false alarms per 100 sessions", 0, 20, (0, 5, 10, 15, 20))
    y = Axis("share of ruptures caught", 0, 1, (0, 0.25, 0.5, 0.75, 1))
    channels = "all channels" if one.all_channels else "ratings alone"
    return lines(f"Noticing ruptures: world “{one.name}”, {channels}", x, y, shown)


def more_detection_section(sizes: Plan) -> Section:
    every = trials(sizes)
    tables = {
        "Presence of unrepaired strain": pl.concat([detection.strain(one) for one in every]),
        "One session of hindsight": pl.concat([detection.hindsight(one) for one in every]),
        "What each channel is worth": pl.concat(
            [detection.ablations(one) for one in every if one.all_channels]
        ),
    }
    text = "Strain matters from half of a world's mean rupture upwards. Channels: as fitted with all."
    return Section("Strain, hindsight, and what each channel is worth", text, tables)


def forecast_section(sizes: Plan) -> Section:
    table = pl.concat([forecasts.on_simulated(one) for one in trials(sizes)])
    mean = table.group_by("channels", "forecast", maintain_order=True).agg(
        pl.col("log score", "RMSE", "80 % held").mean()
    )
    text = (
        "Every rating but a person's first, from what came before it; log score is the log "
        "density of a normal "
        "forecast per rating (higher is better). Everything is fitted on other people of the same world."
    )
    tables = {"Forecasts, mean over worlds": mean, "Forecasts by world": table}
    return Section("Forecasts on simulated people", text, tables)


def real_section(folder: Path | None) -> Section:
    forecasted, events, missing = [], [], []
    for series in forecasts.REAL:
        table = forecasts.read(series, folder) if folder is not None else None
        if table is None:
            missing.append(series.file)
            continue
        scored, labelled = forecasts.on_real(series, table)
        forecasted.append(scored)
        events.append(labelled)
    text = "Fitted on every other person, scored on the rest, then the other way round."
    if missing:
        text += f" Left out because the file is not there: {', '.join(missing)}."
    tables: dict[str, pl.DataFrame] = {}
    if forecasted:
        tables["Forecasts on real series"] = pl.concat(forecasted)
        tables["Labelled events on real series"] = pl.concat([table for table in events if table.height])
    return Section("Forecasts on real series", text, tables)


def null_section(sizes: Plan) -> Section:
    every = trials(sizes)
    tables = {
        "Alarms per 100 quiet sessions": pl.concat([nulls.alarm_rates(one) for one in every]),
        "Restored and exceeded": pl.concat([nulls.outcomes(one) for one in every]),
    }
    text = (
        "Thresholds are the model's own for the stated rate, from its fitted parameters. "
        "*Restored* and *exceeded* "
        f"are judged {nulls.LATER} sessions after a rupture, against what would have been without "
        f"it. The repair "
        "gain in worlds without one is under recovery."
    )
    return Section("Null worlds", text, tables)


def robustness_section(sizes: Plan) -> Section:
    text = "Cells that are not finite, intervals turned round, probabilities outside [0, 1]."
    return Section("Robustness", text, {"Hostile series": robustness(sizes)})


__all__ = ["evaluate", "main"]
