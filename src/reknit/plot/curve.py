"""The trust curve as SVG text: a thread with a soft band of doubt.

The thread is the estimate; the darker band holds it with 80 % and the lighter with 95 % probability. Open
circles are the ratings. Where a rupture is probable the thread thins, in proportion to its probability; a
repair is drawn as three stitches across the thread, and a repair after which trust stands higher than before
also carries a dashed line at the old level. Everything reads in black and white: shape says it, colour only
repeats it.

No library is needed: :func:`trust_svg` returns a string. Colours are CSS classes (``rk-…``) over quiet
fallbacks in ``currentColor``, so that a page under a strict content policy draws the same figure as a file.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from reknit.plot.point import Point
from reknit.plot.sentence import trust_sentence

DEFAULT_WORDS: Mapping[str, str] = {
    "difficulty": "a difficulty",
    "rupture": "a difficulty?",
    "repair": "repair",
    "exceeded": "repair, and higher",
}

STYLE = (
    ".rk-paper{fill:#fdfbf7}.rk-rule{stroke:#d9d2c5}.rk-band95{fill:#8d7f6a;fill-opacity:.13}"
    ".rk-band80{fill:#8d7f6a;fill-opacity:.2}.rk-thread{fill:#35322d}.rk-rating{fill:#fdfbf7;stroke:#35322d}"
    ".rk-stitch,.rk-old{stroke:#a8481f}.rk-axis{fill:#6b6559}.rk-note{fill:#8f3c18}"
    ".rk-caption{fill:#35322d}text{font-family:Georgia,'Source Serif 4','Liberation Serif',serif}"
)
"""The colours of a file that stands alone; a page brings its own rules for the same classes."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 38.0, 12.0, 22.0, 34.0
_PAD = 10.0  # air before the first and after the last session, pixels
_THREAD = 3.4  # width of a sound thread, pixels


