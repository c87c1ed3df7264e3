"""The practice: serving it, keeping it, and what people may ask of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from reknit.cli.common import group

if TYPE_CHECKING:
    from reknit.cohort.exchange import Dossier
    from reknit.practice.people.access import Visitor
    from reknit.practice.people.models import Relationship

app = group()

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="Whose contents are the passphrase; without it you are asked for one.",
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
    with practice_ready():
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
    with practice_ready():
        from reknit.practice.rights import backup as backups

        secret = _secret(key_file, new=False)
        held = backups.check(source, secret) if check else backups.restore(source, secret, replace=replace)
    typer.echo(f"{source}: made {held.made_at}, {'proved' if check else 'restored'}")


@app.command(short_help="A copy of everything about one relationship.")
def export(
    relationship: Number,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="OUT", help="A .zip for the client, or a .json (FHIR Bundle)."
        ),
    ],
) -> None:
    """Write what is kept about one relationship.

    A .zip holds everything, to read and for machines, also words that the therapist may not read: hand it to
    the client, and to nobody else. A .json is a FHIR Bundle of what its therapist may know.
    """
    if output.suffix not in (".zip", ".json"):
        _refuse(f"{output}: unknown extension {output.suffix or '(none)'}; use .zip or .json")
    with practice_ready():
        from reknit.practice.rights.export import export as write

        found = _relationship(relationship)
        if output.suffix == ".zip":
            entries = sum(write(found, output).values())
        else:
            entries = _write_bundle(found, output)
    typer.echo(f"{output}: {entries} entries")


@app.command("import", short_help="Take in relationships from another system.")
def take_in(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="A FHIR Bundle (.json), or a folder of .ndjson files.")
    ],
    therapist: Annotated[
        str, typer.Option("--therapist", metavar="EMAIL", help="The account that takes them over.")
    ],
) -> None:
    """Make the records of a FHIR Bundle: all of them or none. Trust is estimated anew."""
    from reknit.cohort.exchange import ExchangeError

    with practice_ready():
        from django.core.exceptions import PermissionDenied
        from django.db import transaction

        from reknit.practice.exchange.restore import restore as take
        from reknit.practice.loop import NotNow

        try:
            dossiers = _dossiers(source)
            visitor = _visitor(therapist)
            with transaction.atomic():
                numbers = [take(visitor, dossier).pk for dossier in dossiers]
        except ExchangeError as trouble:
            _refuse(f"{source}: {trouble}")
        except NotNow as trouble:
            _refuse(f"{source}: {trouble}", status=1)
        except PermissionDenied:
            _refuse(f"{therapist} is no therapist of a clinic", status=1)
    typer.echo(f"{source}: {len(numbers)} relationships ({', '.join(map(str, numbers))})")


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
    with practice_ready():
        from reknit.practice.rights.erase import erase as delete

        found = _relationship(relationship)
        if not yes:
            typer.confirm(f"Delete relationship {relationship} for good?", abort=True)
        done = delete(found, reason=reason)
    typer.echo(json.dumps(asdict(done), indent=1))


@contextmanager
def practice_ready() -> Iterator[None]:
    """Django made ready; what the practice refuses becomes one line and status 1."""
    from reknit.practice import launch

    launch.setup()
    from django.db import DatabaseError

    from reknit.practice.rights.backup import BackupError, CannotOpen
    from reknit.practice.rights.erase import StillHeld
    from reknit.practice.vault.rings import KeyMissing

    try:
        yield
    except (BackupError, CannotOpen, KeyMissing, StillHeld) as trouble:
        said = str(trouble)
    except OSError as trouble:
        said = f"{trouble.filename}: {trouble.strerror}"
    except DatabaseError as trouble:
        said = f"The database cannot be used ({trouble}); has this practice been served once?"
    else:
        return
    _refuse(said, status=1)


def _secret(key_file: Path | None, *, new: bool) -> bytes:
    """The contents of the key file, or a passphrase from the keyboard."""
    from reknit.practice.rights.sealed import SHORTEST_SECRET

    if key_file is not None:
        secret = key_file.read_bytes()
    else:
        text: str = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=new)
        secret = text.encode()
    if len(secret) < SHORTEST_SECRET:
        _refuse(
            f"{key_file or 'the passphrase'}: a backup's passphrase has at least {SHORTEST_SECRET} characters"
        )
    return secret


def _relationship(number: int) -> Relationship:
    from reknit.practice.people.models import Relationship

    found = Relationship.objects.filter(pk=number).first()
    if found is None:
        _refuse(f"there is no relationship {number}")
    return found


def _visitor(email: str) -> Visitor:
    from reknit.practice.people.access import Visitor
    from reknit.practice.people.models import User

    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        _refuse(f"there is no account {email}")
    return Visitor(user=user)


def _write_bundle(relationship: Relationship, output: Path) -> int:
    from reknit.cohort.exchange import bundle
    from reknit.cohort.tables import write_bytes
    from reknit.practice import clock
    from reknit.practice.exchange.gather import gather
    from reknit.practice.people.access import Visitor

    dossier = gather(Visitor(user=relationship.therapist), relationship)
    made = bundle([dossier], clock.now().isoformat())
    write_bytes(json.dumps(made, ensure_ascii=False, indent=1).encode(), output, [".json"])
    return len(made["entry"])


def _dossiers(source: Path) -> list[Dossier]:
    from reknit.cohort.exchange import dossiers, from_bundle, read_bulk

    if source.is_dir():
        return dossiers(read_bulk(source))
    try:
        given = json.loads(source.read_text(encoding="utf-8"))
    except ValueError as trouble:
        _refuse(f"{source}: not JSON ({trouble})")
    if not isinstance(given, dict):
        _refuse(f"{source}: not a FHIR Bundle")
    return from_bundle(given)


def _refuse(said: str, status: int = 2) -> NoReturn:
    typer.echo(" ".join(said.split()), err=True)
    raise typer.Exit(status)


def _start(what: Callable[[str, int], None], host: str, port: int) -> None:
    from reknit.practice.launch import CannotStart

    try:
        what(host, port)
    except CannotStart as trouble:
        _refuse(str(trouble), status=1)
