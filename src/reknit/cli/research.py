"""Research: trust, its parameters, episodes, simulation, figures, evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from reknit.cli.common import (
    Dask,
    In,
    InParts,
    Lower,
    Out,
    ParamsFile,
    ScaleText,
    Smooth,
    group,
    only_for_folders,
    working,
)

app = group()


@app.command(short_help="Trust after every session, with its doubt.")
def trust(
    source: InParts,
    *,
    output: Out,
    scale: ScaleText = "1:7",
    params: ParamsFile = None,
    smooth: Smooth = False,
    lower_is_better: Lower = False,
    false_alarms: Annotated[
        float | None,
        typer.Option(
            "--false-alarms",
            metavar="N",
            help="Add a column `alarm` (0 or 1): about N false alarms per 100 sessions without a rupture.",
        ),
    ] = None,
    dask: Dask = None,
) -> None:
    """Estimate trust after every session: the same rows with trust, its intervals and what it rests on.

    A folder of parts makes a folder of results; parts that were done before and have not changed are kept.
    """
    from reknit.cohort import runs, tables

    loaded = runs.load_params(params)
    if source.is_dir():
        from reknit.cohort.partitions import parts_of
        from reknit.cohort.scale import How, estimate_folder

        how = How(tables.parse_scale(scale), loaded, smooth, lower_is_better, false_alarms)
        with working(
            "Estimating trust", lambda: "run it again to go on; parts that are done are kept"
        ) as tell:
            done = estimate_folder(source, output, how, tell=tell, dask=dask)
        typer.echo(f"{output}: {_parts(done, len(parts_of(output)))}")
        return
    only_for_folders(dask)
    tables.check_output(output, source=source)
    table = tables.read_sessions(source, tables.parse_scale(scale))
    with working("Estimating trust"):
        added = runs.estimate(
            table, params=loaded, smooth=smooth, lower_is_better=lower_is_better, false_alarms=false_alarms
        )
        tables.write_frame(table.with_added(added), output)


def _parts(done: int, there: int) -> str:
    """How many parts were done and how many kept."""
    kept = there - done
    if not kept:
        return f"{there} part{'s' * (there > 1)} done"
    if not done:
        return f"all {there} parts kept: nothing had changed"
    return f"{done} of {there} parts done, {kept} kept: they had not changed"


@app.command(short_help="Learn the model's parameters from sessions.")
def fit(
    source: InParts,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="P.json", help="Where the parameters go.")
    ],
    scale: ScaleText = "1:7",
    lower_is_better: Lower = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from where an interrupted fit to the same file stopped.")
    ] = False,
    dask: Dask = None,
) -> None:
    """Learn the model's parameters from your own sessions, each with its standard error."""
    from reknit.cohort import runs, tables
    from reknit.cohort import scale as scaled

    tables.check_output(output, [".json"])
    limits = tables.parse_scale(scale)
    checkpoint = output.with_name(output.name + ".part")
    if not resume:
        checkpoint.unlink(missing_ok=True)

    def stopped() -> str:
        return "add --resume to go on from here" if checkpoint.exists() else "nothing was written"

    with working("Fitting", stopped) as tell:
        rest: dict[str, Any] = {"lower_is_better": lower_is_better, "tell": tell, "checkpoint": checkpoint}
        if source.is_dir():
            found = scaled.fit_folder(source, limits, dask=dask, **rest)
        else:
            only_for_folders(dask)
            found = runs.fit(tables.read_sessions(source, limits), **rest)
    if not found.n:
        raise tables.TableError(f"{source}: column alliance: there is no rating to learn from")
    tables.write_bytes(found.to_json().encode(), output, [".json"])
    checkpoint.unlink(missing_ok=True)


