"""What a measure is: its items, its licence, and how answers become scores. Read from one FHIR file each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

Given = Mapping[str, "float | None"]
"""Answers by item key: the item's own number, None or absent where not answered."""


@dataclass(frozen=True)
class Option:
    """One answer to a choice. `value` is the number it counts for, None where it counts for nothing."""

    code: str
    display: str
    system: str = ""
    value: float | None = None


@dataclass(frozen=True)
class Condition:
    """When an item is asked: `question` was answered at all, or was answered with this option."""

    question: str
    code: str | None = None
    exists: bool = True


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
    choices: tuple[Option, ...] = ()
    code: str = ""
    conditions: tuple[Condition, ...] = ()
    all_conditions: bool = False
    risk_from: float | None = None
    carried_forward: bool = False

    @property
    def is_rating(self) -> bool:
        return self.lo is not None

    @property
    def asks(self) -> bool:
        """Whether it wants an answer; a `display` item is only read."""
        return self.type != "display"

    def value_of(self, code: str) -> float:
        """The number to keep for an option: what it counts for, or else its place in the list."""
        for place, option in enumerate(self.choices):
            if option.code == code:
                return float(place) if option.value is None else option.value
        raise ValueError(f"{self.key}: {code!r} is not one of its answers")

    def option_of(self, value: float) -> Option:
        """The option behind a kept number."""
        for option in self.choices:
            if self.value_of(option.code) == value:
                return option
        raise ValueError(f"{self.key}: {value:g} is not one of its answers")

    def checked(self, value: float | None) -> float | None:
        """The value itself, if the item can have it.

        Raises:
            ValueError: it lies off the scale or is none of the options.
        """
        if value is None:
            return None
        if self.choices:
            self.option_of(value)
        elif self.lo is not None and self.hi is not None and not self.lo <= value <= self.hi:
            raise ValueError(f"{self.key}: {value:g} lies off the scale {self.lo:g} to {self.hi:g}")
        return value


@dataclass(frozen=True)
class Licence:
    """What the holder allows. `kind` is cc0, free, or local (the licence holder supplies the wording)."""

    kind: str
    holder: str
    terms: str
    wording_may_change: bool
    contexts: tuple[str, ...]
    spdx: str = ""


@dataclass(frozen=True)
class Sourced:
    """A number from the literature. `checked` says whether it was compared with its source's own text."""

    value: float
    source: str
    checked: bool


@dataclass(frozen=True)
class Score:
    """How some items become one number: the mean or sum of their values, some of them counted backwards.

    A score exists from `least_answered` items on; a missing answer is never guessed. `higher_is` is better,
    worse or neither. `bands` name what a score from a number on is called.
    """

    key: str
    title: str
    method: str
    items: tuple[Item, ...]
    reversed: frozenset[str]
    least_answered: int
    higher_is: str
    code: str
    bands: tuple[tuple[float, str], ...]
    cutoff: Sourced | None
    reliable_change: Sourced | None
    source: str
    checked: bool

    def of(self, given: Given) -> float | None:
        """The score, or None where too few items are answered.

        Raises:
            ValueError: an answer lies off its scale.
        """
        answered = [(item, given.get(item.key)) for item in self.items]
        values = [self._counted(item, value) for item, value in answered if value is not None]
        if len(values) < self.least_answered:
            return None
        return fmean(values) if self.method == "mean" else sum(values)

    def _counted(self, item: Item, value: float) -> float:
        item.checked(value)
        lo, hi = ends(item)
        return lo + hi - value if item.key in self.reversed else value

    @property
    def scale(self) -> tuple[float, float]:
        """Lowest and highest possible score."""
        lows, highs = zip(*(ends(item) for item in self.items), strict=True)
        return (fmean(lows), fmean(highs)) if self.method == "mean" else (sum(lows), sum(highs))

    def band(self, score: float) -> str:
        """What a score is called; empty where its authors give no names."""
        names = [name for start, name in self.bands if score >= start]
        return names[-1] if names else ""


