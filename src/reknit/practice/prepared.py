"""What every check-in asks and writes, turned into SQL once instead of each time.

Django's query builder spends some three times as long on wording a small query as the database does on
answering it. A `Prepared` query is worded by Django as always, so that rules stay where they are decided, and
kept for each connection with places for its parameters.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    CharField,
    Field,
    FloatField,
    ForeignKey,
    Model,
    OneToOneField,
    PositiveBigIntegerField,
    PositiveIntegerField,
    QuerySet,
)
from django.db.models.sql.constants import ROW_COUNT
from django.db.models.sql.subqueries import UpdateQuery

_STANDS_FOR: dict[type, Callable[[int], Any]] = {
    int: lambda place: 8_999_999_999_999_000 + place,
    str: lambda place: f"the place of parameter {place}",
}


class Prepared:
    """A query with parameters.

    Args:
        build: makes the query set from one value for each parameter; called once a connection. What it does
            with a value must not depend on the value.
        kinds: the type of each parameter, `int` or `str`.
        change: for an UPDATE, the columns to set and their values.
    """

    def __init__(
        self, build: Callable[..., QuerySet[Any, Any]], *kinds: type, change: dict[str, Any] | None = None
    ) -> None:
        self._build, self._kinds, self._change = build, kinds, change
        self._local = threading.local()

    def rows(self, *given: Any) -> list[Any]:
        """What the query set would hold: models, tuples or values, as it was built."""
        query_set = self._ready(given)
        return list(query_set._iterable_class(query_set))

    def first(self, *given: Any) -> Any:
        """The first of them, or None."""
        return next(iter(self.rows(*given)), None)

    def update(self, *given: Any) -> int:
        """Carry out the change; how many rows it met."""
        self._ready(given)
        return int(self._local.compiler.execute_sql(ROW_COUNT))

    def _ready(self, given: tuple[Any, ...]) -> Any:
        if getattr(self._local, "connection", None) is not connections[DEFAULT_DB_ALIAS]:
            self._prepare()
        if len(given) != len(self._kinds):
            raise TypeError(f"{len(self._kinds)} parameters are asked for, not {len(given)}")
        local = self._local
        local.compiler.as_sql = lambda *_args, **_more: (
            local.sql,
            tuple(given[which] if known is None else known for which, known in local.parameters),
        )
        return local.query_set

    def _prepare(self) -> None:
        places = [_STANDS_FOR[kind](place) for place, kind in enumerate(self._kinds)]
        query_set: Any = self._build(*places)
        if self._change is not None:
            query = query_set.query.chain(UpdateQuery)
            query.add_update_values(self._change)
            query_set.query = query
        local, connection = self._local, connections[DEFAULT_DB_ALIAS]
        local.compiler = query_set.query.get_compiler(connection=connection)
        local.sql, found = local.compiler.as_sql()
        if self._change is None:
            converters = local.compiler.get_converters([column for column, *_rest in local.compiler.select])
            local.compiler.get_converters = lambda _columns: converters
        local.parameters = [(places.index(p), None) if p in places else (-1, p) for p in found]
        if {which for which, _known in local.parameters} - {-1} != set(range(len(places))):
            raise ValueError("a parameter does not reach the query")
        query_set.query.get_compiler = lambda *_args, **_more: local.compiler
        local.query_set, local.connection = query_set, connection


def insert(records: Sequence[Model], instead_of: str = "") -> None:
    """Insert new records of one model, in one statement; each has its key afterwards.

    Args:
        records: they are not changed but for their key.
        instead_of: a unique field; a record that has the same there already is overwritten.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    model = type(records[0])
    columns = _columns(model)
    values = []
    for record in records:
        for field, as_it_is in columns:
            value = field.pre_save(record, add=True)
            if type(value) is not as_it_is:
                value = field.get_db_prep_save(value, connection)
            values.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_insertion(model, len(records), instead_of, connection.vendor), values)
        for record, (key,) in zip(records, cursor.fetchall(), strict=True):
            record.pk = key
            record._state.adding, record._state.db = False, DEFAULT_DB_ALIAS


_AS_IT_IS: dict[type[Field[Any, Any]], type] = {
    CharField: str,
    FloatField: float,
    ForeignKey: int,
    OneToOneField: int,
    PositiveBigIntegerField: int,
    PositiveIntegerField: int,
}


@cache
def _columns(model: type[Model]) -> list[tuple[Field[Any, Any], type | None]]:
    """The fields but the key, each with the type of value that goes to the database as it is."""
    key = model._meta.pk
    return [(field, _AS_IT_IS.get(type(field))) for field in model._meta.concrete_fields if field is not key]


@cache
def _insertion(model: type[Model], rows: int, instead_of: str, _vendor: str) -> str:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    names = [quote(str(field.column)) for field, _as_it_is in _columns(model)]
    places = f"({', '.join(['%s'] * len(names))})"
    key = model._meta.pk
    assert key is not None
    conflict = ""
    if instead_of:
        same = quote(str(model._meta.get_field(instead_of).column))  # type: ignore[union-attr]
        anew = ", ".join(f"{name} = excluded.{name}" for name in names if name != same)
        conflict = f"ON CONFLICT ({same}) DO UPDATE SET {anew} "
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(names)}) "
        f"VALUES {', '.join([places] * rows)} {conflict}RETURNING {quote(str(key.column))}"
    )
