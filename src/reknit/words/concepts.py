"""What a practice asks of a person, by the words that name it (``data/demands.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from reknit.words.sentences import straighten

Spans = dict[str, list[tuple[int, int]]]


@dataclass(frozen=True)
class Demand:
    """One thing that a practice may ask for. Patterns are empty (never match) where the map has no words."""

    code: str
    name: str
    parents: tuple[str, ...]
    related: tuple[str, ...]
    person: bool
    terms: re.Pattern[str]
    says: re.Pattern[str]
    asks: re.Pattern[str]
    exceptions: re.Pattern[str]
    instead: re.Pattern[str]


@dataclass(frozen=True)
class Named:
    """The demands that a text names: ``plain`` by a word for the thing, ``implied`` by what goes with it."""

    plain: frozenset[str]
    implied: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        """Both together."""
        return self.plain | self.implied


def _pattern(terms: str) -> re.Pattern[str]:
    """Compile "word, start*, one ~ two" to a regular expression of whole words."""
    parts = []
    for term in (piece.strip() for piece in terms.split(",")):
        if term:
            escaped = re.escape(term).replace(r"\*", r"[\w-]*")
            parts.append(re.sub(r"(?:\\ )?\\?~(?:\\ )?", r"\\W+(?:[\\w'-]+\\W+){0,3}?", escaped))
    return re.compile(rf"(?<![\w])(?:{'|'.join(parts)})(?![\w])" if parts else r"(?!)")


@lru_cache(maxsize=1)
def demands() -> dict[str, Demand]:
    """The map, by code, in the order of the data file."""
    table = tomllib.loads((files("reknit.words") / "data" / "demands.toml").read_text("utf-8"))
    kinds = ("terms", "says", "asks", "not", "instead")
    return {
        code: Demand(
            code,
            row["name"],
            tuple(row.get("parents", [])),
            tuple(row.get("related", [])),
            bool(row.get("person", False)),
            *(_pattern(row.get(kind, "")) for kind in kinds),
        )
        for code, row in table.items()
    }


def demand_names() -> dict[str, str]:
    """The English name of each demand by its code: "writing", "alcohol" (for translation)."""
    return {code: demand.name for code, demand in demands().items()}


@lru_cache(maxsize=1)
def ancestors() -> dict[str, frozenset[str]]:
    """For each demand, everything that it also asks for (parents and their parents), itself left out."""

    def above(code: str) -> frozenset[str]:
        parents = demands()[code].parents
        return frozenset(parents).union(*(above(parent) for parent in parents))

    return {code: above(code) for code in demands()}


def with_ancestors(codes: Iterable[str]) -> frozenset[str]:
    """The codes and all that they also ask for."""
    codes = frozenset(codes)
    return codes.union(*(ancestors()[code] for code in codes))


@lru_cache(maxsize=4096)
def named(text: str, side: str) -> Named:
    """The demands named in a text.

    Args:
        text: a learning, or a homework.
        side: "says" for a learning, "asks" for a homework.
    """
    lowered = straighten(text).lower()
    plain: Spans = {}
    implied: Spans = {}
    for code, demand in demands().items():
        cleared = demand.exceptions.sub(lambda found: "." * len(found.group()), lowered)
        for pattern, into in ((demand.terms, plain), (getattr(demand, side), implied)):
            spans = [found.span() for found in pattern.finditer(cleared)]
            if spans:
                into[code] = spans
    return Named(_most_specific(plain), _most_specific(implied))


def _most_specific(spans: Spans) -> frozenset[str]:
    """Leave out a demand found only inside the words of a narrower one ("brother" is not all family)."""
    kept = set(spans)
    for code in spans:
        narrower = [other for other in spans if code in ancestors()[other]]
        covered = [span for other in narrower for span in spans[other]]
        if narrower and all(any(a <= s and e <= b for a, b in covered) for s, e in spans[code]):
            kept.discard(code)
    return frozenset(kept)
