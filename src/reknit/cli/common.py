"""What the commands share: arguments, progress, and refusals in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer


def group(**more: Any) -> typer.Typer:
    """A group of commands with plain help and plain errors."""
    return typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        **more,
    )


In = Annotated[
    Path,
    typer.Argument(
        metavar="IN",
        help="Sessions, one a row: CSV or Parquet by extension, or - for CSV from a pipe.",
    ),
]
InParts = Annotated[
    Path,
    typer.Argument(
        metavar="IN", help="Sessions, one a row: CSV, Parquet, a folder of parts, or - for CSV from a pipe."
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="OUT", help="Result: CSV or Parquet by extension, or - for CSV to a pipe."
    ),
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
Dask = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="For a folder of parts: a Dask scheduler, or local:N for N processes here.",
    ),
]


def only_for_folders(dask: str | None) -> None:
    """Refuse a cluster for a single file."""
    from reknit.cohort.tables import TableError

    if dask is not None:
        raise TableError("--dask: for a folder of parts, which `reknit partition` makes of a file")


def read_text(file: Path) -> str:
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
def working(
    what: str, stopped: Callable[[], str] = lambda: "nothing was written"
) -> Iterator[Callable[[float, str], None]]:
    """A progress bar on a terminal, silence anywhere else; yields a function that hears the progress.

    Args:
        what: is being done.
        stopped: says what is left when somebody stops it.
    """
    try:
        with _bar(what) as tell:
            yield tell
    except KeyboardInterrupt:
        sys.stderr.write(f"stopped: {stopped()}\n")
        raise


@contextmanager
def _bar(what: str) -> Iterator[Callable[[float, str], None]]:
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
