"""Copying a whole database while it is in use, and putting a copy back: SQLite by its own backup interface,
PostgreSQL by its own programs."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.apps import apps
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

SCRATCH = "scratch"


class BackupError(RuntimeError):
    """Why a backup was not made or not restored, for the person at the terminal."""


def dump(target: Path) -> dict[str, int]:
    """Copy the database, as it stands at one moment, to ``target``; returns the rows of every table."""
    return _dump_postgres(target) if connection.vendor == "postgresql" else _dump_sqlite(target)


def load(source: Path) -> None:
    """Replace everything in the database by the copy ``source``, all or nothing."""
    if connection.vendor == "postgresql":
        _load_postgres(source, connection)
    else:
        connection.ensure_connection()
        with closing(sqlite3.connect(source)) as copy:
            copy.backup(connection.connection)
        connection.close()


@contextmanager
def scratch(source: Path) -> Iterator[str]:
    """Restore the copy ``source`` into a database of its own; gives the alias by which Django knows it."""
    settings = dict(connections.databases["default"])
    if connection.vendor == "sqlite":
        connections.databases[SCRATCH] = settings | {"NAME": source}
        made = None
    else:
        made = f"reknit_scratch_{secrets.token_hex(4)}"
        connections.databases[SCRATCH] = settings | {"NAME": made}
        _sql_outside(f'CREATE DATABASE "{made}"')
    try:
        if made:
            _load_postgres(source, connections[SCRATCH])
        yield SCRATCH
    finally:
        connections[SCRATCH].close()
        del connections[SCRATCH]
        del connections.databases[SCRATCH]
        if made:
            _sql_outside(f'DROP DATABASE "{made}"')


def count_rows(database: BaseDatabaseWrapper) -> dict[str, int]:
    """The number of rows of every table."""
    counts = {}
    with database.cursor() as cursor:
        for table in sorted(database.introspection.table_names(cursor)):
            cursor.execute(f"SELECT COUNT(*) FROM {database.ops.quote_name(table)}")
            counts[table] = int(cursor.fetchone()[0])
    return counts


def migrations_done(database: BaseDatabaseWrapper) -> list[str]:
    """What the database has been through, as ``app.migration``."""
    return sorted(".".join(each) for each in MigrationRecorder(database).applied_migrations())


def unknown_here(migrations: list[str]) -> list[str]:
    """Those of the migrations that this version does not know: they come from a newer one.

    Those of other people's apps do not count, which may squash theirs.
    """
    known = MigrationLoader(None).disk_migrations
    others = {app.label for app in apps.get_app_configs() if not app.name.startswith("reknit.")}
    named = [(each, *each.split(".", 1)) for each in migrations]
    return [each for each, app, name in named if app not in others and (app, name) not in known]


def _dump_sqlite(target: Path) -> dict[str, int]:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
        tables = [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: int(copy.execute(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0])
            for name in sorted(tables)
            if not name.startswith("sqlite_")
        }


def _dump_postgres(target: Path) -> dict[str, int]:
    connection.close()  # the isolation level is chosen before the first statement of a transaction
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        moment = cursor.fetchone()[0]
        _program(connection, "pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                 f"--snapshot={moment}", f"--file={target}")  # fmt: skip
        return count_rows(connection)


def _load_postgres(source: Path, into: BaseDatabaseWrapper) -> None:
    with into.cursor() as cursor:
        tables = into.introspection.table_names(cursor)
    drop, fill = source.with_suffix(".drop.sql"), source.with_suffix(".fill.sql")
    drop.write_text("".join(f"DROP TABLE {into.ops.quote_name(t)} CASCADE;\n" for t in tables))
    into.close()
    clean = ("--clean", "--if-exists") if tables else ()
    _program(into, "pg_restore", "--no-owner", *clean, f"--file={fill}", str(source), connects=False)
    _program(into, "psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1",
             "--output=" + os.devnull, f"--file={drop}", f"--file={fill}")  # fmt: skip


def _sql_outside(statement: str) -> None:
    """Run one statement that PostgreSQL allows in no transaction."""
    connection.ensure_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except Exception as error:
        raise BackupError(
            "The backup is proved by restoring it into a database of its own, which this account may not "
            "create. Allow it: ALTER ROLE ... CREATEDB."
        ) from error


def _program(database: BaseDatabaseWrapper, name: str, *arguments: str, connects: bool = True) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, never by the command line."""
    path = shutil.which(name)
    if not path:
        raise BackupError(f"PostgreSQL's program {name} is missing; install its client programs.")
    where = database.settings_dict
    pairs = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    env = os.environ | {pg: str(where[ours]) for pg, ours in pairs.items() if connects and where.get(ours)}
    done = subprocess.run([path, *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{name} failed: {done.stderr.strip().splitlines()[-1] if done.stderr else ''}")
