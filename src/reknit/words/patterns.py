"""The unmistakable defensive patterns and the moves of acknowledging, read from ``data/patterns.toml``.

The moves follow what the alliance literature agrees on for repair (validate and explore before anything is
changed; Eubanks, Muran & Safran 2018): name the impact, own a part, be curious, learn, commit, invite more.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

Span = tuple[int, int]


@dataclass(frozen=True)
class Defensive:
    """One defensive pattern: how it is recognised, what to ask oneself and one sentence that carries more."""

    code: str
    kind: str
    text: str
    question: str
    better: str
    patterns: tuple[re.Pattern[str], ...]
    exceptions: tuple[re.Pattern[str], ...]

    def spans(self, text: str) -> list[Span]:
        """Where the pattern stands in ``text`` (straight apostrophes), as (start, end)."""
        allowed = [found.span() for pattern in self.exceptions for found in pattern.finditer(text)]
        hits = [found.span() for pattern in self.patterns for found in pattern.finditer(text)]
        return _merge([hit for hit in hits if not any(_overlap(hit, other) for other in allowed)])


@dataclass(frozen=True)
class Move:
    """One acknowledging move: its name for the checklist and the question that leads to it."""

    code: str
    title: str
    question: str
    patterns: tuple[re.Pattern[str], ...]

    def spans(self, text: str) -> list[Span]:
        """Where the move is made in ``text`` (straight apostrophes), as (start, end)."""
        return _merge([found.span() for pattern in self.patterns for found in pattern.finditer(text)])


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span[0] < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
        else:
            merged.append(span)
    return merged


def _compiled(row: dict[str, Any], key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in row.get(key, []))


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads((files("reknit.words") / "data" / "patterns.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def defensive_patterns() -> tuple[Defensive, ...]:
    """The defensive patterns, in the order of the data file."""
    return tuple(
        Defensive(
            row["code"],
            row["kind"],
            row["text"],
            row["question"],
            row["better"],
            _compiled(row, "patterns"),
            _compiled(row, "not"),
        )
        for row in _table()["defensive"]
    )


@lru_cache(maxsize=1)
def moves() -> tuple[Move, ...]:
    """The acknowledging moves, in the order of a repair: validate and explore first, change later."""
    return tuple(
        Move(row["code"], row["title"], row["question"], _compiled(row, "patterns"))
        for row in _table()["move"]
    )
