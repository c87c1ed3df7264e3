"""Polars, pandas or PyArrow in, the same kind out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl


def as_polars(table: Any) -> tuple[pl.DataFrame, Callable[[pl.DataFrame], Any]]:
    """A table as a Polars frame, and the way back to its own kind.

    Args:
        table: ``polars.DataFrame`` or ``LazyFrame`` (collected), ``pandas.DataFrame`` or ``pyarrow.Table``.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(table, pl.DataFrame):
        return table, lambda frame: frame
    if isinstance(table, pl.LazyFrame):
        return table.collect(), lambda frame: frame
    home = type(table).__module__.split(".")[0]
    if home == "pandas":
        return pl.from_pandas(table), lambda frame: frame.to_pandas()
    if home == "pyarrow":
        return pl.DataFrame(pl.from_arrow(table)), lambda frame: frame.to_arrow()
    raise TypeError(f"a table is a polars, pandas or pyarrow one, not {type(table).__name__}")