def ends(item: Item) -> tuple[float, float]:
    """Lowest and highest number that an item can count for."""
    if item.lo is not None and item.hi is not None:
        return item.lo, item.hi
    values = [option.value for option in item.choices if option.value is not None]
    return min(values), max(values)


@dataclass(frozen=True)
class Measure:
    """A questionnaire: its items in order, its licence and its scores, the leading one first."""

    key: str
    version: str
    title: str
    copyright: str
    items: tuple[Item, ...]
    licence: Licence
    scores: tuple[Score, ...]
    url: str = ""
    code: str = ""
    audience: str = "therapist_now"

    @property
    def canonical(self) -> str:
        """Name and version, as kept beside every answer: `reknit-check-in|1`."""
        return f"{self.key}|{self.version}"

    @property
    def ratings(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.is_rating)

    @property
    def questions(self) -> tuple[Item, ...]:
        """The items that want an answer."""
        return tuple(item for item in self.items if item.asks)

    @property
    def leading(self) -> Score:
        return self.scores[0]

    @property
    def scale(self) -> tuple[float, float]:
        """Lowest and highest possible leading score."""
        return self.leading.scale

    @property
    def locked(self) -> bool:
        """Whether the wording must stay as published: shown whole, in order, and never reworded."""
        return not self.licence.wording_may_change

    @property
    def has_wording(self) -> bool:
        """Whether every question has its words; a measure of local wording begins without any."""
        named = all(option.display for item in self.items for option in item.choices)
        return named and all(item.text for item in self.questions)

    @property
    def risk_items(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.risk_from is not None)

    def item(self, key: str) -> Item:
        return next(item for item in self.items if item.key == key)

    def score(self, answers: Given) -> float | None:
        """The leading score, or None where too little was answered.

        Args:
            answers: value by item key, on the item's own scale; None or absent where not answered.

        Raises:
            ValueError: a value lies off its scale.
        """
        return self.leading.of(answers)

    def enabled(self, answers: Mapping[str, object]) -> tuple[Item, ...]:
        """The items to show for what has been answered so far (FHIR `enableWhen`), in order.

        Args:
            answers: what was answered, numbers and words alike; the answer to an item that is not
                shown counts for nothing.
        """
        shown: list[Item] = []
        standing: dict[str, object] = {}
        for item in self.items:
            met = [self._is_met(condition, standing) for condition in item.conditions]
            if not met or (all(met) if item.all_conditions else any(met)):
                shown.append(item)
                if answers.get(item.key) not in (None, ""):
                    standing[item.key] = answers[item.key]
        return tuple(shown)

    def _is_met(self, condition: Condition, standing: Mapping[str, object]) -> bool:
        answer = standing.get(condition.question)
        if condition.code is None:
            return (answer is not None) is condition.exists
        return answer is not None and answer == self.item(condition.question).value_of(condition.code)

    def risks(self, answers: Given) -> tuple[Item, ...]:
        """The items that were answered in a way that somebody must see at once."""
        return tuple(
            item
            for item in self.risk_items
            if (value := answers.get(item.key)) is not None and value >= (item.risk_from or 0.0)
        )

    def care(self, answers: Given, seconds: float | None) -> float:
        """How carefully the ratings seem to have been given: 1 careful, down to 0.25 for haste and
        straight lines.

        Straight-lining (the same value on every item) and haste (under one second an item) make an answer a
        weaker witness; they never make it void, and the client is never told off. Straight lines at the
        very top are common in honest answers too, so each sign alone halves the weight.
        """
        given = [value for item in self.ratings if (value := answers.get(item.key)) is not None]
        care = 1.0
        if len(given) >= 3 and min(given) == max(given):
            care *= 0.5
        if seconds is not None and given and seconds < len(given):
            care *= 0.5
        return care
