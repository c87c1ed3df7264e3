"""Scores over time as an SVG: what would be reliable change is a band around the first score.

Drawn on the server, without script; colours come from the page's style sheet by class. Every picture has a
title and a sentence that says what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from reknit.measures.model import Score

WIDTH, HEIGHT, EDGE = 640.0, 180.0, 28.0


def chart(score: Score, values: Sequence[float], labels: Sequence[str], *, title: str, sentence: str) -> str:
    """Draw one score.

    Args:
        score: what is drawn; its scale, cut-off and reliable change come from the measure's file.
        values: the scores in order, n of them, on the score's scale.
        labels: what stands below each, n of them; the first and last are written.
        title, sentence: for those who cannot see it, in the reader's language.

    Returns:
        An `<svg>` element.

    Raises:
        ValueError: there is nothing to draw, or labels and values differ in number.
    """
    if not values or len(values) != len(labels):
        raise ValueError(f"{len(values)} values and {len(labels)} labels: one label a value, at least one")
    lo, hi = score.scale
    across = [EDGE + (WIDTH - 2 * EDGE) * place / max(1, len(values) - 1) for place in range(len(values))]
    up = [_height(value, lo, hi) for value in values]
    parts = [_band(score, values[0], lo, hi), _cutoff(score, lo, hi), _axis(lo, hi)]
    parts.append(f'<polyline class="score__line" points="{_points(across, up)}" fill="none"/>')
    parts += [
        f'<circle class="score__dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
        for x, y in zip(across, up, strict=True)
    ]
    ends = {0: "start", len(values) - 1: "end"}
    parts += [
        f'<text class="score__text" x="{across[at]:.1f}" y="{HEIGHT - 6:.1f}" text-anchor="{anchor}">'
        f"{escape(labels[at])}</text>"
        for at, anchor in ends.items()
    ]
    return (
        f'<svg class="score" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><desc>{escape(sentence)}</desc>{''.join(parts)}</svg>"
    )


def _height(value: float, lo: float, hi: float) -> float:
    return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (value - lo) / (hi - lo)


def _points(across: Sequence[float], up: Sequence[float]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, up, strict=True))


def _band(score: Score, first: float, lo: float, hi: float) -> str:
    """Where a score may wander without being reliably different from the first."""
    if score.reliable_change is None:
        return ""
    top = _height(min(hi, first + score.reliable_change.value), lo, hi)
    bottom = _height(max(lo, first - score.reliable_change.value), lo, hi)
    return (
        f'<rect class="score__band" x="{EDGE:g}" y="{top:.1f}" width="{WIDTH - 2 * EDGE:g}" '
        f'height="{bottom - top:.1f}"/>'
    )


def _cutoff(score: Score, lo: float, hi: float) -> str:
    if score.cutoff is None:
        return ""
    y = _height(score.cutoff.value, lo, hi)
    return (
        f'<line class="score__cutoff" x1="{EDGE:g}" x2="{WIDTH - EDGE:g}" y1="{y:.1f}" y2="{y:.1f}" '
        f'stroke-dasharray="4 4"/>'
    )


def _axis(lo: float, hi: float) -> str:
    return "".join(
        f'<text class="score__text" x="2" y="{_height(end, lo, hi) + 4:.1f}">{end:g}</text>'
        for end in (lo, hi)
    )
