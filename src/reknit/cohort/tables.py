"""Reading and writing session tables, CSV and Parquet by extension.

A table comes in with one row a session. What it says under the names of the contract (``client``, ``week`` …)
is checked and typed in a working copy; the table itself is kept as it came, so that what goes out carries
every other column, and every identifier, untouched. Anything unreadable raises :class:`TableError`, whose
message is one line that names the file, the row and the column.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import polars as pl

from reknit.cohort import damage

Scale = tuple[float, float]

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


class TableError(ValueError):
    """A table that cannot be read or written; the message is one line that says where and why."""


@dataclass(frozen=True)
class SessionTable:
    """A session table as it came, and what of it the science reads.

    Args:
        path: where it came from.
        raw: the table itself; a CSV file's cells stay text.
        work: the same rows in the same order, only the contract's columns: ``client`` as it came, identifiers
            as text, ``week`` (float, weeks) and the channels (float, null where missing).
        scale: lowest and highest possible rating.
    """

    path: Path
    raw: pl.DataFrame
    work: pl.DataFrame
    scale: Scale

    def with_added(self, added: pl.DataFrame) -> pl.DataFrame:
        """The table as it came with columns added on the right.

        Args:
            added: as many rows as the table.

        Raises:
            TableError: the table already has a column of such a name.
        """
        for name in added.columns:
            if name in self.raw.columns:
                raise TableError(
                    f"{self.path}: column {name} is already there and would be overwritten; rename or drop it"
                )
        return self.raw.hstack(added.get_columns())


def parse_scale(text: str) -> Scale:
    """Read ``LO:HI``, such as ``1:7``, as two numbers with LO < HI.

    Raises:
        TableError: it is anything else.
    """
    try:
        lo, hi = (float(part) for part in text.split(":"))
    except ValueError:
        raise TableError(f"--scale {text!r}: expected LO:HI, two numbers such as 1:7") from None
    if not (lo < hi and abs(lo) < 1e12 and abs(hi) < 1e12):
        raise TableError(f"--scale {text!r}: the first number must be below the second")
    return lo, hi


def read_sessions(
    path: str | Path, scale: Scale = (1.0, 7.0), *, needs: Sequence[str] = ("alliance",)
) -> SessionTable:
    """Read a session table and check it.

    Args:
        path: a ``.csv`` (UTF-8, comma) or ``.parquet`` file.
        scale: lowest and highest possible rating.
        needs: columns that must be there beside ``client`` and ``week`` or ``date``.

    Raises:
        TableError: the file or one of its cells cannot be read as the contract says.
    """
    path = Path(path)
    raw = read_frame(path)
    reader = _Reader(path, raw)
    for name in ("client", *needs):
        reader.must_have(name)
    columns = [reader.client(), *(reader.text(name) for name in IDENTIFIERS if name in raw.columns)]
    columns.append(reader.week(pl.DataFrame(columns)))
    columns += [reader.number(name, within=scale) for name in RATINGS if name in raw.columns]
    columns += [reader.number(name, among=among) for name, among in CHOICES.items() if name in raw.columns]
    work = pl.DataFrame(columns)
    reader.refuse_repeats(work)
    return SessionTable(path, raw, work, scale)


def read_frame(path: str | Path) -> pl.DataFrame:
    """Read any table as it is: CSV cells as text (empty ones null), Parquet with its own types.

    Raises:
        TableError: missing or empty file, unknown extension, wrong encoding, ragged rows, a repeated heading.
    """
    path = Path(path)
    kind = _kind(path)
    if not path.exists():
        raise TableError(f"{path}: no such file")
    if not path.is_file():
        raise TableError(f"{path}: not a file")
    try:
        frame = pl.read_parquet(path) if kind == ".parquet" else _read_csv(path)
    except OSError as trouble:
        raise TableError(f"{path}: cannot be read ({_short(trouble)})") from None
    except pl.exceptions.PolarsError as trouble:
        raise TableError(f"{path}: not a readable {kind[1:].upper()} file ({_short(trouble)})") from None
    if frame.height == 0:
        raise TableError(f"{path}: the file is empty: it has no rows")
    return frame


def _read_csv(path: Path) -> pl.DataFrame:
    if path.stat().st_size == 0:
        raise TableError(f"{path}: the file is empty")
    wrong = damage.heading(path)
    if wrong:
        raise TableError(f"{path}: {wrong}")
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except pl.exceptions.NoDataError:
        raise TableError(f"{path}: the file is empty") from None
    except pl.exceptions.PolarsError:
        wrong = damage.first(path)
        if wrong is None:
            raise
        raise TableError(f"{path}: {wrong}") from None
    titles = damage.names(path)
    if len(titles) == frame.width:
        frame.columns = titles
    return _without_blank_tail(frame)


def _without_blank_tail(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop the blank lines that editors and spreadsheets leave at the end."""
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    return frame.head(int(filled[-1]) + 1 if filled.len() else 0)