@dataclass(frozen=True)
class _Frame:
    """Maps weeks and the scale to pixels; the thread may go a little past the ends of the scale."""

    first: float
    last: float
    lo: float
    hi: float
    bottom: float
    top: float
    width: float
    height: float

    def x(self, week: float) -> float:
        inner = self.width - _LEFT - _RIGHT - 2 * _PAD
        if self.last <= self.first:
            return _LEFT + _PAD + inner / 2
        return _LEFT + _PAD + inner * (week - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        inner = self.height - _TOP - _BOTTOM
        share = (value - self.bottom) / (self.top - self.bottom)
        return _TOP + inner * (1 - min(max(share, 0.0), 1.0))


def trust_svg(
    points: Sequence[Point],
    lo: float,
    hi: float,
    *,
    width: int = 720,
    height: int = 280,
    title: str = "Trust over time",
    desc: str | None = None,
    standalone: bool = False,
    caption: str | None = None,
    axis: str = "",
    turned: float | None = None,
    uid: str = "trust",
    words: Mapping[str, str] = DEFAULT_WORDS,
) -> str:
    """Draw one relationship's trust curve.

    Args:
        points: the sessions, at least one, in any order; drawn by week.
        lo, hi: ends of the scale shown, lo < hi, in the units of the ratings. The thread may go past them by
            an eighth, because a rating at the ceiling does not say by how much; the rest is held there.
        width, height: of the drawing's own coordinates in pixels; the figure scales to the space it is given.
        title, desc: what a screen reader says; ``desc`` defaults to :func:`trust_sentence`.
        standalone: True for a file: name space, paper and colours are included.
        caption: a sentence drawn below the figure (adds to its height); None leaves it to the page.
        axis: what the labels count, such as ``"week"``, said at the first.
        turned: where lower ratings are better, draw ``turned`` minus the rating (the sum of the ends of the
            scale), so that up is better; the numbers on the axis are turned back. None: as they are.
        uid: prefix of the element ids, to be unique on a page with several figures.
        words: what the events are called, by the names of :attr:`Point.event`.

    Returns:
        The SVG element as text.

    Raises:
        ValueError: no points, or lo >= hi.
    """
    if not points:
        raise ValueError("there is nothing to draw: no points")
    if not lo < hi:
        raise ValueError(f"the scale runs from low to high, not {lo:g}:{hi:g}")
    run = sorted(points, key=lambda p: p.week)
    room = 0.12 * (hi - lo)
    bottom = min(max(min(p.trust for p in run), lo - room), lo)
    top = max(min(max(p.trust for p in run), hi + room), hi)
    frame = _Frame(run[0].week, run[-1].week, lo, hi, bottom, top, width, height)
    lines = _wrap(caption, width) if caption else []
    whole = height + 20 * len(lines) + (8 if lines else 0)
    said = trust_sentence(run) if desc is None else desc
    head = _head((width, whole), title, said, standalone=standalone, uid=uid)
    body = [
        _axes(run, frame, axis, turned=turned),
        _band(run, frame, "95"),
        _band(run, frame, "80"),
        _old_levels(run, frame),
        _thread(run, frame),
        _ratings(run, frame),
        _events(run, frame, words),
        *(_text("caption", 15, _LEFT, height + 14 + 20 * i, line) for i, line in enumerate(lines)),
    ]
    return head + "".join(body) + "</svg>"


def _text(name: str, size: int, x: float, y: float, words: str, *, anchor: str = "", slant: str = "") -> str:
    place = f' text-anchor="{anchor}"' if anchor else ""
    spot = f'font-size="{size}"{place}{slant} x="{_n(x)}" y="{_n(y)}"'
    return f'<text class="rk-{name}" {spot}>{escape(words)}</text>'


def _head(size: tuple[int, int], title: str, desc: str, *, standalone: bool, uid: str) -> str:
    width, height = size
    space = f' xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"' if standalone else ""
    uid = escape(uid, {'"': "&quot;"})
    paper = '<rect class="rk-paper" width="100%" height="100%"/>' if standalone else ""
    style = f"<style>{STYLE}</style>" if standalone else ""
    return (
        f'<svg{space} class="rk-trust" viewBox="0 0 {width} {height}" role="img"'
        f' aria-labelledby="{uid}-title {uid}-desc">'
        f'<title id="{uid}-title">{escape(title)}</title>'
        f'<desc id="{uid}-desc">{escape(desc)}</desc>{style}{paper}'
    )


def _axes(run: Sequence[Point], frame: _Frame, axis: str, *, turned: float | None) -> str:
    """Two hairlines at the ends of the scale, one in the middle, and as many labels below as fit."""
    out = []
    for value in (frame.lo, (frame.lo + frame.hi) / 2, frame.hi):
        y = frame.y(value)
        out.append(
            f'<path class="rk-rule" stroke="currentColor" stroke-opacity=".25" stroke-width=".7"'
            f' d="M{_LEFT:g} {_n(y)}H{_n(frame.width - _RIGHT)}"/>'
        )
        shown = value if turned is None else turned - value
        out.append(_text("axis", 12, _LEFT - 8, y + 4, f"{shown:.3g}", anchor="end"))
    below = frame.height - _BOTTOM + 22
    room = -math.inf
    for p in run:
        label = f"{axis} {p.label}" if axis and p is run[0] else p.label
        x, half = frame.x(p.week), 3.2 * len(label) + 5
        if p.label and x - half >= room:
            room = x + half
            out.append(_text("axis", 12, x, below, label, anchor="middle"))
    return "".join(out)


def _band(run: Sequence[Point], frame: _Frame, level: str) -> str:
    """The band of doubt: along the upper ends and back along the lower ones."""
    xs = [frame.x(p.week) for p in run]
    upper = [frame.y(float(getattr(p, f"hi{level}"))) for p in run]
    lower = [frame.y(float(getattr(p, f"lo{level}"))) for p in run]
    if len(run) == 1:
        xs, upper, lower = [xs[0] - 9, xs[0] + 9], upper * 2, lower * 2
    path = _curve(xs, upper, "M") + _curve(xs[::-1], lower[::-1], "L") + "Z"
    shade = {"95": ".1", "80": ".14"}[level]
    return f'<path class="rk-band{level}" fill="currentColor" fill-opacity="{shade}" d="{path}"/>'


def _thread(run: Sequence[Point], frame: _Frame) -> str:
    """The estimate as a ribbon whose width is the thread's strength."""
    xs, ys = [frame.x(p.week) for p in run], [frame.y(p.trust) for p in run]
    if len(run) == 1:
        path = f"M{_n(xs[0] - 9)} {_n(ys[0] - _THREAD / 2)}h18v{_THREAD}h-18Z"
        return f'<path class="rk-thread" fill="currentColor" d="{path}"/>'
    slopes = _slopes(xs, ys)
    above, below = [], []
    for p, x, y, slope in zip(run, xs, ys, slopes, strict=True):
        half = _strength(p) / 2
        along = math.hypot(1, slope)
        nx, ny = -slope / along * half, half / along
        above.append((x - nx, y - ny))
        below.append((x + nx, y + ny))
    path = _through(above, slopes, "M") + _through(below[::-1], slopes[::-1], "L") + "Z"
    return f'<path class="rk-thread" fill="currentColor" d="{path}"/>'


def _strength(p: Point) -> float:
    """Width of the thread: full up to a probability of .2, a hair where a rupture is certain."""
    certain = p.named in ("difficulty", "rupture") and p.event is not None
    doubt = 1.0 if certain else min(max((p.p_rupture - 0.2) / 0.8, 0.0), 1.0)
    return _THREAD * (1 - 0.8 * doubt)


def _ratings(run: Sequence[Point], frame: _Frame) -> str:
    size = 1.6 if _dense(run) else 3
    dots = [
        f'<circle cx="{_n(frame.x(p.week))}" cy="{_n(frame.y(p.rating))}" r="{size}"/>'
        for p in run
        if p.rating is not None and math.isfinite(p.rating)
    ]
    if not dots:
        return ""
    return f'<g class="rk-rating" fill="none" stroke="currentColor" stroke-width="1.1">{"".join(dots)}</g>'


def _old_levels(run: Sequence[Point], frame: _Frame) -> str:
    """A dashed line at the level before a rupture, as far as the repair that went past it."""
    out, old = [], None
    for before, p in zip([None, *run], run, strict=False):
        if p.named in ("difficulty", "rupture"):
            old = old or before or p
        elif p.named in ("repair", "exceeded"):
            if p.named == "exceeded" and old is not None:
                end = min(frame.x(run[-1].week), frame.x(p.week) + 40)
                out.append(f"M{_n(frame.x(old.week))} {_n(frame.y(old.trust))}H{_n(end)}")
            old = None
    if not out:
        return ""
    path = "".join(out)
    look = 'fill="none" stroke="currentColor" stroke-width="1.2" stroke-dasharray="5 4"'
    return f'<path class="rk-old" {look} d="{path}"/>'


def _events(run: Sequence[Point], frame: _Frame, words: Mapping[str, str]) -> str:
    """Stitches across the thread at repairs, and a few quiet words; the rest is in the description."""
    xs, ys = [frame.x(p.week) for p in run], [frame.y(p.trust) for p in run]
    slopes = _slopes(xs, ys) if len(run) > 1 else [0.0]
    stitches, notes = [], []
    room = {"above": -math.inf, "below": -math.inf}
    dense = _dense(run)
    for p, x, y, slope in zip(run, xs, ys, slopes, strict=True):
        if p.named is None:
            continue
        mended = p.named in ("repair", "exceeded")
        if mended:
            stitches.append(_stitch(x, y, slope, dense=dense))
        above, below = _clear_of(p, frame)
        side = "above" if mended or below > frame.height - _BOTTOM - 3 else "below"
        if dense and room[side] > 0:
            continue
        word = words.get(p.named, p.named)
        half = 3.1 * len(word) + 6
        centre = min(max(x, _LEFT + half), frame.width - half)
        if centre - half < room[side]:
            continue
        room[side] = centre + half
        place = above if side == "above" else below
        notes.append(_text("note", 13, centre, place, word, anchor="middle", slant=' font-style="italic"'))
    if stitches:
        path = "".join(stitches)
        notes.insert(0, f'<path class="rk-stitch" stroke="currentColor" stroke-width="1.7" d="{path}"/>')
    return "".join(notes)


def _clear_of(p: Point, frame: _Frame) -> tuple[float, float]:
    """Where a word stands clear above, and below, the doubt and the rating of a session."""
    seen = [p.lo95, p.hi95] + ([p.rating] if p.rating is not None and math.isfinite(p.rating) else [])
    return max(frame.y(max(seen)) - 8, 13), frame.y(min(seen)) + 16


def _dense(run: Sequence[Point]) -> bool:
    """Too many sessions for words at each: then each word is said once, and a stitch is one stroke."""
    return len(run) > 60


def _stitch(x: float, y: float, slope: float, *, dense: bool) -> str:
    """Three short strokes that cross the thread aslant."""
    lean = min(max(slope, -0.5), 0.5)
    places = (0.0,) if dense else (-6.0, 0.0, 6.0)
    return "".join(f"M{_n(x + k - 3)} {_n(y + lean * k + 8)}l6-16" for k in places)


def _slopes(xs: Sequence[float], ys: Sequence[float]) -> list[float]:
    """Tangents of a monotone cubic through the points: no overshoot (Fritsch & Carlson 1980)."""
    steps = [(y1 - y0) / (x1 - x0) if x1 != x0 else 0.0 for x0, x1, y0, y1 in _pairs(xs, ys)]
    inner = [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(steps)]
    return [steps[0], *inner, steps[-1]]


def _pairs(xs: Sequence[float], ys: Sequence[float]) -> list[tuple[float, float, float, float]]:
    return list(zip(xs, xs[1:], ys, ys[1:], strict=False))


def _curve(xs: Sequence[float], ys: Sequence[float], start: str) -> str:
    return _through(list(zip(xs, ys, strict=True)), _slopes(xs, ys), start)


def _through(knots: Sequence[tuple[float, float]], slopes: Sequence[float], start: str) -> str:
    """A cubic Bézier path through the knots with these tangents (Hermite to Bézier: a third of the step)."""
    x, y = round(knots[0][0], 1), round(knots[0][1], 1)
    out = [f"{start}{_n(x)} {_n(y)}"]
    for (x1, y1), s0, s1 in zip(knots[1:], slopes, slopes[1:], strict=False):
        dx, dy = x1 - x, y1 - y
        steps = (dx / 3, s0 * dx / 3, dx * 2 / 3, dy - s1 * dx / 3, dx, dy)
        out.append("c" + " ".join(_n(step) for step in steps).replace(" -", "-"))
        x, y = x + round(dx, 1), y + round(dy, 1)
    return "".join(out)


def _n(value: float) -> str:
    """A coordinate to a tenth of a pixel, without idle zeros."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width=max(20, int((width - _LEFT - _RIGHT) / 7.1)))
