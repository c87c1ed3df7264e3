"""Figures of the report as plain SVG: lines against two axes, and dots on labelled rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from reknit.cohort.evaluation.measures import Floats

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 380, 64, 190, 42, 48
ROW, NAMES = 20, 210
INKS = ("#9a3b1f", "#1f4e79", "#3f7d3a", "#7a5195", "#8a6d1d", "#555555")
DASHES = ("", "7 4", "2 3", "9 3 2 3", "12 4", "1 4")  # colour never carries the meaning alone
STYLE = "font-family:Georgia,serif;font-size:12px;fill:#222"
Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """Title and range of an axis, with the values that are marked."""

    title: str
    low: float
    high: float
    ticks: Sequence[float]

    def share(self, value: float) -> float:
        """Where a value lies between the ends, 0 to 1."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)


def lines(
    title: str, x: Axis, y: Axis, curves: Mapping[str, tuple[Floats, Floats]], *, diagonal: bool = False
) -> str:
    """An SVG of curves with a legend; `diagonal` draws the line on which they should lie."""
    parts = [_head(title, HEIGHT), *_frame(x, y)]
    if diagonal:
        parts.append(_line(_place(x.low, y.low, x, y), _place(x.high, y.high, x, y), "#bbb"))
    for i, (name, (across, up)) in enumerate(curves.items()):
        ink, dash = INKS[i % len(INKS)], DASHES[i % len(DASHES)]
        points = [_place(float(a), float(b), x, y) for a, b in zip(across, up, strict=True)]
        parts.append(_path(points, ink, dash))
        left, at = WIDTH - RIGHT + 12, TOP + 8 + 18 * i
        parts += [_path([(left, at), (left + 26, at)], ink, dash), _text(name, left + 32, at + 4)]
    return "\n".join([*parts, "</svg>\n"])


def rows_of_dots(title: str, x: Axis, names: Sequence[str], dots: Mapping[str, Sequence[float]]) -> str:
    """An SVG with a row per name and a dot per series, such as detectors by the fraction of the limit."""
    height, right = TOP + BOTTOM + ROW * len(names), WIDTH - 130
    parts = [_head(title, height)]
    for tick in x.ticks:
        at = NAMES + x.share(tick) * (right - NAMES)
        parts.append(_line((at, TOP), (at, height - BOTTOM)))
        parts.append(_text(f"{tick:g}", at, height - BOTTOM + 16, "middle"))
    parts += [_text(name, NAMES - 10, TOP + 16 + ROW * i, "end") for i, name in enumerate(names)]
    for j, (series, values) in enumerate(dots.items()):
        for i, value in enumerate(values):
            if np.isfinite(value):
                parts.append(_dot(NAMES + x.share(value) * (right - NAMES), TOP + 12 + ROW * i, j))
        parts += [_dot(right + 16, TOP + 12 + ROW * j, j), _text(series, right + 26, TOP + 16 + ROW * j)]
    parts.append(_text(x.title, (NAMES + right) / 2, height - 10, "middle"))
    return "\n".join([*parts, "</svg>\n"])


def _head(title: str, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">'
        f'<title>{escape(title)}</title><rect width="{WIDTH}" height="{height}" fill="#fffdf8"/>'
        f'<text x="16" y="24" style="{STYLE};font-size:14px">{escape(title)}</text>'
    )


def _text(words: str, x: float, y: float, anchor: str = "start", *, turn: bool = False) -> str:
    turned = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turn else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place}{turned} style="{STYLE}">{escape(words)}</text>'


def _line(start: Point, end: Point, ink: str = "#e4e0d8") -> str:
    ends = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {ends} stroke="{ink}"/>'


def _path(points: Sequence[Point], ink: str, dash: str) -> str:
    where = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    look = f'fill="none" stroke="{ink}" stroke-width="2" stroke-dasharray="{dash}"'
    return f'<polyline points="{where}" {look}/>'


def _dot(x: float, y: float, shape: int) -> str:
    ink = INKS[shape % len(INKS)]
    if shape % 2 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{ink}"/>'
    look = f'fill="none" stroke="{ink}" stroke-width="1.8"'
    return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" {look}/>'


def _place(across: float, up: float, x: Axis, y: Axis) -> Point:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    return LEFT + x.share(across) * (right - LEFT), bottom - y.share(up) * (bottom - TOP)


def _frame(x: Axis, y: Axis) -> list[str]:
    parts = []
    for tick in x.ticks:
        at, bottom = _place(tick, y.low, x, y)
        parts.append(_text(f"{tick:g}", at, bottom + 17, "middle"))
    for tick in y.ticks:
        left, at = _place(x.low, tick, x, y)
        parts += [_line((left, at), (WIDTH - RIGHT, at)), _text(f"{tick:g}", left - 8, at + 4, "end")]
    parts.append(_text(x.title, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "middle"))
    parts.append(_text(y.title, 18, HEIGHT / 2, "middle", turn=True))
    return parts
