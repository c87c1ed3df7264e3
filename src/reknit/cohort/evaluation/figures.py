"""Figures of the report as plain SVG: lines against two axes, and dots on labelled rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from reknit.cohort.evaluation.measures import Floats

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 620, 380, 64, 170, 42, 48
INKS = ("#9a3b1f", "#1f4e79", "#3f7d3a", "#7a5195", "#8a6d1d", "#555555")
DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 4", "1 4")  # colour never carries the meaning alone
STYLE = "font-family:Georgia,serif;font-size:12px;fill:#222"


@dataclass(frozen=True)
class Axis:
    """Title and range of an axis, with the values that are marked."""

    title: str
    low: float
    high: float
    ticks: Sequence[float]


def lines(title: str, x: Axis, y: Axis, curves: Mapping[str, tuple[Floats, Floats]], diagonal: bool = False) -> str:
    """An SVG of curves, each named at its end."""
    parts = [_head(title), *_frame(x, y)]
    if diagonal:
        parts.append(_path([x.low, x.high], [y.low, y.high], x, y, "#bbbbbb", ""))
    for i, (name, (across, up)) in enumerate(curves.items()):
        ink, dash = INKS[i % len(INKS)], DASHES[i % len(DASHES)]
        parts.append(_path(across, up, x, y, ink, dash))
        at = TOP + 8 + 18 * i
        left = WIDTH - RIGHT + 12
        parts.append(
            f'<line x1="{left}" y1="{at}" x2="{left + 26}" y2="{at}" stroke="{ink}" stroke-width="2"'
            f' stroke-dasharray="{dash}"/><text x="{left + 32}" y="{at + 4}" style="{STYLE}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])


def rows_of_dots(title: str, x: Axis, names: Sequence[str], dots: Mapping[str, Sequence[float]]) -> str:
    """An SVG with one row per name and one dot per series, such as detectors by the fraction of the limit."""
    height = TOP + BOTTOM + 20 * len(names)
    left, right = 210, WIDTH - 130
    scale = (right - left) / (x.high - x.low)
    parts = [_head(title, height)]
    for tick in x.ticks:
        at = left + (tick - x.low) * scale
        parts.append(
            f'<line x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{height - BOTTOM}" stroke="#e4e0d8"/>'
            f'<text x="{at:.1f}" y="{height - BOTTOM + 16}" text-anchor="middle" style="{STYLE}">{tick:g}</text>'
        )
    for i, name in enumerate(names):
        up = TOP + 12 + 20 * i
        parts.append(f'<text x="{left - 10}" y="{up + 4}" text-anchor="end" style="{STYLE}">{escape(name)}</text>')
    for j, (series, values) in enumerate(dots.items()):
        ink = INKS[j % len(INKS)]
        for i, value in enumerate(values):
            if np.isfinite(value):
                at = left + (min(max(value, x.low), x.high) - x.low) * scale
                parts.append(_dot(at, TOP + 12 + 20 * i, j, ink))
        parts.append(_dot(right + 16, TOP + 12 + 20 * j, j, ink))
        parts.append(f'<text x="{right + 26}" y="{TOP + 16 + 20 * j}" style="{STYLE}">{escape(series)}</text>')
    middle = (left + right) / 2
    parts.append(f'<text x="{middle}" y="{height - 10}" text-anchor="middle" style="{STYLE}">{escape(x.title)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def _dot(x: float, y: float, shape: int, ink: str) -> str:
    if shape % 2 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{ink}"/>'
    return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="none" stroke="{ink}" stroke-width="1.8"/>'


def _head(title: str, height: int = HEIGHT) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{height}" fill="#fffdf8"/>'
        f'<text x="16" y="24" style="{STYLE};font-size:14px">{escape(title)}</text>'
    )


def _at(across: float, up: float, x: Axis, y: Axis) -> tuple[float, float]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    return (
        LEFT + (across - x.low) / (x.high - x.low) * (right - LEFT),
        bottom - (up - y.low) / (y.high - y.low) * (bottom - TOP),
    )


def _frame(x: Axis, y: Axis) -> list[str]:
    parts = []
    for tick in x.ticks:
        at, bottom = _at(tick, y.low, x, y)
        parts.append(f'<text x="{at:.1f}" y="{bottom + 17:.1f}" text-anchor="middle" style="{STYLE}">{tick:g}</text>')
    for tick in y.ticks:
        left, at = _at(x.low, tick, x, y)
        parts.append(
            f'<line x1="{left:.1f}" y1="{at:.1f}" x2="{WIDTH - RIGHT}" y2="{at:.1f}" stroke="#e4e0d8"/>'
            f'<text x="{left - 8:.1f}" y="{at + 4:.1f}" text-anchor="end" style="{STYLE}">{tick:g}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle" style="{STYLE}">{escape(x.title)}</text>')
    turn = f"rotate(-90 18 {HEIGHT / 2})"
    parts.append(
        f'<text x="18" y="{HEIGHT / 2}" transform="{turn}" text-anchor="middle" style="{STYLE}">{escape(y.title)}</text>'
    )
    return parts


def _path(across: Sequence[float] | Floats, up: Sequence[float] | Floats, x: Axis, y: Axis, ink: str, dash: str) -> str:
    points = " ".join("{:.1f},{:.1f}".format(*_at(float(a), float(b), x, y)) for a, b in zip(across, up, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="2" stroke-dasharray="{dash}"/>'
