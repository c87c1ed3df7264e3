"""Polars, pandas or PyArrow in, the same kind out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from reknit.trust.refusals import TableError
from reknit.trust.sessions import KNOWN

GONE = ("None", "nan", "<NA>", "NaT")


def to_polars(table: Any) -> pl.DataFrame:
    """What is read of a Polars, pandas or PyArrow table, as a Polars frame.

    Raises:
        TableError: another kind of object, or a column that is there twice or holds what has no form.
    """
    if isinstance(table, pl.LazyFrame):
        return table.collect()
    if isinstance(table, pl.DataFrame):
        return table
    home = type(table).__module__.split(".")[0]
    names = getattr(table, "columns" if home == "pandas" else "column_names", None)
    if home not in ("pandas", "pyarrow") or names is None:
        raise TableError(
            f"a Polars, pandas or PyArrow table is needed, not {type(table).__name__};"
            " polars.DataFrame(...) makes one of columns"
        )
    columns: dict[str, pl.Series] = {}
    for at, name in enumerate(names):
        if name in columns:
            raise TableError(f"column {name}: the heading is there twice")
        if isinstance(name, str) and name in KNOWN:
            column = table.iloc[:, at] if home == "pandas" else table.column(at)
            columns[name] = _column(name, column, home)
    height = len(table) if home == "pandas" else table.num_rows
    return pl.DataFrame(columns) if columns else pl.DataFrame({"": pl.Series([None] * height)})


def _column(name: str, column: Any, home: str) -> pl.Series:
    """One column of a pandas or PyArrow table; mixed cells become text, to be read or refused by name."""
    try:
        found = pl.from_pandas(column) if home == "pandas" else pl.from_arrow(column)
        assert isinstance(found, pl.Series)
        return found.alias(name)
    except Exception:
        cells = column.tolist() if home == "pandas" else column.to_pylist()
        return pl.Series(name, [None if str(cell) in GONE else str(cell) for cell in cells], pl.String)


def like_input(table: Any, added: pl.DataFrame) -> Any:
    """The caller's table with the added columns, in the kind of table it came as."""
    names = added.columns
    if isinstance(table, pl.DataFrame | pl.LazyFrame):
        frame = table.collect() if isinstance(table, pl.LazyFrame) else table
        return frame.drop([name for name in names if name in frame.columns]).hstack(added)
    if type(table).__module__.split(".")[0] == "pandas":
        kept = table.drop(columns=[name for name in names if name in table.columns])
        return kept.assign(**{name: added[name].to_numpy() for name in names})
    arrow = added.to_arrow()
    kept = table.drop_columns([name for name in names if name in table.column_names])
    for name in names:
        kept = kept.append_column(name, arrow.column(name))
    return kept


def way_back(table: Any) -> Callable[[pl.DataFrame], Any]:
    """From a Polars frame to the kind of table that was given."""
    home = type(table).__module__.split(".")[0]
    if home == "pandas":
        return lambda frame: frame.to_pandas()
    return (lambda frame: frame.to_arrow()) if home == "pyarrow" else (lambda frame: frame)
