"""Learnings of the kind "only if": is the condition met by a homework, broken, or not to be seen in it?

The words live in ``data/conditions.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from reknit.words.sentences import straighten

Verdict = Literal["met", "broken", "open"]

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = {word: float(n) for n, word in enumerate(_WORDS)}
_NUMBER |= {"a": 1, "an": 1, "half": 0.5, "a few": 3, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40}
_AMOUNT = re.compile(
    rf"\b(?P<n>\d+(?:[.,]\d+)?|{'|'.join(sorted(_NUMBER, key=len, reverse=True))})"
    r"(?:[ -](?:an?|to \w+|or \w+|full|whole|solid|short))?"
    r"[ -](?P<unit>minute|min|hour|page|day|second|chapter|line|sentence)s?\b"
)
_MINUTES = {"second": 1 / 60, "minute": 1.0, "min": 1.0, "hour": 60.0, "day": 600.0}
_PAGES = {"line": 1 / 25, "sentence": 1 / 15, "page": 1.0, "chapter": 15.0}
_SHORT_MEANS = {"minute": 15.0, "page": 2.0}
_SHORT = re.compile(
    r"\b(?:short|brief|quick|small|little|tiny|not (?:too )?long|doesn't take long|few minutes)\b"
)
_LONG = re.compile(
    r"\b(?:long|whole|full|entire|all (?:day|morning|afternoon|evening)|workbook|chapters|marathon|hours|"
    r"every single)\b"
)
_AT_LEAST = re.compile(r"\b(?:at least|more than|minimum|longer than)\b")
_COMPANY = re.compile(r"\b(?:with|beside|accompanied|next to|together|comes?|goes|there|is|are|has|joins?)\b")
_NOBODY = re.compile(r"\b(?:without|nobody|no one|not)\b")
_ANYONE = frozenset({"someone", "somebody", "company", "anyone", "others", "people"})
_ALONE = re.compile(
    r"\b(?:alone|on your own|by yourself|solo|unaccompanied|just you|without (?:him|her|them|company))\b"
)
_NEGATED = re.compile(r"\b(?:not|never|isn't|don't|no)(?: in| at| on| during| the)* ?$")


@dataclass(frozen=True)
class Condition:
    """A learning "subject, only if condition"; ``subject`` is empty when it goes for everything."""

    subject: str
    condition: str


def parse(learning: str) -> Condition:
    """Split an only-if learning into its subject and its condition (lower case, straight quotes)."""
    text = straighten(learning).lower().strip(" .")
    mark = re.search(rf"\b(?:{_table()['mark']})\b", text)
    if mark is None:
        return Condition(text, text)
    before, after = text[: mark.start()].strip(" ,."), text[mark.start() :].strip(" ,")
    if not before and "," in after:
        after, before = (piece.strip() for piece in after.split(",", 1))
    return Condition(before, after)


def verdict(condition: str, homework: str) -> Verdict:
    """Whether ``homework`` meets the condition, breaks it, or leaves it open.

    Looked at in turn: amounts (minutes, pages), company, opposites (outdoors or in, private or shared).
    """
    asked = straighten(homework).lower()
    checks = (_amount(condition, asked), _company(condition, asked), _opposites(condition, asked))
    if "broken" in checks:
        return "broken"
    return "met" if "met" in checks else "open"


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads((files("reknit.words") / "data" / "conditions.toml").read_text("utf-8"))


def _amounts(text: str, units: dict[str, float]) -> list[float]:
    """All amounts in ``text`` of these units, in minutes or in pages."""
    found = [match for match in _AMOUNT.finditer(text) if match["unit"] in units]
    return [_number(match["n"]) * units[match["unit"]] for match in found]


def _number(text: str) -> float:
    return _NUMBER[text] if text in _NUMBER else float(text.replace(",", "."))


def _amount(condition: str, asked: str) -> Verdict:
    short = bool(_SHORT.search(condition))
    for units, name in ((_MINUTES, "minute"), (_PAGES, "page")):
        limits, wanted = _amounts(condition, units), _amounts(asked, units)
        if short and not limits:
            limits = [_SHORT_MEANS[name]]
        if limits and wanted:
            too_little = _AT_LEAST.search(condition) and min(wanted) < min(limits)
            too_much = not _AT_LEAST.search(condition) and max(wanted) > max(limits)
            return "broken" if too_little or too_much else "met"
        if limits and _LONG.search(asked):
            return "broken"
    return "met" if short and _SHORT.search(asked) else "open"


def _company(condition: str, asked: str) -> Verdict:
    people = set(_table()["people"].split())
    wanted = people & set(re.findall(r"\w+", condition))
    if not wanted or not _COMPANY.search(condition) or _NOBODY.search(condition):
        return "open"
    if _ALONE.search(asked):
        return "broken"
    there = people & set(re.findall(r"\w+", asked))
    anyone = bool(wanted & _ANYONE) and (there or re.search(r"\b(?:with|together)\b", asked))
    return "met" if wanted & there or anyone else "open"


def _opposites(condition: str, asked: str) -> Verdict:
    for row in _table()["opposite"]:
        about = re.search(rf"\b(?:{row['about']})\b", condition)
        if not about:
            continue
        met, broken = (bool(re.search(rf"\b(?:{row[key]})\b", asked)) for key in ("met", "broken"))
        if _NEGATED.search(condition[: about.start()]):
            met, broken = broken, met
        if met != broken:
            return "met" if met else "broken"
    return "open"
