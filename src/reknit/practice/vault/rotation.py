"""Changing keys: a new one in front, everything closed with it, old ones retired when nothing needs them.

Works while the practice is running. Every value is replaced only if it is still the one that was read, so
nothing that somebody writes meanwhile is lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction

from reknit.practice.vault.fields import EncryptedBytesField, EncryptedTextField
from reknit.practice.vault.rings import RINGS, KeyMissing, keys_in, ring, ring_path, write_private

BATCH = 500


@dataclass(frozen=True)
class Column:
    """One encrypted column: its table, key and name, and whether its tokens sit inside JSON."""

    table: str
    key: str
    name: str
    is_json: bool = False

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


@dataclass(frozen=True)
class Rotation:
    """What a rotation did: the ring, how many values were closed again, how many keys the ring holds now."""

    ring: str
    values: int
    keys: int


def rotate(name: str) -> Rotation:
    """Put a new key at the front of the ring ``name`` and close everything again with it; old keys stay.

    Raises:
        KeyMissing: a stored value cannot be opened; the new key is in place, and the call can be repeated.
    """
    path = ring_path(_rotatable(name))
    write_private(path, "\n".join([Fernet.generate_key().decode(), *keys_in(path)]) + "\n")
    return Rotation(name, _close_again(name, ring(name)), len(keys_in(path)))


def retire_old_keys(name: str) -> Rotation:
    """Close again what an older key still closes, then forget every key but the newest.

    Backups made before need the old keys; each backup carries the keys of its day.
    """
    path = ring_path(_rotatable(name))
    values = _close_again(name, ring(name))
    newest = keys_in(path)[0]
    only = MultiFernet([Fernet(newest)])
    for column in columns(name):
        for _key, value in _rows(column):
            _each_token(column, value, partial(_must_open, only, column))
    write_private(path, newest + "\n")
    return Rotation(name, values, 1)


def check_keys(using: str = "default") -> None:
    """Open one value of every encrypted column.

    Raises:
        KeyMissing: a ring is absent, or its keys belong to another database.
    """
    for name in RINGS:
        keys = ring(name)
        for column in columns(name):
            for _key, value in _rows(column, limit=1, using=using):
                _each_token(column, value, partial(_must_open, keys, column))


def columns(name: str) -> list[Column]:
    """Every column whose values the ring ``name`` closes."""
    found = []
    for model in apps.get_models():
        meta = model._meta
        key = str(meta.pk.column)
        for field in meta.local_fields:
            if isinstance(field, EncryptedTextField | EncryptedBytesField) and field.ring == name:
                found.append(Column(meta.db_table, key, str(field.column)))
            elif settings.VAULT_JSON.get(f"{meta.label}.{field.name}") == name:
                found.append(Column(meta.db_table, key, str(field.column), is_json=True))
    return found


def _rotatable(name: str) -> str:
    if name not in RINGS:
        raise ValueError(f"only {' and '.join(RINGS)} can be rotated, not {name!r}")
    return name


def _close_again(name: str, keys: MultiFernet) -> int:
    newest = MultiFernet([Fernet(keys_in(ring_path(name))[0])])
    return sum(_close_column(column, keys, newest) for column in columns(name))


def _close_column(column: Column, keys: MultiFernet, newest: MultiFernet) -> int:
    """Close again each value of one column that the newest key does not open; returns how many."""

    def again(token: bytes) -> bytes:
        try:
            newest.decrypt(token)
        except InvalidToken:
            _must_open(keys, column, token)
            return keys.rotate(token)
        return token

    done = 0
    table, key, name = (connection.ops.quote_name(part) for part in (column.table, column.key, column.name))
    for row_key, value in _rows(column):
        new = _each_token(column, value, again)
        if new != value:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {table} SET {name} = %s WHERE {key} = %s AND {name} = %s", [new, row_key, value]
                )
                done += cursor.rowcount
    return done


def _rows(column: Column, limit: int | None = None, using: str = "default") -> Iterator[tuple[Any, Any]]:
    """(key, stored value) of every row that holds something, a batch at a time in the order of the key."""
    table, key, name = (connection.ops.quote_name(part) for part in (column.table, column.key, column.name))
    size, last = limit or BATCH, None
    select = f"SELECT {key}, {name} FROM {table} WHERE {name} IS NOT NULL"
    while True:
        after = "" if last is None else f" AND {key} > %s"
        with connections[using].cursor() as cursor:
            cursor.execute(f"{select}{after} ORDER BY {key} LIMIT {size}", [] if last is None else [last])
            rows = cursor.fetchall()
        yield from ((row_key, bytes(v) if isinstance(v, memoryview) else v) for row_key, v in rows if v)
        if limit or len(rows) < size:
            return
        last = rows[-1][0]


def _each_token(column: Column, value: Any, change: Callable[[bytes], bytes]) -> Any:
    """``value`` with ``change`` applied to its token, or to each token inside its JSON."""
    if column.is_json:
        return json.dumps(_in_json(json.loads(value), change))
    return change(value) if isinstance(value, bytes) else change(value.encode("ascii")).decode("ascii")


def _in_json(value: Any, change: Callable[[bytes], bytes]) -> Any:
    if isinstance(value, dict):
        return {name: _in_json(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_json(item, change) for item in value]
    if isinstance(value, str) and value.startswith("gAAAA"):
        return change(value.encode("ascii")).decode("ascii")
    return value


def _must_open(keys: MultiFernet, column: Column, token: bytes) -> bytes:
    try:
        keys.decrypt(token)
    except InvalidToken as error:
        raise KeyMissing(
            f"A value in {column} was closed with a key that is not on the ring. "
            "Restore the keys folder that belongs to this database."
        ) from error
    return token
