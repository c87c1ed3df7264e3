"""The command line: every command is thin and loads what it needs when it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="reknit",
    help="Trust in the therapeutic relationship: estimate it, find ruptures and repairs, serve the practice.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
words = typer.Typer(
    help="Language that coaches; nothing is kept.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(words, name="words")

In = Annotated[Path, typer.Argument(metavar="IN", help="Sessions, one a row: CSV or Parquet by extension.")]
Out = Annotated[
    Path, typer.Option("--output", "-o", metavar="OUT", help="Result: CSV or Parquet by extension.")
]
ScaleText = Annotated[
    str, typer.Option("--scale", metavar="LO:HI", help="Lowest and highest possible rating.")
]
ParamsFile = Annotated[
    Path | None,
    typer.Option(
        "--params", metavar="P.json", help="Parameters from `reknit fit`; without it the shipped ones."
    ),
]
Lower = Annotated[
    bool, typer.Option("--lower-is-better", help="The ratings are of something bad, such as symptoms.")
]
Smooth = Annotated[
    bool,
    typer.Option("--smooth", help="Look back from the end of each series instead of session by session."),
]


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        from reknit import __version__

        typer.echo(f"reknit {__version__}")
        raise typer.Exit


@app.command(short_help="Trust after every session, with its doubt.")
def trust(
    source: In,
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
) -> None:
    """Estimate trust after every session: the same rows with trust, its intervals and what it rests on."""
    from reknit.cohort import runs, tables

    tables.check_output(output)
    loaded = runs.load_params(params)
    table = tables.read_sessions(source, tables.parse_scale(scale))
    with _working("Estimating trust"):
        added = runs.estimate(
            table, params=loaded, smooth=smooth, lower_is_better=lower_is_better, false_alarms=false_alarms
        )
        tables.write_frame(table.with_added(added), output)


@app.command(short_help="Learn the model's parameters from sessions.")
def fit(
    source: In,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="P.json", help="Where the parameters go.")
    ],
    scale: ScaleText = "1:7",
    lower_is_better: Lower = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from where an interrupted fit to the same file stopped.")
    ] = False,
) -> None:
    """Learn the model's parameters from your own sessions, each with its standard error."""
    from reknit.cohort import runs, tables

    tables.check_output(output, [".json"])
    table = tables.read_sessions(source, tables.parse_scale(scale))
    checkpoint = output.with_name(output.name + ".part")
    if not resume:
        checkpoint.unlink(missing_ok=True)
    with _working("Fitting") as tell:
        found = runs.fit(table, lower_is_better=lower_is_better, tell=tell, checkpoint=checkpoint)
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

    tables.check_output(output)
    named = runs.parse_options(options or [])
    loaded = runs.load_params(params)
    needs = [] if criterion == "observed" else ["alliance"]
    table = tables.read_sessions(source, tables.parse_scale(scale), needs=needs)
    with _working("Looking for episodes"):
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
    with runs.blaming("simulate"), _working("Simulating"):
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
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, for a look: about a minute.")] = False,
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="SET", help="`report`, or `development` to try things on.")
    ] = "report",
    series: Annotated[
        Path | None, typer.Option("--series", metavar="FOLDER", help="Real series, left out where absent.")
    ] = None,
) -> None:
    """Repeat the evaluation: exactness, calibration, recovery, detection, forecasts, null worlds."""
    from reknit.cohort import evaluate as evaluation
    from reknit.cohort import runs

    with runs.blaming(output), _working("Evaluating") as tell:
        report = evaluation.main(output, quick=quick, seed_set=seeds, series=series, tell=tell)
    typer.echo(str(report))


@words.command("draft")
def words_draft(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A draft reply, plain text; - reads from the keyboard.")
    ],
) -> None:
    """Read a draft reply for defending and for the moves that help: JSON on standard output."""
    from reknit.words import read_draft

    typer.echo(json.dumps(read_draft(_text(file)).as_dict(), ensure_ascii=False, indent=1))


@words.command("match")
def words_match(
    learning: Annotated[str | None, typer.Option(help="What was learned, in the client's words.")] = None,
    polarity: Annotated[
        str, typer.Option(metavar="avoid|likes|only-if", help="What follows from it.")
    ] = "avoid",
    homework: Annotated[str | None, typer.Option(help="What you mean to suggest.")] = None,
    pairs: Annotated[
        Path | None,
        typer.Option("--pairs", metavar="PAIRS", help="Many at once: columns learning, homework, polarity."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="OUT", help="For --pairs.")] = None,
) -> None:
    """Hold homework against a learning: does it ask for what was not to be asked again?"""
    from reknit.cohort import runs, tables

    if pairs is not None:
        if output is None:
            raise tables.TableError("--pairs needs -o OUT")
        tables.check_output(output)
        with _working("Matching"):
            tables.write_frame(runs.match_pairs(pairs), output)
        return
    if learning is None or homework is None:
        raise tables.TableError("give --learning and --homework, or --pairs with -o")
    from reknit.words import match

    if polarity not in ("avoid", "likes", "only-if"):
        raise tables.TableError(f"--polarity {polarity!r}: expected avoid, likes or only-if")
    typer.echo(json.dumps(match(learning, polarity, homework).as_dict(), ensure_ascii=False, indent=1))  # type: ignore[arg-type]


@app.command(short_help="Serve the practice.")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve the practice: check-ins, briefs, repairs."""
    from reknit.practice import launch

    _start(launch.serve, host, port)


@app.command(short_help="Serve a demonstration with invented people.")
def demo(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
) -> None:
    """Serve a demonstration with invented people, in a folder of its own."""
    from reknit.practice import launch

    _start(launch.demo, host, port)


def _start(what: Callable[[str, int], None], host: str, port: int) -> None:
    from reknit.practice.launch import CannotStart

    try:
        what(host, port)
    except CannotStart as trouble:
        typer.echo(" ".join(str(trouble).split()), err=True)
        raise typer.Exit(1) from None


def _text(file: Path) -> str:
    from reknit.cohort.tables import TableError

    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TableError(f"{file}: no such file") from None
    except UnicodeDecodeError as trouble:
        line = file.read_bytes()[: trouble.start].count(b"\n") + 1
        raise TableError(f"{file}: line {line}: the encoding is not UTF-8") from None
    except OSError as trouble:
        raise TableError(f"{file}: cannot be read ({trouble.strerror})") from None


def _silent(share: float, note: str = "") -> None:
    """Where nobody watches, progress is not shown."""


@contextmanager
def _working(what: str) -> Iterator[Callable[[float, str], None]]:
    """A progress bar on a terminal, silence anywhere else; yields a function that hears the progress."""
    if not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(share: float, note: str = "") -> None:
            bar.update(task, completed=share, total=1.0, description=note or what)

        yield tell


def main() -> None:
    """Run a command; a refusal is one line on standard error and status 2."""
    try:
        app()
    except ValueError as trouble:
        from reknit.cohort.tables import TableError

        if not isinstance(trouble, TableError):
            raise
        sys.stderr.write(" ".join(str(trouble).splitlines()) + "\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
