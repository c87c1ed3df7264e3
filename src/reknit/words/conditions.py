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

from reknit.words.concepts import named, with_ancestors
from reknit.words.phrases import asked_part
from reknit.words.sentences import straighten
from reknit.words.stems import common_words, stem

Verdict = Literal["met", "broken", "open"]

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = {word: float(n) for n, word in enumerate(_WORDS)}
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBER |= {word: 10.0 * n for n, word in enumerate(_TENS, start=2)}
_NUMBER |= {f"{tens}-{one}": _NUMBER[tens] + _NUMBER[one] for tens in _TENS for one in _WORDS[1:10]}
_NUMBER |= {
    "a": 1,
    "an": 1,
    "half": 0.5,
    "a few": 3,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "a hundred": 100,
}
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
_AT_LEAST = re.compile(r"(?<!not )(?<!no )\b(?:at least|more than|minimum|longer than)\b")
_NO_LONGER = re.compile(
    r"\b(?:isn't|isnt|won't|wont|not|never|nothing|no|forget|too) ?"
    r"(?:happening|go|do|work|much|longer|more)?\b"
)
_TINY = re.compile(
    r"\b(?:\w+ )?(?:slow |deep )?breaths?\b|\b(?:one|a single|two) \w+|while the kettle|\ba moment\b"
)
_CLOCK = re.compile(
    rf"\b(?:at|by|around|about|from|past|till|until|the) "
    rf"(?P<h>\d{{1,2}}|{'|'.join((*_WORDS[1:], 'eleven', 'twelve'))})"
    r"(?:[:.]\d\d)?(?: (?:o'clock|in the|on|each|every)\b| ?(?P<half>[ap])\.?m\b|(?=\s*[,.;]|$))"
)
_HOURS = {"mornings": (4, 12), "evenings": (17, 24)}
_COMPANY = re.compile(r"\b(?:with|beside|accompanied|next to|together|comes?|goes|there|is|are|has|joins?)\b")
_NOBODY = re.compile(r"\b(?:without|nobody|no one|not)\b")
_AWAY = re.compile(r"^[^,.;]*\b(?:out|away|at work|at school|asleep|gone|elsewhere|on shift)\b")
_ANYONE = frozenset({"someone", "somebody", "company", "anyone", "others", "people"})
_ALONE = re.compile(
    r"\b(?:alone|on your own|by yourself|solo|unaccompanied|just you|without (?:him|her|them|company))\b"
)
_AT_MOST = re.compile(
    rf"\b(?:fewer than|less than|at most|up to|no more than|not more than|max(?:imum)?(?: of)?|under) "
    rf"(?P<n>\d+|{'|'.join(sorted(_NUMBER, key=len, reverse=True))})\b"
)
_COUNTED = re.compile(
    rf"\b(\d+|{'|'.join(word for word in sorted(_NUMBER, key=len, reverse=True) if len(word) > 2)})\b"
)
_LACKING = re.compile(r"\b(?:without|leave|not|no|never|instead of|rather than|skip|forget|don't)\b[^,.;]*$")
_PLAIN = frozenset(("will", "would", "could", "have", "does", "fine", "okay", "long", "only", "they", "them"))
_NEGATED = re.compile(r"\b(?:not|never|isn't|don't|no)(?: in| at| on| during| the)* ?$")


@dataclass(frozen=True)
class Condition:
    """A learning "subject, only if condition"; ``subject`` is empty when it goes for everything."""

    subject: str
    condition: str


def parse(learning: str) -> Condition:
    """Split an only-if learning into its subject and its condition (lower case, straight quotes)."""
    text = straighten(learning).lower().strip(" .")
    mark = re.search(rf"\b(?:{_table()['mark']})\b", text) or re.search(rf"\b(?:{_table()['weak']})\b", text)
    if mark is None:
        return Condition(text, text)
    before, after = text[: mark.start()].strip(" ,."), text[mark.start() :].strip(" ,")
    if not before and "," in after:
        after, before = (piece.strip() for piece in after.split(",", 1))
    return Condition(before, after)


def verdict(condition: str, homework: str) -> Verdict:
    """Whether ``homework`` meets the condition, breaks it, or leaves it open.

    Looked at: amounts (minutes, pages), how many, company, opposites (outdoors or in, private or shared); and
    where none of these tells, whether the homework speaks of the condition in its own words.
    """
    asked = straighten(homework).lower()
    checks = (
        _amount(condition, asked),
        _count(condition, asked),
        _company(condition, asked),
        _opposites(condition, asked),
    )
    if "broken" in checks:
        return "broken"
    if "met" in checks:
        return "met"
    found = _mention(condition, asked)
    return found if found != "open" else _demanded(condition, asked)


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
            least = _AT_LEAST.search(condition) is not None and not _NO_LONGER.search(condition)
            too_little, too_much = (
                least and min(wanted) < min(limits),
                not least and max(wanted) > max(limits),
            )
            return "broken" if too_little or too_much else "met"
        if limits and _LONG.search(asked):
            return "broken"
        if limits and name == "minute" and _TINY.search(asked):
            return "met"
    return "met" if short and _SHORT.search(asked) else "open"


