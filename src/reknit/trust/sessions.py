"""What a table of sessions must be, said once for the library and the command line.

A :class:`Reader` reads the contract's columns of a Polars frame and refuses what it cannot read, naming the
row (from 1), the column and the value; the command line adds the file and its line. The checks look at a
column's extremes first and search for the culprit only when there is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import polars as pl

from reknit.trust.refusals import Scale, TableError, nearest

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MISSING = ("", "NA", "N/A", "na", "NaN", "nan", "NULL", "null", "None", ".")
"""Cells that mean "not asked or not answered" in the columns read as numbers."""

CHOICES: dict[str, tuple[int, ...]] = {
    "difficulty": (0, 1, 2),
    "attended": (0, 1),
    "repair": (0, 1, 2),
    "ended": (0, 1, 2),
}
RATINGS = ("alliance", "therapist_rating", "therapist_guess")
IDENTIFIERS = ("therapist", "clinic", "session")
KNOWN = ("client", *IDENTIFIERS, "week", "date", *RATINGS, *CHOICES, "care")
"""Every column that is read; others pass through."""

LONGEST = 1e6  # weeks, some 19,000 years: beyond it a week is a time stamp or a slip
SLACK = 1e-9  # of the scale: a mean of items may pass its end by rounding
WEEK = 7 * 86_400 * 1e6  # microseconds
BLANK = r"^\s*$"
WHOLE = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32)


def _empty(identifiers: pl.Series) -> pl.Series:
    """Where an identifier is missing or blank."""
    if identifiers.dtype.is_float():
        return identifiers.is_null() | identifiers.is_nan()
    if identifiers.dtype in (pl.Categorical, pl.Enum):
        identifiers = identifiers.cast(pl.String)
    if identifiers.dtype == pl.String:
        return identifiers.is_null() | identifiers.str.contains(BLANK)
    return identifiers.is_null()


def _ends(values: pl.Series) -> Scale | None:
    """Smallest and largest number of a column; None where there is none."""
    lowest, highest = values.min(), values.max()
    if not isinstance(lowest, int | float) or not isinstance(highest, int | float) or math.isnan(lowest):
        return None
    return float(lowest), float(highest)


@dataclass(frozen=True)
class Reader:
    """Reads one table's columns; what it cannot read becomes a :class:`TableError`.

    Args:
        frame: the table; cells may be text.
        file: named first in every refusal; empty where there is none.
        line: line of the file on which a row (index from 0) begins.
    """

    frame: pl.DataFrame
    file: str = ""
    line: Callable[[int], int | None] | None = None

    def refuse(self, said: str) -> NoReturn:
        """Raise, the file named."""
        raise TableError(f"{self.file}: {said}" if self.file else said)

    def fail(self, at: int, name: str, what: str) -> NoReturn:
        """Raise for the row with index ``at``; rows count from 1 below the heading."""
        line = self.line(at) if self.line else None
        self.refuse(f"row {at + 1}" + (f" (line {line})" if line else "") + f", column {name}: {what}")

    def fail_where(self, bad: pl.Series, name: str, what: str) -> None:
        """Raise for the first row where ``bad`` holds, with the cell in place of ``{cell}``."""
        rows = bad.fill_null(False).arg_true()
        if rows.len():
            at = int(rows[0])
            cell = repr(str(self.frame[name][at]))
            self.fail(at, name, what.replace("{cell}", cell if len(cell) <= 42 else cell[:40] + "…'"))

    def must_have(self, *names: str) -> None:
        """Raise where a column is missing or the table has no rows; name what was found instead."""
        there = self.frame.columns
        for name in names:
            if name not in there:
                found = ", ".join(there[:12]) + (", …" if len(there) > 12 else "")
                hint = nearest(name, [other for other in there if other not in KNOWN])
                self.refuse(f"column {name} is missing (found: {found}){hint}")
        if self.frame.height == 0:
            self.refuse("the table has no rows")

    @cached_property
    def timed_by(self) -> str:
        """``week``, or else ``date``."""
        name = next((name for name in ("week", "date") if name in self.frame.columns), "")
        if not name:
            self.must_have("week (or date)")
        return name

    def client(self, rows: Ints | None = None) -> pl.Series:
        """The client's identifier, unchanged; it may not be empty.

        Args:
            rows: at least one row of every client, where that is known: looking there is quicker.
        """
        column = self.identifier("client")
        looked = column if rows is None else column.gather(rows)
        if _empty(looked).any():
            self.fail_where(_empty(column), "client", "the client is missing")
        return column

    def text(self, name: str) -> pl.Series:
        """An optional identifier as text; an empty one is a value like any other."""
        return self.identifier(name).cast(pl.String).fill_null("")

    def identifier(self, name: str) -> pl.Series:
        """A column of identifiers as it came."""
        column = self.frame[name]
        if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary):
            self.refuse(f"column {name} holds {column.dtype}, not identifiers")
        return column

    def number(
        self, name: str, *, within: Scale | None = None, among: Sequence[int] | None = None
    ) -> pl.Series:
        """A column of numbers; missing is null or, in a column of floats, NaN."""
        values = self._numbers(name)
        ends = _ends(values)
        if ends is None:
            return values
        if not np.isfinite(ends).all():
            self.fail_where(values.is_infinite(), name, "{cell} is not a finite number")
        if within is not None:
            self._within(values, name, within, ends)
        if among is not None:
            self._among(values, name, among, ends)
        return values

    def _numbers(self, name: str) -> pl.Series:
        column = self.frame[name]
        if column.dtype.is_float() or column.dtype in WHOLE:
            return column
        if column.dtype == pl.Boolean:
            return column.cast(pl.Int8)
        if column.dtype.is_numeric() or column.dtype == pl.Null:
            return column.cast(pl.Float64)
        if column.dtype not in (pl.String, pl.Categorical, pl.Enum):
            self.refuse(f"column {name} holds {column.dtype}, not numbers")
        cells = column.cast(pl.String).str.strip_chars()
        known = cells.is_not_null() & ~cells.is_in(MISSING)
        values = cells.set(~known, None).cast(pl.Float64, strict=False)
        wrong = values.is_null() & known
        if wrong.any():
            cell = str(cells[int(wrong.arg_true()[0])])
            decimal = cell.count(",") == 1 and cell.replace(",", "").lstrip("+-").isdigit()
            hint = "; decimals are written with a point" if decimal else ""
            self.fail_where(wrong, name, "{cell} is not a number" + hint)
        return values

    def _within(self, values: pl.Series, name: str, scale: Scale, ends: Scale) -> None:
        (lo, hi), (lowest, highest) = scale, ends
        slack = SLACK * (hi - lo)
        if lo - slack <= lowest and highest <= hi + slack:
            return
        hint = ""
        if name in RATINGS:
            hint = f"; this column runs from {lowest:g} to {highest:g}: say the lowest and highest possible"
            hint += " rating, --scale LO:HI or scale=(LO, HI)"
        off = (values < lo - slack) | (values > hi + slack)
        self.fail_where(off, name, f"{{cell}} is off the scale {lo:g}:{hi:g}{hint}")

    def _among(self, values: pl.Series, name: str, among: Sequence[int], ends: Scale) -> None:
        broken = values.dtype.is_float() and bool((values != values.floor()).any())
        if not broken and ends[0] >= among[0] and ends[1] <= among[-1]:
            return
        known = ", ".join(str(value) for value in among[:-1]) + f" or {among[-1]}"
        answers = values.cast(pl.Float64).fill_nan(None)
        wrong = answers.is_not_null() & ~answers.is_in([float(value) for value in among])
        self.fail_where(wrong, name, f"{{cell}} is not {known}")

    def weeks(self) -> Floats:
        """Weeks as numbers: ``week``, or else ``date``, counted from the first date of all."""
        if self.timed_by == "date":
            micro = self._dates().dt.timestamp("us")
            return np.asarray((micro - micro.min()).cast(pl.Float64) / WEEK, np.float64)
        values = self.number("week")
        week = np.array(values.cast(pl.Float64).fill_null(np.nan).to_numpy(), np.float64)
        if np.isnan(week).any():
            self.fail_where(pl.Series(np.isnan(week)), "week", "the week is missing")
        if len(week) and not -LONGEST < week.min() <= week.max() < LONGEST:
            far = pl.Series(np.abs(week) >= LONGEST)
            self.fail_where(far, "week", "{cell} weeks are no time in therapy; give a date in a column date")
        return week

    def _dates(self) -> pl.Series:
        """ISO dates, with or without a time of day."""
        column = self.frame["date"]
        if column.dtype == pl.Date:
            days = column.cast(pl.Datetime("us"))
        elif isinstance(column.dtype, pl.Datetime):
            days = column.dt.replace_time_zone(None).cast(pl.Datetime("us"))
        elif column.dtype in (pl.String, pl.Categorical, pl.Enum):
            column = column.cast(pl.String)
            days = iso(column)
        elif column.dtype == pl.Null:
            days = column.cast(pl.Datetime("us"))
        else:
            self.refuse(f"column date holds {column.dtype}, not dates")
        if days.null_count():
            empty = column.is_null()
            if column.dtype == pl.String:
                empty = empty | (column.str.strip_chars() == "")
            self.fail_where(empty, "date", "the date is missing")
            self.fail_where(days.is_null(), "date", "{cell} is not a date such as 2024-03-31")
        return days

    def refuse_repeats(self, relationship: Ints, week: Floats, order: Ints | None) -> None:
        """One relationship has one row a session.

        Args:
            relationship, week: of every row.
            order: the permutation that sorts by both; None where the rows are sorted already.
        """
        who, when = (relationship, week) if order is None else (relationship[order], week[order])
        same = (when[1:] == when[:-1]) & (who[1:] == who[:-1])
        if not same.any():
            return
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        rows = np.sort(tied if order is None else order[tied])
        keys = [relationship[rows].tolist(), week[rows].tolist()]
        numbered = "session" in self.frame.columns
        if numbered:
            keys.append(self.text("session").gather(rows).to_list())
        seen: dict[tuple[object, ...], int] = {}
        for at, *key in zip(rows.tolist(), *keys, strict=True):
            if tuple(key) in seen:
                pair = ("client", "therapist") if "therapist" in self.frame.columns else ("client",)
                names = [*pair, self.timed_by, *(["session"] if numbered else [])]
                more = "" if numbered else "; two sessions of one day need a column session that numbers them"
                self.fail(
                    at,
                    self.timed_by,
                    f"repeats row {seen[tuple(key)] + 1}: the same {' and '.join(names)}{more}",
                )
            seen[tuple(key)] = at


def iso(cells: pl.Series) -> pl.Series:
    """Dates and times in ISO 8601 as naive datetimes; null where a cell is anything else."""
    name = cells.name
    text = (
        pl.col(name)
        .str.strip_chars()
        .str.replace(r"(Z|[+-]\d\d:?\d\d)$", "")
        .str.replace(" ", "T", literal=True)
    )
    text = pl.when(text.str.contains(r"^\d{4}-\d\d-\d\d(T|$)")).then(text)
    forms = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f")
    tried = [text.str.to_datetime(form, strict=False, time_unit="us") for form in forms]
    return cells.to_frame().select(pl.coalesce(tried)).to_series().alias(name)
