"""Cutting a text into sentences without losing where each one stood."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:dr|mr|mrs|ms|prof|st|e\.g|i\.e|etc|vs|no|approx|\w)\.)$", re.IGNORECASE)
_CURLY = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "\u00a0": " "})


def straighten(text: str) -> str:
    """Replace curly quotation marks by straight ones, one for one, so that offsets stay true."""
    return text.translate(_CURLY)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence of ``text``, blank space outside; offsets count characters."""
    start = 0
    for end in _END.finditer(text):
        piece = text[start : end.end()]
        if end.group().startswith(".") and _ABBREVIATION.search(piece) and not piece.lower().endswith(" i."):
            continue
        yield from _trimmed(text, start, end.end())
        start = end.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(character.isalnum() for character in text[start:end]):
        yield start, end
