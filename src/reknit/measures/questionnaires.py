"""Questionnaires as data: one FHIR R4 Questionnaire file feeds the form, the scoring and the export."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import fmean, pstdev

MIN, MAX = (
    "http://hl7.org/fhir/StructureDefinition/minValue",
    "http://hl7.org/fhir/StructureDefinition/maxValue",
)
LOW, HIGH = "https://reknit.example/fhir/anchor-low", "https://reknit.example/fhir/anchor-high"


@dataclass(frozen=True)
class Item:
    """One question. `lo` and `hi` are the ends of a rating's scale, None for a choice or for free words."""

    key: str
    text: str
    type: str
    lo: float | None
    hi: float | None
    anchor_low: str
    anchor_high: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Measure:
    """A questionnaire: its items in order, and how its ratings become one number."""

    key: str
    version: str
    title: str
    copyright: str
    items: tuple[Item, ...]

    @property
    def canonical(self) -> str:
        """Name and version, as kept beside every answer: `reknit-check-in|1`."""
        return f"{self.key}|{self.version}"

    @property
    def ratings(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.type == "decimal")

    @property
    def scale(self) -> tuple[float, float]:
        """Lowest and highest possible score, which is the scale of the items as the score is their mean."""
        first = self.ratings[0]
        assert first.lo is not None
        assert first.hi is not None
        return first.lo, first.hi

    def item(self, key: str) -> Item:
        return next(item for item in self.items if item.key == key)

    def score(self, answers: dict[str, float | None]) -> float | None:
        """Mean of the answered ratings, or None when none was answered.

        Args:
            answers: rating by item key, on the item's own scale; None or absent where not answered.

        Raises:
            ValueError: a rating lies off its scale.
        """
        given = [
            value for item in self.ratings if (value := _on_scale(item, answers.get(item.key))) is not None
        ]
        return fmean(given) if given else None

    def care(self, answers: dict[str, float | None], seconds: float | None) -> float:
        """How carefully the ratings seem to have been given: 1 careful, down to 0.25 for haste and
        straight lines.

        Straight-lining (the same value on every item) and haste (under one second an item) make an answer a
        weaker witness; they never make it void, and the client is never told off. Straight lines at the
        very top are common in honest answers too, so each sign alone halves the weight.
        """
        given = [value for item in self.ratings if (value := answers.get(item.key)) is not None]
        care = 1.0
        if len(given) >= 3 and pstdev(given) == 0:
            care *= 0.5
        if seconds is not None and given and seconds < len(given):
            care *= 0.5
        return care


def _on_scale(item: Item, value: float | None) -> float | None:
    if value is None:
        return None
    assert item.lo is not None
    assert item.hi is not None
    if not item.lo <= value <= item.hi:
        raise ValueError(f"{item.key}: {value:g} lies off the scale {item.lo:g} to {item.hi:g}")
    return value


def parse(resource: dict[str, object]) -> Measure:
    """A Measure from a FHIR R4 Questionnaire resource."""
    items = resource["item"]
    assert isinstance(items, list)
    return Measure(
        key=str(resource["id"]),
        version=str(resource["version"]),
        title=str(resource["title"]),
        copyright=str(resource.get("copyright", "")),
        items=tuple(_item(raw) for raw in items),
    )


def _item(raw: dict[str, object]) -> Item:
    extensions = raw.get("extension", [])
    assert isinstance(extensions, list)
    found = {e["url"]: next(v for k, v in e.items() if k.startswith("value")) for e in extensions}
    options = raw.get("answerOption", [])
    assert isinstance(options, list)
    return Item(
        key=str(raw["linkId"]),
        text=str(raw["text"]),
        type=str(raw["type"]),
        lo=found.get(MIN),
        hi=found.get(MAX),
        anchor_low=str(found.get(LOW, "")),
        anchor_high=str(found.get(HIGH, "")),
        options=tuple((o["valueCoding"]["code"], o["valueCoding"]["display"]) for o in options),
    )


@cache
def load(name: str) -> Measure:
    """A measure that ships with Reknit, by file name without ending: `load("check_in")`."""
    return parse(json.loads(files("reknit.measures").joinpath(f"{name}.json").read_text(encoding="utf-8")))
