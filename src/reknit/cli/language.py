"""Language that coaches: a draft read, homework held against what was learned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from reknit.cli.common import group, read_text, working

app = group(help="Language that coaches; nothing is kept.")


@app.command("draft")
def words_draft(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A draft reply, plain text; - reads from the keyboard.")
    ],
) -> None:
    """Read a draft reply for defending and for the moves that help: JSON on standard output."""
    from reknit.words import read_draft

    typer.echo(json.dumps(read_draft(read_text(file)).as_dict(), ensure_ascii=False, indent=1))


@app.command("match")
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
        tables.check_output(output, source=pairs)
        with working("Matching"):
            tables.write_frame(runs.match_pairs(pairs), output)
        return
    if learning is None or homework is None:
        raise tables.TableError("give --learning and --homework, or --pairs with -o")
    for name, text in (("--learning", learning), ("--homework", homework)):
        if not text.strip():
            raise tables.TableError(f"{name}: it is empty")
    from reknit.words import match

    if polarity not in ("avoid", "likes", "only-if"):
        raise tables.TableError(f"--polarity {polarity!r}: expected avoid, likes or only-if")
    typer.echo(json.dumps(match(learning, polarity, homework).as_dict(), ensure_ascii=False, indent=1))  # type: ignore[arg-type]