def _company(condition: str, asked: str) -> Verdict:
    people = set(_table()["people"].split())
    wanted = people & set(re.findall(r"\w+", condition))
    unwanted = {word for word in wanted - _ANYONE if _left_out(word, condition)}
    if unwanted:
        return _kept_out(unwanted, asked)
    if not wanted or not _COMPANY.search(condition) or _NOBODY.search(condition):
        return "open"
    if _ALONE.search(asked):
        return "broken"
    there = people & set(re.findall(r"\w+", asked))
    anyone = bool(wanted & _ANYONE) and (there or re.search(r"\b(?:with|together)\b", asked))
    return "met" if wanted & there or anyone else "open"


def _left_out(person: str, condition: str) -> bool:
    """Whether a condition wants somebody not to be there ("mum isn't involved", "without dad")."""
    before = rf"\b(?:without|no|not)[^\w,]+(?:\w+[^\w,]+)?{person}\b"
    after = rf"\b{person}[^\w,]+(?:\w+[^\w,]+){{0,2}}?(?:isn't|aren't|not|never|doesn'?t|don't|out|away)\b"
    return bool(re.search(rf"{before}|{after}", condition))


def _kept_out(unwanted: set[str], asked: str) -> Verdict:
    """The condition is that somebody is *not* there ("as long as mum isn't involved")."""
    for word in unwanted:
        found = re.search(rf"\b{word}\w*", asked)
        if found:
            away = _LACKING.search(asked[: found.start()]) or _AWAY.search(asked[found.end() :])
            return "met" if away else "broken"
    return "met" if _ALONE.search(asked) else "open"


def _count(condition: str, asked: str) -> Verdict:
    """ "fewer than six", against the largest number that is spoken of."""
    most = _AT_MOST.search(condition)
    if most is None or _AMOUNT.search(condition):
        return "open"
    spoken = [_number(found) for found in _COUNTED.findall(asked)]
    if not spoken:
        return "open"
    return "broken" if max(spoken) > _number(most["n"]) else "met"


def _demanded(condition: str, asked: str) -> Verdict:
    """By the map: a homework asks for what the condition rules out, or for what it wants."""
    shared = with_ancestors(named(asked_part(asked), "asks").plain) & named(condition, "says").plain
    if not shared:
        return "open"
    return "broken" if re.search(rf"\b(?:{_table()['negative']})\b", condition) else "met"


def _mention(condition: str, asked: str) -> Verdict:
    """The homework speaks of the condition: as it is ("once you've had your coffee"), or as left out."""
    for word in re.findall(r"[a-z]{4,}", re.sub(rf"\b(?:{_table()['mark']})\b", " ", condition)):
        if word in common_words() or word in _PLAIN:
            continue
        found = re.search(rf"\b{re.escape(stem(word))}\w*", asked)
        if found:
            missing = _LACKING.search(asked[max(found.start() - 25, 0) : found.start()])
            denied = re.search(rf"\b(?:{_table()['negative']})\b", condition)
            return "broken" if bool(missing) != bool(denied) else "met"
    return "open"


def _hours(asked: str) -> list[int]:
    """The hours of the day (0 to 23) at which a homework is set; one to six is taken as the afternoon."""
    hours = []
    for found in _CLOCK.finditer(asked):
        hour = int(_number(found["h"])) % 12
        late = found["half"] == "p" or re.search(r"\b(?:evening|tonight|night|afternoon)\b", asked)
        early = found["half"] == "a" or re.search(r"\b(?:morning|dawn|sunrise)\b", asked)
        hours.append(hour + 12 if (late or hour < 7) and not early else hour)
    return hours


def settled(learning: str) -> Verdict:
    """What the learning itself says of its condition: met by now ("cleared in March"), or not yet."""
    said = straighten(learning).lower()
    if re.search(_table()["settled_met"], said):
        return "met"
    return "broken" if re.search(_table()["settled_open"], said) else "open"


def qualifier(learning: str, homework: str) -> tuple[bool, bool]:
    """Whether a homework holds to, and goes against, what narrows an avoiding learning.

    "Can't eat in front of people": a meal alone goes against it, a meal with colleagues holds to it.
    """
    said, asked = straighten(learning).lower(), straighten(homework).lower()
    holds = against = False
    for row in _table()["opposite"]:
        if re.search(rf"\b(?:{row['about']})\b", said):
            holds |= bool(re.search(rf"\b(?:{row['met']})\b", asked))
            against |= bool(re.search(rf"\b(?:{row['broken']})\b", asked))
    return holds and not against, against and not holds


def _opposites(condition: str, asked: str) -> Verdict:
    for row in _table()["opposite"]:
        about = re.search(rf"\b(?:{row['about']})\b", condition)
        if not about:
            continue
        met, broken = (bool(re.search(rf"\b(?:{row[key]})\b", asked)) for key in ("met", "broken"))
        if row["name"] in _HOURS and (hours := _hours(asked)):
            first, last = _HOURS[row["name"]]
            met = all(first <= hour < last for hour in hours)
            broken = not met
        if _NEGATED.search(condition[: about.start()]):
            met, broken = broken, met
        if met != broken:
            return "met" if met else "broken"
    return "open"