@app.command(short_help="Ruptures, repairs and sudden changes.")
def episodes(
    source: In,
    *,
    output: Out,
    criterion: Annotated[
        str, typer.Option("--criterion", "-c", metavar="NAME", help="A criterion's name, or `all`.")
    ] = "all",
    scale: ScaleText = "1:7",
    cutoff: Annotated[
        float | None,
        typer.Option(
            "--cutoff", metavar="X", help="Cut-off in units of the rating, for criteria that take one."
        ),
    ] = None,
    lower_is_better: Lower = False,
    params: ParamsFile = None,
    options: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=NUMBER", help="A criterion's own parameter, such as sds=1.5."),
    ] = None,
) -> None:
    """Find ruptures, repairs and sudden changes by a published criterion: one row an episode.

    Criteria: stiles2004, strauss2006, gumz2012, reliable-change, control-chart, ewma, cusum, sudden-gain,
    sudden-loss, openfit, expected-response, observed, model.
    """
    from reknit.cohort import runs, tables

    tables.check_output(output, source=source)
    named = runs.parse_options(options or [])
    loaded = runs.load_params(params)
    needs = [] if criterion == "observed" else ["alliance"]
    table = tables.read_sessions(source, tables.parse_scale(scale), needs=needs)
    with working("Looking for episodes"):
        found = runs.find_episodes(
            table,
            criterion,
            cutoff=cutoff,
            lower_is_better=lower_is_better,
            params=loaded,
            options=named,
        )
        tables.write_frame(found, output)


@app.command(short_help="Made-up relationships whose truth is known.")
def simulate(
    *,
    output: Out,
    relationships: Annotated[int, typer.Option(min=1, metavar="N", help="How many relationships.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, metavar="S", help="The same seed gives the same table.")] = 0,
    generator: Annotated[
        str, typer.Option(metavar="NAME", help="`model`, or `foreign` for a world that is not the model.")
    ] = "model",
    sessions: Annotated[
        str, typer.Option(metavar="LO:HI", help="Fewest and most sessions planned.")
    ] = "6:20",
    scale: ScaleText = "1:7",
    params: ParamsFile = None,
) -> None:
    """Draw made-up relationships whose truth is known, in columns that begin with true_."""
    from reknit.cohort import runs, tables
    from reknit.trust.simulate import simulate as draw

    tables.check_output(output)
    with runs.blaming("simulate"), working("Simulating"):
        drawn = draw(
            relationships=relationships,
            seed=seed,
            generator=generator,
            sessions=runs.span_of(sessions),
            params=runs.load_params(params),
            scale=tables.parse_scale(scale),
        )
        tables.write_frame(drawn, output)


@app.command(short_help="One relationship's trust curve as a figure.")
def plot(
    source: In,
    *,
    client: Annotated[str, typer.Option("--client", metavar="ID", help="Whose curve.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FIG", help="Figure: .svg, .pdf or .png.")
    ],
    therapist: Annotated[
        str | None, typer.Option("--therapist", metavar="ID", help="With whom, if there are several.")
    ] = None,
    scale: ScaleText = "1:7",
    params: ParamsFile = None,
    smooth: Smooth = False,
    lower_is_better: Lower = False,
    zoom: Annotated[
        bool, typer.Option("--zoom", help="Show only the part of the scale that is used.")
    ] = False,
) -> None:
    """Draw one relationship's trust: a thread, its doubt, thin places, and stitches where it was repaired."""
    from reknit.cohort import figures, runs, tables

    tables.check_output(output, figures.KINDS)
    loaded = runs.load_params(params)
    table = figures.one_relationship(
        tables.read_sessions(source, tables.parse_scale(scale)), client, therapist
    )
    points = figures.curve(table, params=loaded, smooth=smooth, lower_is_better=lower_is_better)
    svg = figures.draw(
        points,
        table.scale,
        title=f"Trust of {client}",
        axis=figures.axis_of(table),
        zoom=zoom,
        turned=lower_is_better,
    )
    figures.save(svg, output)


@app.command(short_help="The tables and figures of the evaluation.")
def evaluate(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FOLDER", help="Where the report, tables and figures go."),
    ] = Path("evaluation"),
    *,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, for a look: some minutes.")] = False,
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="SET", help="`report`, or `development` to try things on.")
    ] = "report",
    series: Annotated[
        Path | None, typer.Option("--series", metavar="FOLDER", help="Real series, left out where absent.")
    ] = None,
    processes: Annotated[
        int | None, typer.Option("--processes", min=1, metavar="N", help="How many at a time; one a core.")
    ] = None,
    document: Annotated[
        Path | None,
        typer.Option("--document", metavar="FILE", help="A page whose marked places take the tables too."),
    ] = None,
) -> None:
    """Repeat the evaluation: exactness, calibration, recovery, detection, forecasts, null worlds."""
    from reknit.cohort import evaluate as evaluation
    from reknit.cohort import runs

    with runs.blaming(output), working("Evaluating") as tell:
        report = evaluation.main(output, quick, seeds, series, tell, processes, document)
    typer.echo(str(report))
