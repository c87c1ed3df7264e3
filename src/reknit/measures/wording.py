"""The words of a measure that its licence holder supplies; and the lock on words that must not change.

A wording is a small table of two columns, `part,text`: the part is `stem`, an item's key, `<item> low` and
`<item> high` for the ends of a line (or `low` and `high` for all lines), or `option <code>` for the answers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from reknit.measures.fhir import BASE, parse
from reknit.measures.model import Measure


class WordingRefused(ValueError):
    """A wording that is incomplete, names unknown parts, or would change words that are locked."""


def read_wording(text: str) -> dict[str, str]:
    """A wording from CSV text with the heading `part,text`.

    Raises:
        WordingRefused: the heading is different, a part comes twice, or a text is empty.
    """
    rows = list(csv.reader(io.StringIO(text.strip().lstrip("\ufeff"))))
    if not rows or [cell.strip().lower() for cell in rows[0]] != ["part", "text"]:
        raise WordingRefused("the first line must be: part,text")
    words: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        if len(row) != 2 or not row[0].strip() or not row[1].strip():
            raise WordingRefused(f"line {number}: expected a part and its text")
        if row[0].strip() in words:
            raise WordingRefused(f"line {number}: {row[0].strip()} comes twice")
        words[row[0].strip()] = row[1].strip()
    return words


def parts_of(measure: Measure) -> list[str]:
    """The parts that a wording has to supply, in order."""
    parts = [item.key for item in measure.items]
    if any(item.is_rating for item in measure.items):
        parts += ["low", "high"]
    codes = dict.fromkeys(option.code for item in measure.items for option in item.choices)
    return parts + [f"option {code}" for code in codes]


def with_wording(resource: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """The Questionnaire with its words filled in.

    Only words that are missing can be supplied. What a file already says stays as it says it, so a locked
    form cannot be reworded by this door.

    Args:
        resource: a Questionnaire of which items lack their text.
        words: text by part, see the module.

    Raises:
        WordingRefused: the file has its words already, a part is unknown, or one is missing.
    """
    measure = parse(resource)
    if measure.has_wording:
        raise WordingRefused(f"{measure.title} comes with its wording, which stays as it is")
    wanted = parts_of(measure)
    own_ends = [f"{item.key} {end}" for item in measure.ratings for end in ("low", "high")]
    unknown = [part for part in words if part not in wanted and part not in own_ends]
    missing = [part for part in wanted if part not in words and not _may_lack(measure, words, part)]
    if unknown or missing:
        said = [f"unknown: {', '.join(unknown)}"] if unknown else []
        said += [f"missing: {', '.join(missing)}"] if missing else []
        raise WordingRefused("; ".join(said))
    filled = dict(resource)
    filled["item"] = [_filled(item, words) for item in resource["item"]]
    return filled


def _may_lack(measure: Measure, words: Mapping[str, str], part: str) -> bool:
    """The stem may be left out, and the common ends where every line has its own."""
    ends_given = part in ("low", "high") and all(f"{item.key} {part}" in words for item in measure.ratings)
    return part == "stem" or ends_given


def _filled(item: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    key = item["linkId"]
    new = dict(item)
    if key in words:
        new["text"] = words[key]
    if item["type"] == "decimal":
        ends = [(end, words.get(f"{key} {end}") or words[end]) for end in ("low", "high")]
        new["extension"] = [
            *item.get("extension", []),
            *({"url": f"{BASE}anchor-{end}", "valueString": text} for end, text in ends),
        ]
    if "answerOption" in item:
        new["answerOption"] = [_named(option, words) for option in item["answerOption"]]
    return new


def _named(option: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    coding = option["valueCoding"]
    return {**option, "valueCoding": {**coding, "display": words[f"option {coding['code']}"]}}