@dataclass(frozen=True)
class _Reader:
    """Reads one file's columns; everything it cannot read becomes a TableError."""

    path: Path
    raw: pl.DataFrame

    def fail(self, at: int, name: str, what: str) -> NoReturn:
        """Raise for the row with index ``at``; rows count from 1 below the heading."""
        line = damage.line_of(self.path, at) if self.path.suffix.lower() == ".csv" else None
        place = f"row {at + 1}" + (f" (line {line})" if line else "")
        raise TableError(f"{self.path}: {place}, column {name}: {what}")

    def fail_where(self, bad: pl.Series, name: str, what: str) -> None:
        """Raise for the first row where ``bad`` holds, with the cell in place of ``{cell}``."""
        rows = bad.fill_null(False).arg_true()
        if rows.len():
            at = int(rows[0])
            cell = repr(str(self.raw[name][at]))
            self.fail(at, name, what.format(cell=cell if len(cell) <= 42 else cell[:40] + "…'"))

    def must_have(self, name: str) -> None:
        if name not in self.raw.columns:
            found = ", ".join(self.raw.columns[:12])
            hint = "; are its cells separated by commas?" if self.raw.width == 1 else ""
            raise TableError(f"{self.path}: column {name} is missing (found: {found}){hint}")

    def client(self) -> pl.Series:
        """The client's identifier, unchanged; it may not be empty."""
        column = self.raw["client"]
        empty = column.is_null()
        if column.dtype.is_float():
            empty = empty | column.is_nan()
        elif column.dtype == pl.String:
            empty = empty | (column.str.strip_chars() == "")
        elif column.dtype.is_nested():
            raise TableError(f"{self.path}: column client holds {column.dtype}, not identifiers")
        self.fail_where(empty, "client", "the client is missing")
        return column

    def text(self, name: str) -> pl.Series:
        """An optional identifier as text; an empty one is a value like any other."""
        column = self.raw[name]
        if column.dtype.is_nested():
            raise TableError(f"{self.path}: column {name} holds {column.dtype}, not identifiers")
        return column.cast(pl.String).fill_null("")

    def number(
        self,
        name: str,
        *,
        within: Scale | None = None,
        among: Sequence[int] | None = None,
        required: bool = False,
    ) -> pl.Series:
        """A column of numbers, null where missing."""
        column = self.raw[name]
        if column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null):
            values = column.cast(pl.Float64)
        elif column.dtype in (pl.String, pl.Categorical):
            cells = column.cast(pl.String).str.strip_chars()
            cells = (
                cells.to_frame().select(pl.when(~pl.col(name).is_in(MISSING)).then(pl.col(name))).to_series()
            )
            values = cells.cast(pl.Float64, strict=False)
            self.fail_where(values.is_null() & cells.is_not_null(), name, "{cell} is not a number")
        else:
            raise TableError(f"{self.path}: column {name} holds {column.dtype}, not numbers")
        values = values.fill_nan(None)
        self.fail_where(values.is_infinite(), name, "{cell} is not a finite number")
        if required:
            self.fail_where(values.is_null(), name, f"the {name} is missing")
        if within is not None:
            lo, hi = within
            off = (values < lo) | (values > hi)
            self.fail_where(off, name, f"{{cell}} is off the scale {lo:g}:{hi:g}")
        if among is not None:
            known = ", ".join(str(value) for value in among[:-1]) + f" or {among[-1]}"
            self.fail_where(
                values.is_not_null() & ~values.is_in([float(value) for value in among]),
                name,
                f"{{cell}} is not {known}",
            )
        return values.alias(name)

    def week(self, identifiers: pl.DataFrame) -> pl.Series:
        """Weeks as a number, from ``week`` or else from ``date`` since the relationship's first date."""
        if "week" in self.raw.columns:
            return self.number("week", required=True)
        if "date" not in self.raw.columns:
            found = ", ".join(self.raw.columns[:12])
            raise TableError(f"{self.path}: column week (or date) is missing (found: {found})")
        relationship = [name for name in ("client", "therapist") if name in identifiers.columns]
        frame = identifiers.with_columns(date=self._dates())
        since = pl.col("date") - pl.col("date").min().over(relationship)
        return frame.select(week=since.dt.total_seconds() / (7 * 86400)).to_series()

    def _dates(self) -> pl.Series:
        """ISO dates, with or without a time of day."""
        column = self.raw["date"]
        if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
            days = column.cast(pl.Datetime("us"))
        elif column.dtype == pl.String:
            days = _iso(column)
        else:
            raise TableError(f"{self.path}: column date holds {column.dtype}, not dates")
        self.fail_where(
            column.is_null() | (column.cast(pl.String).str.strip_chars() == ""), "date", "the date is missing"
        )
        self.fail_where(days.is_null(), "date", "{cell} is not a date such as 2024-03-31")
        return days

    def refuse_repeats(self, work: pl.DataFrame) -> None:
        """One relationship has one row a session."""
        key = [name for name in ("client", "therapist", "week", "session") if name in work.columns]
        again = work.select(key).is_duplicated()
        if not again.any():
            return
        seen: dict[tuple[object, ...], int] = {}
        rows = work.select(key).with_row_index("at").filter(again)
        for at, *values in rows.iter_rows():
            if tuple(values) in seen:
                when = "week" if "week" in self.raw.columns else "date"
                names = " and ".join(when if name == "week" else name for name in key)
                self.fail(at, when, f"repeats row {seen[tuple(values)] + 1}: the same {names}")
            seen[tuple(values)] = at


