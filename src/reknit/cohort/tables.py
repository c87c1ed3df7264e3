"""Reading and writing session tables, CSV and Parquet by extension.

A table comes in with one row a session. What it says under the names of the contract (``client``, ``week`` …)
is checked and typed in a working copy; the table itself is kept as it came, so that what goes out carries
every other column, and every identifier, untouched. Anything unreadable raises :class:`TableError`, whose
message is one line that names the file, the row and the column.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from reknit.cohort import damage
from reknit.trust.order import relationships, sorting
from reknit.trust.refusals import Scale, TableError, as_scale
from reknit.trust.sessions import CHOICES, IDENTIFIERS, MISSING, RATINGS, Reader

STANDARD = Path("-")
"""Standard input as IN, standard output as OUT."""

__all__ = [
    "CHOICES",
    "MISSING",
    "RATINGS",
    "STANDARD",
    "Scale",
    "SessionTable",
    "TableError",
    "as_numbers",
    "check_output",
    "parse_scale",
    "read_frame",
    "read_sessions",
    "write_bytes",
    "write_frame",
]


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
        return as_scale(text)
    except TableError:
        raise TableError(
            f"--scale {text!r}: expected LO:HI, the first number below the second, such as 1:7"
        ) from None


def read_sessions(
    path: str | Path, scale: Scale = (1.0, 7.0), *, needs: Sequence[str] = ("alliance",)
) -> SessionTable:
    """Read a session table and check it.

    Args:
        path: a ``.csv`` (UTF-8, comma) or ``.parquet`` file; ``-`` for CSV from standard input.
        scale: lowest and highest possible rating.
        needs: columns that must be there beside ``client`` and ``week`` or ``date``.

    Raises:
        TableError: the file or one of its cells cannot be read as the contract says.
    """
    path = Path(path)
    raw = read_frame(path)
    is_csv = _kind(path) == ".csv"
    reader = Reader(raw, str(path), (lambda at: damage.line_of(_content(path), at)) if is_csv else None)
    reader.must_have("client", *needs)
    columns = [reader.client(), *(reader.text(name) for name in IDENTIFIERS if name in raw.columns)]
    week, who = reader.weeks(), relationships(raw)
    reader.refuse_repeats(who, week, sorting(who, week)[0])
    columns.append(pl.Series("week", week))
    for name in (*RATINGS, *CHOICES):
        if name in raw.columns:
            among, within = CHOICES.get(name), None if name in CHOICES else scale
            values = reader.number(name, within=within, among=among)
            columns.append(values.cast(pl.Float64).fill_nan(None).alias(name))
    work = pl.DataFrame(columns)
    if reader.timed_by == "date":
        keys = [name for name in ("client", "therapist") if name in work.columns]
        work = work.with_columns(pl.col("week") - pl.col("week").min().over(keys))
    return SessionTable(path, raw, work, scale)


def read_frame(path: str | Path) -> pl.DataFrame:
    """Read any table as it is: CSV cells as text (empty ones null), Parquet with its own types.

    Raises:
        TableError: missing or empty file, unknown extension, wrong encoding, ragged rows, a repeated heading.
    """
    path = Path(path)
    kind = _kind(path)
    content = _content(path)
    if not content.exists():
        raise TableError(f"{path}: no such file")
    if not content.is_file():
        raise TableError(f"{path}: not a file")
    try:
        frame = pl.read_parquet(content) if kind == ".parquet" else _read_csv(content, path)
    except OSError as trouble:
        raise TableError(f"{path}: cannot be read ({_short(trouble)})") from None
    except pl.exceptions.PolarsError as trouble:
        raise TableError(f"{path}: not a readable {kind[1:].upper()} file ({_short(trouble)})") from None
    if frame.height == 0:
        raise TableError(f"{path}: the file is empty: it has no rows")
    return frame


@cache
def _spooled() -> Path:
    """Standard input in a file of its own, which nobody else may read, until the command ends: it is read
    more than once.
    """
    folder = Path(tempfile.mkdtemp(prefix="reknit-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with (folder / "input.csv").open("xb") as out:
        shutil.copyfileobj(sys.stdin.buffer, out)
    return folder / "input.csv"


def _content(path: Path) -> Path:
    """Where the bytes are."""
    return _spooled() if path == STANDARD else path


def _read_csv(content: Path, path: Path) -> pl.DataFrame:
    if content.stat().st_size == 0:
        raise TableError(f"{path}: the file is empty")
    wrong = damage.heading(content)
    if wrong:
        raise TableError(f"{path}: {wrong}")
    try:
        frame = pl.read_csv(content, infer_schema=False)
    except pl.exceptions.NoDataError:
        raise TableError(f"{path}: the file is empty") from None
    except pl.exceptions.PolarsError:
        wrong = damage.first(content)
        if wrong is None:
            raise
        raise TableError(f"{path}: {wrong}") from None
    titles = damage.names(content)
    if len(titles) == frame.width:
        frame.columns = titles
    return _without_blank_tail(frame)


def _without_blank_tail(frame: pl.DataFrame) -> pl.DataFrame:
    """Drop the blank lines that editors and spreadsheets leave at the end."""
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series().arg_true()
    return frame.head(int(filled[-1]) + 1 if filled.len() else 0)


def check_output(
    path: str | Path, kinds: Sequence[str] = (".csv", ".parquet"), *, source: Path | None = None
) -> Path:
    """Say before the work begins whether its result could be written.

    Args:
        path: where it goes; ``-`` is standard output, for tables.
        kinds: extensions that are possible.
        source: what it is made of, which it must not take the place of.

    Raises:
        TableError: unknown extension, no such folder, a folder of that name, no permission, or the source.
    """
    path = Path(path)
    _kind(path, kinds)
    if path == STANDARD:
        return path
    if source is not None and path.exists() and source.exists() and path.samefile(source):
        raise TableError(f"{path}: this is the table that is read; name another file for the result")
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
        path: ``.csv`` or ``.parquet``, or ``-`` for CSV on standard output.

    Raises:
        TableError: it cannot be written.
    """
    path = check_output(path)
    if path == STANDARD:
        sys.stdout.buffer.write(frame.write_csv().encode())
        sys.stdout.buffer.flush()
        return
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
    kind = ".csv" if path == STANDARD else path.suffix.lower()
    if kind not in kinds:
        raise TableError(f"{path}: unknown extension {kind or '(none)'}; use {' or '.join(kinds)}")
    return kind


def _short(trouble: Exception) -> str:
    text = trouble.strerror if isinstance(trouble, OSError) and trouble.strerror else str(trouble)
    return " ".join(text.split())[:160]
