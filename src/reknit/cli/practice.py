"""The practice: serving it, keeping it, and what people may ask of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reknit.cli.common import group

if TYPE_CHECKING:
    from reknit.practice.people.models import Relationship

app = group()

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="Whose contents seal it; without it you are asked for a passphrase.",
    ),
]
Number = Annotated[int, typer.Argument(metavar="RELATIONSHIP", help="The relationship's number.")]


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


@app.command(short_help="Seal a proved copy of everything.")
def backup(
    output: Annotated[Path, typer.Argument(metavar="FILE", help="Where the sealed backup goes.")],
    *,
    key_file: KeyFile = None,
) -> None:
    """Write a sealed backup while people work, and prove it by restoring it into a scratch database.

    Keep the passphrase or key file apart from the backup: whoever has both has everything.
    """
    with _practice():
        from reknit.practice.rights import backup as backups

        made = backups.backup(output, _secret(key_file, new=True))
    typer.echo(f"{output}: {sum(made.rows.values())} rows, made {made.made_at}, proved")


@app.command(short_help="Put a backup back.")
def restore(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    *,
    key_file: KeyFile = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Over a database that holds people; its keys are moved aside.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only prove that it could be restored.")] = False,
) -> None:
    """Put the database, the keys and the files of a backup back. Stop the server first."""
    with _practice():
        from reknit.practice.rights import backup as backups

        secret = _secret(key_file, new=False)
        held = backups.check(source, secret) if check else backups.restore(source, secret, replace=replace)
    typer.echo(f"{source}: made {held.made_at}, {'proved' if check else 'restored'}")


@app.command(short_help="A copy of everything about one relationship.")
def export(
    relationship: Number,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.zip", help="Where the copy goes.")],
) -> None:
    """Write everything kept about one relationship, to read and for machines.

    It holds words that the therapist may not read: hand it to the client, and to nobody else.
    """
    with _practice():
        from reknit.practice.rights.export import export as write

        held = write(_relationship(relationship), output)
    typer.echo(f"{output}: {sum(held.values())} entries")


@app.command(short_help="Delete everything about one relationship.")
def erase(
    relationship: Number,
    *,
    reason: Annotated[
        str, typer.Option(metavar="CODE", help="For the trail, such as request or retention.")
    ] = "request",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a relationship and all that hangs on it; report what went, what was looked for, what stays."""
    with _practice():
        from reknit.practice.rights.erase import erase as delete

        found = _relationship(relationship)
        if not yes:
            typer.confirm(f"Delete relationship {relationship} for good?", abort=True)
        done = delete(found, reason=reason)
    typer.echo(json.dumps(asdict(done), indent=1))


@contextmanager
def _practice() -> Iterator[None]:
    """Django made ready; what the practice refuses becomes one line and status 1."""
    from reknit.practice import launch

    launch.setup()
    from django.db import DatabaseError

    from reknit.practice.rights.backup import BackupError, CannotOpen
    from reknit.practice.rights.erase import StillHeld

    try:
        yield
    except (BackupError, CannotOpen, StillHeld) as trouble:
        said = str(trouble)
    except OSError as trouble:
        said = f"{trouble.filename}: {trouble.strerror}"
    except DatabaseError as trouble:
        said = f"The database cannot be used ({trouble}); has this practice been served once?"
    else:
        return
    typer.echo(" ".join(said.split()), err=True)
    raise typer.Exit(1)


def _secret(key_file: Path | None, *, new: bool) -> bytes:
    """The contents of the key file, or a passphrase from the keyboard."""
    if key_file is not None:
        return key_file.read_bytes()
    text: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new)
    return text.encode()


def _relationship(number: int) -> Relationship:
    from reknit.practice.people.models import Relationship

    found = Relationship.objects.filter(pk=number).first()
    if found is None:
        typer.echo(f"there is no relationship {number}", err=True)
        raise typer.Exit(2)
    return found


def _start(what: Callable[[str, int], None], host: str, port: int) -> None:
    from reknit.practice.launch import CannotStart

    try:
        what(host, port)
    except CannotStart as trouble:
        typer.echo(" ".join(str(trouble).split()), err=True)
        raise typer.Exit(1) from None