def _iso(cells: pl.Series) -> pl.Series:
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


def check_output(path: str | Path, kinds: Sequence[str] = (".csv", ".parquet")) -> Path:
    """Say before the work begins whether its result could be written.

    Raises:
        TableError: unknown extension, no such folder, a folder of that name, or no permission.
    """
    path = Path(path)
    _kind(path, kinds)
    if path.is_dir():
        raise TableError(f"{path}: cannot be written: it is a folder")
    if not path.parent.is_dir():
        raise TableError(f"{path}: cannot be written: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise TableError(f"{path}: cannot be written: no permission in {path.parent}")
    return path


def write_frame(frame: pl.DataFrame, path: str | Path, *, typed: bool = True) -> None:
    """Write a table beside its place and move it there at once: nothing is ever half-written.

    Args:
        frame: the table. Text columns that a CSV file brought become whole or decimal numbers in a Parquet
            file where every cell would read the same again (``7`` but not ``007`` or ``7.00``), if ``typed``.
        path: ``.csv`` or ``.parquet``.

    Raises:
        TableError: it cannot be written.
    """
    path = check_output(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("xb") as out:
            if path.suffix.lower() == ".parquet":
                (as_numbers(frame) if typed else frame).write_parquet(out)
            else:
                frame.write_csv(out)
        partial.replace(path)
    except (OSError, pl.exceptions.PolarsError) as trouble:
        raise TableError(f"{path}: cannot be written ({_short(trouble)})") from None
    finally:
        partial.unlink(missing_ok=True)


def write_bytes(content: bytes, path: str | Path, kinds: Sequence[str]) -> None:
    """Write any other file in the same way as :func:`write_frame`."""
    path = check_output(path, kinds)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as trouble:
        raise TableError(f"{path}: cannot be written ({_short(trouble)})") from None
    finally:
        partial.unlink(missing_ok=True)


def as_numbers(frame: pl.DataFrame) -> pl.DataFrame:
    """Text columns as numbers where that changes no cell."""
    out = []
    for column in frame.get_columns():
        if column.dtype == pl.String and column.null_count() < column.len():
            for kind in (pl.Int64, pl.Float64):
                number = column.cast(kind, strict=False)
                if (number.cast(pl.String) == column).fill_null(number.is_null() & column.is_null()).all():
                    column = number  # noqa: PLW2901
                    break
        out.append(column)
    return pl.DataFrame(out)


def _kind(path: Path, kinds: Sequence[str] = (".csv", ".parquet")) -> str:
    kind = path.suffix.lower()
    if kind not in kinds:
        raise TableError(f"{path}: unknown extension {kind or '(none)'}; use {' or '.join(kinds)}")
    return kind


def _short(trouble: Exception) -> str:
    text = trouble.strerror if isinstance(trouble, OSError) and trouble.strerror else str(trouble)
    return " ".join(text.split())[:160]
