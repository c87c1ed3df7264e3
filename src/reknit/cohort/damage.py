"""Where a CSV file is damaged: slow, exact, and only asked once reading has failed."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path


def names(path: Path) -> list[str]:
    """The headings, quotation marks undone."""
    return next((cells for _, cells in _records(path)), [])


def heading(path: Path) -> str | None:
    """What is wrong with the first line, or None."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "heading (line 1): the encoding is UTF-16, not UTF-8; save it as CSV UTF-8"
    if start.startswith((b"\x1f\x8b", b"PK\x03\x04", b"PAR1")):
        return (
            "this is no CSV text but a packed file, a workbook or Parquet; unpack it, or save it as CSV UTF-8"
        )
    found = names(path)
    for mark, kind in ((";", "semicolons"), ("\t", "tabs")):
        if len(found) == 1 and mark in found[0]:
            return (
                f"heading (line 1): the cells are separated by {kind}; commas are needed, and a point before"
                " decimals"
            )
    for at, name in enumerate(found):
        if name in found[:at]:
            return f"heading (line 1), column {name or at + 1}: the heading is there twice"
        if _garbled(name):
            return f"heading (line 1), column {at + 1}: the encoding is not UTF-8"
    return None


def first(path: Path) -> str | None:
    """The first row that cannot be read: wrong encoding, or more cells than headings."""
    titles: list[str] = []
    for row, (line, cells) in enumerate(_records(path)):
        if row == 0:
            titles = cells
            continue
        place = f"row {row} (line {line})"
        for at, cell in enumerate(cells):
            if _garbled(cell):
                column = titles[at] if at < len(titles) else str(at + 1)
                return f"{place}, column {column}: the encoding is not UTF-8"
        if len(cells) > len(titles):
            extra = len(titles) + 1
            return f"{place}, column {extra}: {len(cells)} cells where the heading has {len(titles)}"
        if any("\n" in cell for cell in cells) and _unclosed(path):
            at = next(k for k, cell in enumerate(cells) if "\n" in cell)
            return f"{place}, column {titles[at]}: a quotation mark is never closed"
    return None


def line_of(path: Path, at: int) -> int | None:
    """The line of the file on which the record with index ``at`` (from 0, below the heading) begins."""
    before = 1
    for row, (line, _) in enumerate(_records(path)):
        if row == at + 1:
            return before
        before = line + 1
    return None


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Records with the number of their last line; bytes that are not UTF-8 come as lone surrogates."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        reader = csv.reader(file)
        try:
            for cells in reader:
                yield reader.line_num, cells
        except csv.Error:
            return


def _garbled(cell: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in cell)


def _unclosed(path: Path) -> bool:
    return path.read_bytes().count(b'"') % 2 == 1
