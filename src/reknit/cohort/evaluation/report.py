"""Sections of the report, written as Markdown with a CSV file per table and an SVG file per figure."""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Section:
    """A heading, what it says, its tables and figures by title."""

    title: str
    text: str
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)


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
        for title, table in section.tables.items():
            table.write_csv(out_dir / f"{slug(title)}.csv")
            parts += [f"**{title}** ([CSV]({slug(title)}.csv))", markdown(table)]
    path = out_dir / "report.md"
    path.write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")
    return path
