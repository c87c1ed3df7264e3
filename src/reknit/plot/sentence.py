"""What a trust curve shows, in plain words and with its doubt."""

from __future__ import annotations

import math
from collections.abc import Sequence

from reknit.plot.point import Point


def trust_sentence(points: Sequence[Point]) -> str:
    """Say in plain words what the curve shows, with its doubt.

    The latest level is set beside the lowest or the highest earlier one, whichever is farther; how sure we
    are comes from the two 80 % intervals taken as independent normal ones, which errs on the side of doubt.

    Args:
        points: the sessions, in any order.

    Returns:
        One or two sentences.
    """
    run = sorted(points, key=lambda p: p.week)
    told = [s for s in (_direction(run), _story(run)) if s]
    return " ".join(told)


def _direction(run: Sequence[Point]) -> str:
    if not run:
        return "Nothing has been said yet."
    last, earlier = run[-1], run[:-1]
    if not earlier:
        return "One session so far: it is too early to see a direction."
    low, high = min(earlier, key=lambda p: p.trust), max(earlier, key=lambda p: p.trust)
    grown = last.trust - low.trust >= high.trust - last.trust
    then = low if grown else high
    spread = math.hypot(_sd(last), _sd(then)) or 1e-9
    sure = 0.5 * (1 + math.erf(abs(last.trust - then.trust) / spread / math.sqrt(2)))
    if sure < 0.75:
        return "Trust has held about steady."
    doubt = (
        "we are almost sure" if sure >= 0.975 else "we are fairly sure" if sure >= 0.9 else "we are not sure"
    )
    return f"Trust has {'grown' if grown else 'fallen'} since {_when(then)}; {doubt}."


def _story(run: Sequence[Point]) -> str:
    """The last difficulty and what became of it."""
    hurt: Point | None = None
    mended: Point | None = None
    for p in run:
        if p.named in ("difficulty", "rupture"):
            hurt, mended = p, None
        elif p.named in ("repair", "exceeded"):
            mended = p
    if mended is None and hurt is None:
        return ""
    if mended is None and hurt is not None:
        said = "A difficulty was reported" if hurt.named == "difficulty" else "Something may have happened"
        return f"{said} at {_when(hurt)}."
    assert mended is not None
    began = ""
    if hurt:
        began = f" after {'the difficulty at ' if hurt.event else ''}{_when(hurt)}"
    higher = ", and trust stands higher than before" if mended.named == "exceeded" else ""
    there = "There was" if mended.event else "There may have been"
    return f"{there} a repair at {_when(mended)}{began}{higher}."


def _sd(p: Point) -> float:
    return (p.hi80 - p.lo80) / (2 * 1.2816)


def _when(p: Point) -> str:
    return p.name or (f"session {p.label}" if p.label.isdigit() else p.label)
