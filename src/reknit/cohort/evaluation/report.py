"""Sections of the report, written as Markdown with a CSV file per table and an SVG file per figure."""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Section:
    """A heading, what it says, its tables and figures by title; `data` is kept as CSV files alone."""

    title: str
    text: str
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    data: dict[str, pl.DataFrame] = field(default_factory=dict)


def slug(title: str) -> str:
    """A file name from a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def cell(value: object) -> str:
    """A cell as text: three decimals for numbers, yes and no for truth, a dash for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) >= 0.0005 or value == 0 else f"{value:.1e}"
    return str(value)


def markdown(table: pl.DataFrame) -> str:
    """A pipe table; numbers to the right."""
    kinds = ["---:" if dtype.is_numeric() else "---" for dtype in table.dtypes]
    lines = ["| " + " | ".join(table.columns) + " |", "| " + " | ".join(kinds) + " |"]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in table.rows()]
    return "\n".join(lines)


def write(sections: list[Section], out_dir: Path, opening: str) -> Path:
    """Write `report.md` with its CSV and SVG files into `out_dir`; returns its path."""
    out_dir.mkdir(parents=True, exist_ok=True)
    parts = [opening]
    for section in sections:
        parts += [f"## {section.title}", section.text]
        for title, svg in section.figures.items():
            (out_dir / f"{slug(title)}.svg").write_text(svg, encoding="utf-8")
            parts.append(f"![{title}]({slug(title)}.svg)")
        for title, table in section.data.items():
            table.write_csv(out_dir / f"{slug(title)}.csv")
        for title, table in section.tables.items():
            table.write_csv(out_dir / f"{slug(title)}.csv")
            parts += [f"**{title}** ([CSV]({slug(title)}.csv))", markdown(table)]
    path = out_dir / "report.md"
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return path


def fill(document: Path, sections: list[Section]) -> list[str]:
    """Put the tables into a document between ``<!-- table: TITLE -->`` and ``<!-- end -->``, and the figures
    beside it in the folder of its name; returns the titles that it has no place for.
    """
    text = document.read_text(encoding="utf-8")
    lacking = []
    for section in sections:
        for title, table in section.tables.items():
            place = re.compile(rf"(<!-- table: {re.escape(title)} -->\n).*?(<!-- end -->)", re.DOTALL)
            shown = markdown(table)
            text, count = place.subn(lambda found, shown=shown: f"{found[1]}\n{shown}\n\n{found[2]}", text)  # type: ignore[misc]
            lacking += [] if count else [title]
        for title, svg in section.figures.items():
            figure = document.with_suffix("") / f"{slug(title)}.svg"
            figure.parent.mkdir(exist_ok=True)
            figure.write_text(svg, encoding="utf-8")
    document.write_text(text, encoding="utf-8")
    return lacking
