"""Learnings of the kind "only if": is the condition met by a homework, broken, or not to be seen in it?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from reknit.words.sentences import straighten

Verdict = Literal["met", "broken", "open"]

_MARK = re.compile(
    r"\b(?:only (?:if|when|while|after|as long as|on|in|with|at|for|during|outdoors|outside|alone|together)|"
    r"(?:if|when) and only|as long as|so long as|provided(?: that)?|but only|on condition(?: that)?|unless|if|when|"
    r"only|just not)\b"
)
_NUMBER = {
    **{word: n for n, word in enumerate("zero one two three four five six seven eight nine ten".split())},
    **{"a": 1, "an": 1, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "half": 0.5, "a few": 3},
}
_AMOUNT = re.compile(
    r"\b(?P<n>\d+(?:[.,]\d+)?|a few|an?|half|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|thirty|"
    r"forty)(?:[ -](?:an?|to \w+|or \w+|full|whole|solid|short))?[ -](?P<unit>minute|min|hour|page|day|second|chapter|"
    r"line|sentence)s?\b"
)
_MINUTES = {"second": 1 / 60, "minute": 1, "min": 1, "hour": 60, "day": 600}
_PAGES = {"line": 1 / 25, "sentence": 1 / 15, "page": 1, "chapter": 15}
_SHORT = re.compile(
    r"\b(?:short|brief|quick|small|little|tiny|not long|not too long|doesn't take long|few minutes)\b"
)
_LONG = re.compile(
    r"\b(?:long|whole|full|entire|all day|all (?:morning|afternoon|evening)|workbook|chapters|marathon|hours|"
    r"every single)\b"
)

# condition words, homework words that meet it, homework words that break it
_OPPOSITES: tuple[tuple[str, str, str], ...] = (
    (
        r"outdoors?|outside|open air|fresh air|in nature",
        r"outdoors?|outside|walk|park|woods?|forest|garden|hill|beach|trail|lake|river|field|bench",
        r"indoors?|gym|treadmill|at home|living room|studio|hall|on the sofa|inside",
    ),
    (
        r"at home|indoors?|inside|in (?:her|his|my) own (?:home|flat|house|room)",
        r"at home|indoors?|in your (?:room|kitchen|living room|flat|house|bedroom|garden)|on the sofa",
        r"gym|park|outside|town|cafe|restaurant|class|at work|library|pool|centre|on the bus|pub",
    ),
    (
        r"nobody (?:reads|sees|hears|knows)|no ?one (?:reads|sees|hears|knows|else)|private(?:ly)?|"
        r"(?:stays|keeps?) (?:it )?(?:private|to (?:him|her|my)self)|not (?:shared|shown|read)|alone|"
        r"by (?:my|him|her)self|on (?:his|her|my) own|for (?:my|her|him)self",
        r"only you|for your eyes|keep it to yourself|private|nobody|no one|by yourself|on your own|alone|then tear|"
        r"throw it away|for yourself",
        r"read it|hand it|bring it|show|share|send (?:it )?to|aloud|with your|with a|together|group|class|post it|"
        r"so i can|to me|tell",
    ),
    (
        r"mornings?|early|before noon|before lunch",
        r"mornings?|breakfast|before lunch|early|first thing|\b[6-9] ?am|when you wake",
        r"evenings?|nights?|bedtime|before bed|after dark|late|afternoons?",
    ),
    (
        r"evenings?|nights?|after work|after dark|late",
        r"evenings?|nights?|bedtime|before bed|after dark|after work|after dinner",
        r"mornings?|breakfast|early|lunch|first thing|afternoons?",
    ),
    (
        r"weekends?|saturdays?|sundays?|days? off|not working",
        r"weekends?|saturdays?|sundays?|days? off",
        r"weekdays?|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|every day|daily|each day|lunch break",
    ),
    (
        r"free|costs? nothing|no cost|cheap|no money",
        r"free|no cost|costs nothing|at home|walk|borrow|library|park",
        r"buy|order|book a|treat|pay|ticket|restaurant|membership|sign up|spa|shop|subscription",
    ),
    (
        r"(?:she|he|they|i) (?:can |may |gets? to )?(?:choose|chooses|decide|decides)|own (?:choice|pace|idea)|"
        r"no pressure|no deadline|in (?:my|her|his) own time|when (?:i|she|he) feels? like",
        r"if you (?:like|want|feel)|whenever|when you feel like|choose|pick|your own (?:pace|time)|any|optional|"
        r"as long as you like",
        r"must|every day|daily|by (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|next)|deadline|"
        r"without fail|exactly|at the latest|timer",
    ),
    (
        r"on paper|no screens?|off ?line|not (?:online|on a screen|in an app)|by hand",
        r"on paper|by hand|notebook|card|printed|pen",
        r"app|online|phone|website|laptop|video|download|tracker|screen",
    ),
    (
        r"(?:out loud|spoken|talk(?:ed|ing)?|record(?:ed|ing)?|voice)(?: instead)?|no writing|without writing",
        r"say|tell|talk|speak|record|voice|aloud|listen",
        r"writ\w+|jot|list|journal|diary|note down|fill in",
    ),
    (
        r"small groups?|two or three|few people|one (?:to|on) one|one person|one other",
        r"one (?:person|friend)|two (?:friends|people)|small group|a friend|just the two",
        r"party|crowd|large|big group|everyone|concert|festival|whole (?:team|family)|workshop|class",
    ),
    (
        r"quiet|calm|empty|not (?:busy|crowded|loud)|off-peak",
        r"quiet|calm|empty|early|off-peak|before it opens|at home|garden|library|peaceful",
        r"busy|busiest|rush hour|crowd\w*|loud|saturday|packed|concert|party|market|festival|peak",
    ),
)
_COMPANY = re.compile(
    r"\b(?:with|beside|accompanied by|next to|together with|comes|goes|there|has) (?:(?:her|his|my|their|a|an|the|some) )?"
    r"(?P<who>\w+)|(?P<who2>\w+) (?:is|are|comes?|goes|can come|come along|joins?)(?: (?:with|there|along|too))?"
)
_PEOPLE = (
    "sister brother mother mum mom father dad husband wife partner friend friends mate daughter son cousin aunt uncle "
    "nan gran grandmother grandfather boyfriend girlfriend neighbour colleague somebody someone company dog therapist "
    "roommate flatmate family people anyone others"
).split()
_ANYONE = {"someone", "somebody", "company", "anyone", "others", "people"}
_ALONE = re.compile(
    r"\b(?:alone|on your own|by yourself|solo|unaccompanied|just you|without (?:him|her|them|company))\b"
)


@dataclass(frozen=True)
class Condition:
    """A learning "subject, only if condition"; ``subject`` is empty when it goes for everything."""

    subject: str
    condition: str


def parse(learning: str) -> Condition:
    """Split an only-if learning into its subject and its condition (lower case, straight quotes)."""
    text = straighten(learning).lower().strip(" .")
    mark = _MARK.search(text)
    if mark is None:
        return Condition(text, text)
    before, after = text[: mark.start()].strip(" ,"), text[mark.start() :].strip(" ,")
    if not before and "," in after:
        after, before = (piece.strip() for piece in after.split(",", 1))
    return Condition(before, after)


def verdict(condition: str, homework: str) -> Verdict:
    """Whether ``homework`` meets the condition, breaks it, or leaves it open.

    Looked at in turn: amounts (minutes, pages), company, and pairs of opposites (outdoors or in, private or shared).
    """
    asked = straighten(homework).lower()
    checks = (_amount(condition, asked), _company(condition, asked), _opposites(condition, asked))
    if "broken" in checks:
        return "broken"
    return "met" if "met" in checks else "open"


def _amounts(text: str, units: dict[str, float]) -> list[float]:
    found = []
    for match in _AMOUNT.finditer(text):
        if match["unit"] in units:
            raw = match["n"]
            number = _NUMBER[raw] if raw in _NUMBER else float(raw.replace(",", "."))
            found.append(number * units[match["unit"]])
    return found


def _amount(condition: str, asked: str) -> Verdict:
    for units in (_MINUTES, _PAGES):
        limits, wanted = _amounts(condition, units), _amounts(asked, units)
        if limits and wanted:
            at_least = re.search(r"\b(?:at least|more than|minimum|longer than)\b", condition)
            too_far = min(wanted) < min(limits) if at_least else max(wanted) > max(limits)
            return "broken" if too_far else "met"
        if limits and _LONG.search(asked):
            return "broken"
        if _SHORT.search(condition) and wanted:
            return "broken" if max(wanted) > (15 if units is _MINUTES else 2) else "met"
    if _SHORT.search(condition):
        return "broken" if _LONG.search(asked) else "met" if _SHORT.search(asked) else "open"
    return "open"


def _company(condition: str, asked: str) -> Verdict:
    wanted = {who for who in re.findall(r"\w+", condition) if who in _PEOPLE}
    if (
        not wanted
        or not _COMPANY.search(condition)
        or re.search(r"\b(?:without|nobody|no one|not)\b", condition)
    ):
        return "open"
    if _ALONE.search(asked):
        return "broken"
    there = {who for who in re.findall(r"\w+", asked) if who in _PEOPLE}
    if wanted & there or (wanted & _ANYONE and (there or re.search(r"\b(?:with|together)\b", asked))):
        return "met"
    return "open"


def _opposites(condition: str, asked: str) -> Verdict:
    negated = re.search(r"\b(?:not|never|isn't|don't|no) (?:in|at|on|during|the|\s)*$", condition)
    for about, meets, breaks in _OPPOSITES:
        found = re.search(rf"\b(?:{about})\b", condition)
        if not found:
            continue
        if (
            re.search(r"\b(?:not|never) (?:in |at |on |during |the )*$", condition[: found.start()])
            or negated
        ):
            meets, breaks = breaks, meets
        broken, met = (re.search(rf"\b(?:{words})\b", asked) for words in (breaks, meets))
        if broken and not met:
            return "broken"
        if met and not broken:
            return "met"
    return "open"
