"""The clinic's pictures: bars that show between what and what, never a bare number. Black and white will do.

Drawn with `currentColor` and no style of their own, so that the same picture stands on a page, on paper and
in a file that is opened alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

WIDE = 360
FONT = "Georgia, 'Source Serif 4', 'Liberation Serif', serif"
SMALL, NORMAL = 11, 13

Spot = tuple[float, float]


@dataclass(frozen=True)
class Bar:
    """From `lo` to `hi`; both None where there is too little to say. `sure` bars are drawn full."""

    label: str
    lo: float | None
    hi: float | None
    sure: bool = True


def _svg(height: int, title: str, desc: str, body: SafeString, uid: str) -> SafeString:
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="picture clinic-picture" viewBox="0 0 {} {}"'
        ' role="img" aria-labelledby="{}-title {}-desc" font-family="{}" fill="currentColor">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>',
        WIDE, height, uid, uid, FONT, uid, title, uid, desc, body,
    )  # fmt: skip


def _text(x: float, y: float, words: str, *, size: int = NORMAL, anchor: str = "start") -> SafeString:
    spot = '<text x="{}" y="{}" font-size="{}" text-anchor="{}">{}</text>'
    return format_html(spot, f"{x:.1f}", f"{y:.1f}", size, anchor, words)


def _line(start: Spot, end: Spot, width: float, *, dash: str = "") -> SafeString:
    return format_html(
        '<path d="M{} {}L{} {}" fill="none" stroke="currentColor" stroke-width="{}"{}/>',
        f"{start[0]:.1f}", f"{start[1]:.1f}", f"{end[0]:.1f}", f"{end[1]:.1f}", width,
        format_html(' stroke-dasharray="{}"', dash) if dash else "",
    )  # fmt: skip


def _join(parts: Sequence[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))


def effects(bars: Sequence[Bar], unit: str, title: str, desc: str, uid: str) -> SafeString:
    """Intervals beside a line at nothing: less to the left, more to the right; a full bar leaves it out."""
    ends = [abs(end) for bar in bars for end in (bar.lo, bar.hi) if end is not None]
    reach = max([*ends, 1.0])
    middle, half, row, top = WIDE / 2, WIDE / 2 - 16, 46, 28
    bottom = top + row * len(bars)
    parts = [
        _text(16, 14, _("less"), size=SMALL),
        _text(middle, 14, _("no effect"), size=SMALL, anchor="middle"),
        _text(WIDE - 16, 14, _("more"), size=SMALL, anchor="end"),
    ]
    for place, bar in enumerate(bars):
        y = top + row * place
        parts.append(_text(16, y + 14, bar.label))
        parts.append(_line((middle, y + 19), (middle, y + 38), 1, dash="3 3"))
        if bar.lo is None or bar.hi is None:
            parts.append(_text(middle + 6, y + 32, _("too little to say"), size=SMALL))
            continue
        left, right = middle + half * bar.lo / reach, middle + half * bar.hi / reach
        parts.append(_interval((left, y + 28), (right, y + 28), sure=bar.sure))
    for share, anchor in ((-1, "start"), (0, "middle"), (1, "end")):
        parts.append(
            _text(middle + share * half, bottom + 14, _signed(share * reach), size=SMALL, anchor=anchor)
        )
    parts.append(_text(middle, bottom + 30, unit, size=SMALL, anchor="middle"))
    return _svg(bottom + 38, title, desc, _join(parts), uid)


def _signed(value: float) -> str:
    shown = round(abs(value), 1)
    sign = "" if shown == 0 else "−" if value < 0 else "+"
    return sign + number_format(shown, 0 if shown == round(shown) else 1)


def _interval(start: Spot, end: Spot, *, sure: bool) -> SafeString:
    """Full and thick, or thin with stops at its ends."""
    if sure:
        return _line(start, end, 7)
    dx, dy = (0.0, 5.0) if start[1] == end[1] else (5.0, 0.0)
    stops = [_line((x - dx, y - dy), (x + dx, y + dy), 1.4) for x, y in (start, end)]
    return _join([_line(start, end, 1.4), *stops])


def climate(
    quarters: Sequence[str], series: Mapping[str, Sequence[Bar]], title: str, desc: str, uid: str
) -> SafeString:
    """Intervals on 0 to 10, quarter by quarter; the first of the named series full, the others thin."""
    left, top, tall = 30, 12, 190
    step = (WIDE - left - 8) / max(len(quarters), 1)

    def y(value: float) -> float:
        return top + tall * (1 - value / 10)

    parts = []
    for value in (0, 5, 10):
        parts.append(_line((left, y(value)), (WIDE - 6, y(value)), 0.4))
        parts.append(_text(left - 6, y(value) + 4, str(value), size=SMALL, anchor="end"))
    parts += _quarter_labels(quarters, left, step, top + tall + 16)
    for order, (name, bars) in enumerate(series.items()):
        aside = (order - (len(series) - 1) / 2) * 12
        for place, bar in enumerate(bars):
            x = left + step * (place + 0.5) + aside
            if bar.lo is not None and bar.hi is not None:
                parts.append(_interval((x, y(bar.hi)), (x, y(bar.lo)), sure=order == 0))
        at = top + tall + 48 + 18 * order
        parts += [_interval((left, at - 4), (left + 26, at - 4), sure=order == 0), _text(left + 36, at, name)]
    return _svg(top + tall + 52 + 18 * len(series), title, desc, _join(parts), uid)


def _quarter_labels(quarters: Sequence[str], left: float, step: float, y: float) -> list[SafeString]:
    """Months above the year; every other quarter where they stand close, the last one always."""
    every = 2 if len(quarters) > 5 else 1
    out = []
    for place, quarter in enumerate(quarters):
        if (len(quarters) - 1 - place) % every == 0:
            months, _space, year = quarter.rpartition(" ")
            centre = left + step * (place + 0.5)
            out += [_text(centre, y + 13 * line, words, size=SMALL, anchor="middle")
                    for line, words in enumerate((months, year))]  # fmt: skip
    return out
