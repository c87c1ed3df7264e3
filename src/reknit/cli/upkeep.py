"""Upkeep of the practice: its encryption keys and its trail."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from reknit.cli.common import group
from reknit.cli.practice import practice_ready

keys = group(help="The keys that close the clients' words.")
trail = group(help="The trail of changes and of every reading.")


class Ring(StrEnum):
    """A ring of keys."""

    RECORDS = "records"
    REFLECTIONS = "reflections"


Which = Annotated[
    Ring | None, typer.Argument(metavar="[RING]", help="records or reflections; both if left out.")
]


@keys.command(short_help="Put a new key in front and close everything again with it.")
def rotate(ring: Which = None) -> None:
    """Put a new key in front of a ring and close everything again with it, while people work."""
    with practice_ready():
        from reknit.practice.vault import rotation

        for name in [ring] if ring else Ring:
            done = rotation.rotate(name.value)
            typer.echo(f"{done.ring}: {done.values} values closed again, {done.keys} keys on the ring")


@keys.command(short_help="Forget every key but the newest.")
def retire(ring: Which = None) -> None:
    """Forget every key but the newest. Backups made before carry the keys of their day."""
    with practice_ready():
        from reknit.practice.vault import rotation

        for name in [ring] if ring else Ring:
            done = rotation.retire_old_keys(name.value)
            typer.echo(f"{done.ring}: {done.values} values closed again, {done.keys} key left")


@trail.command(short_help="Say whether the trail was tampered with.")
def verify() -> None:
    """Name every line of the trail that was changed, and end with status 1 if there is any."""
    with practice_ready():
        from reknit.practice.trail import verify as broken_lines

        broken = broken_lines()
    for line in broken:
        typer.echo(f"{line.chain} {line.number}: {line.why}")
    if broken:
        raise typer.Exit(1)
    typer.echo("the trail holds")
