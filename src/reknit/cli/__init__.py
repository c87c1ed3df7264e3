"""The command line: every command is thin and loads what it needs when it runs."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from reknit.cli import language, national, practice, research, upkeep
from reknit.cli.common import group

app = group(
    name="reknit",
    help="Trust in the therapeutic relationship: estimate it, find ruptures and repairs, serve the practice.",
)
app.add_typer(research.app)
app.add_typer(national.app)
app.add_typer(language.app, name="words")
app.add_typer(practice.app)
app.add_typer(upkeep.keys, name="keys")
app.add_typer(upkeep.trail, name="trail")


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
    except OSError as trouble:
        if trouble.filename is not None:
            raise
        sys.stderr.write(f"cannot be written ({trouble.strerror})\n")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nothing more can be said there
        sys.exit(1)
