"""Nothing lost: a backup is made while people work, sealed, and proved by restoring it.

A backup holds the database, the keys that open it, and the files. It is worth nothing to whoever lacks its
passphrase or key file, and everything to whoever has both: keep them apart.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections

import reknit
from reknit.practice import clock
from reknit.practice.rights.databases import (
    BackupError,
    count_rows,
    dump,
    load,
    migrations_done,
    scratch,
    unknown_here,
)
from reknit.practice.rights.sealed import CannotOpen, Sealing, Unsealing
from reknit.practice.trail import record, verify
from reknit.practice.vault.rings import KeyMissing
from reknit.practice.vault.rotation import check_keys

__all__ = ["Backup", "BackupError", "CannotOpen", "backup", "check", "restore"]

DATABASE = "database"


@dataclass(frozen=True)
class Backup:
    """When and by which version a backup was made, of what kind of database, with how many rows a table, and
    which migrations had been done."""

    made_at: str
    version: str
    engine: str
    rows: dict[str, int]
    migrations: list[str] = field(default_factory=list)


def backup(path: Path, secret: bytes) -> Backup:
    """Write a sealed backup to ``path`` and prove it by restoring it into a scratch database.

    Args:
        path: where it goes; it appears there only once it is proved.
        secret: a passphrase of twelve characters or more, or the contents of a key file.

    Raises:
        BackupError: it could not be made, or did not prove.
    """
    with _workplace(path.parent) as place:
        rows = dump(place / DATABASE)
        done = migrations_done(connection)
        made = Backup(clock.now().isoformat(), reknit.__version__, connection.vendor, rows, done)
        fresh = place / "sealed"
        fresh.touch(mode=0o600)
        with fresh.open("wb") as file:
            with Sealing(file, secret) as sealing, _stream(sealing, "w|") as tar:
                _pack(tar, made, place / DATABASE)
            file.flush()
            os.fsync(file.fileno())
        (place / DATABASE).unlink()
        check(fresh, secret)
        fresh.replace(path)
    record("system", "backed_up", "house")
    return made


def check(path: Path, secret: bytes) -> Backup:
    """Restore a backup into a scratch database and look: rows, keys, and the trail.

    One of an older version is brought to this one there: what an update will do is tried out on a copy.

    Raises:
        CannotOpen: the file or the secret is not the right one.
        BackupError: it opened, but something in it is missing or wrong.
    """
    with _workplace(path.parent) as place:
        held = _unpack(path, secret, place)
        with scratch(place / DATABASE) as alias:
            found = count_rows(connections[alias])
            for table, rows in held.rows.items():
                if found.get(table) != rows:
                    raise BackupError(
                        f"The backup is incomplete: {table} has {found.get(table)} rows, not {rows}."
                    )
            if _same_keys(place):
                _bring_up_to_date(alias)
                _prove(alias)
    return held


def restore(path: Path, secret: bytes, *, replace: bool = False) -> Backup:
    """Put a backup back: database, keys and files. Stop the server first.

    Args:
        replace: allow it over a database that holds people. The keys it had are moved aside, not deleted.

    Raises:
        CannotOpen: nothing was changed.
        BackupError: nothing was changed either, unless it says that what was put back does not prove.
    """
    with _workplace(Path(settings.HOME)) as place:
        held = _unpack(path, secret, place)
        if held.engine != connection.vendor:
            raise BackupError(f"This backup is of {held.engine}; this installation uses {connection.vendor}.")
        if unknown_here(held.migrations):
            raise BackupError("This backup is of a newer version of Reknit. Install that one, then restore.")
        if not replace and _holds_people():
            raise BackupError("This database holds people already; say that they are to be replaced.")
        load(place / DATABASE)
        _put_back(place)
    _bring_up_to_date("default")
    _prove("default")
    record("system", "restored", "house", detail=held.made_at)
    return held


def _bring_up_to_date(alias: str) -> None:
    try:
        call_command("migrate", database=alias, interactive=False, verbosity=0)
    except Exception as error:
        raise BackupError(
            f"This version cannot bring the database up to date ({error}). Go back to the version before."
        ) from error


def _prove(alias: str) -> None:
    try:
        check_keys(using=alias)
    except KeyMissing as error:
        raise BackupError(f"The keys do not open the database. {error}") from error
    broken = verify(using=alias)
    if broken:
        first = broken[0]
        raise BackupError(f"The trail does not hold: {first.chain} entry {first.number} {first.why}.")


def _holds_people() -> bool:
    from reknit.practice.people.models import User

    try:
        return User.objects.exists()
    except DatabaseError:  # not even a table
        return False


@contextmanager
def _workplace(near: Path) -> Iterator[Path]:
    """A folder for the owner alone, on the same disk, gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix=".reknit-", dir=near))
    try:
        yield place
    finally:
        shutil.rmtree(place)


def _stream(file: Sealing | Unsealing, mode: Literal["r|", "w|"]) -> tarfile.TarFile:
    return tarfile.open(fileobj=cast("Any", file), mode=mode)


def _pack(tar: tarfile.TarFile, made: Backup, database: Path) -> None:
    """The manifest first, then the database, the keys, the files."""
    manifest = json.dumps(asdict(made)).encode()
    entry = tarfile.TarInfo("manifest.json")
    entry.size = len(manifest)
    tar.addfile(entry, io.BytesIO(manifest))
    tar.add(database, DATABASE)
    for name, folder in _folders():
        for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if file.is_file():
                tar.add(file, f"{name}/{file.relative_to(folder).as_posix()}")


def _folders() -> list[tuple[str, Path]]:
    return [("keys", Path(settings.VAULT_KEYS)), ("files", Path(settings.MEDIA_ROOT))]


def _unpack(path: Path, secret: bytes, place: Path) -> Backup:
    """Open a backup into ``place``; nothing is ever written outside it."""
    manifest: Backup | None = None
    with path.open("rb") as file, _stream(Unsealing(file, secret), "r|") as tar:
        for entry in tar:
            source = tar.extractfile(entry) if entry.isfile() else None
            target = (place / entry.name).resolve()
            if source is None or not target.is_relative_to(place.resolve()):
                raise BackupError(f"The backup holds something unexpected: {entry.name}")
            if entry.name == "manifest.json":
                told, known = json.load(source), {each.name for each in fields(Backup)}
                manifest = Backup(**{name: of_it for name, of_it in told.items() if name in known})
                continue
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("wb") as out:
                shutil.copyfileobj(source, out)
            target.chmod(0o600)
    if manifest is None or not (place / DATABASE).is_file():
        raise BackupError("The backup holds no database.")
    return manifest


def _same_keys(place: Path) -> bool:
    """Whether the backup's keys are the ones in use here (elsewhere they are proved when it is restored)."""
    here = {file.name: file.read_bytes() for file in Path(settings.VAULT_KEYS).iterdir() if file.is_file()}
    return all(here.get(file.name) == file.read_bytes() for file in (place / "keys").iterdir())


def _put_back(place: Path) -> None:
    """Swap in the folders of the backup; what was there is moved aside under the time of day."""
    stamp = clock.now().strftime("%Y%m%dT%H%M%S")
    for name, folder in _folders():
        if (place / name).is_dir():
            if folder.exists():
                folder.rename(folder.with_name(f"{folder.name}.before-{stamp}"))
            (place / name).rename(folder)
