"""A Measure from a FHIR R4 Questionnaire: the only declaration; nothing of it is repeated in code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reknit.measures.model import Condition, Item, Licence, Measure, Option, Score, Sourced

BASE = "https://reknit.example/fhir/"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
Json = dict[str, Any]


class NotAMeasure(ValueError):
    """A Questionnaire that cannot be asked or scored here; the message says which part and why."""


def parse(resource: Json) -> Measure:
    """Read a Questionnaire.

    Raises:
        NotAMeasure: a part is missing, or a score names an item that is not there.
    """
    try:
        items = tuple(_items(resource["item"]))
        given = _extensions(resource)
        return Measure(
            key=str(resource["id"]),
            version=str(resource.get("version", "1")),
            title=str(resource["title"]),
            copyright=str(resource.get("copyright", "")),
            items=items,
            licence=_licence(given, str(resource.get("copyright", ""))),
            scores=tuple(_score(score, items) for score in given.get("score", [])) or (_plain_score(items),),
            url=str(resource.get("url", "")),
            code=_code(resource),
            audience=_first(given, "audience", "therapist_now"),
        )
    except (KeyError, TypeError, AttributeError, StopIteration) as error:
        raise NotAMeasure(f"this Questionnaire cannot be read as a measure: {error!r}") from error


def _items(raw: list[Json]) -> Iterator[Item]:
    """Items in the order in which they are read; a group becomes its text and then its items."""
    for each in raw:
        yield _item(each)
        if "item" in each:
            yield from _items(each["item"])


def _item(raw: Json) -> Item:
    given = _extensions(raw)
    options = tuple(_option(option) for option in raw.get("answerOption", []))
    kind = str(raw["type"])
    return Item(
        key=str(raw["linkId"]),
        text=str(raw.get("text", "")),
        type="display" if kind == "group" else kind,
        lo=_number(given, "minValue"),
        hi=_number(given, "maxValue"),
        anchor_low=_first(given, "anchor-low"),
        anchor_high=_first(given, "anchor-high"),
        options=tuple((option.code, option.display) for option in options),
        choices=options,
        code=_code(raw),
        conditions=tuple(_condition(each) for each in raw.get("enableWhen", [])),
        all_conditions=raw.get("enableBehavior") == "all",
        risk_from=_number(given, "risk"),
        carried_forward=bool(given.get("carried-forward")),
    )


def _option(raw: Json) -> Option:
    coding = raw.get("valueCoding") or {"code": str(raw.get("valueString", raw.get("valueInteger", "")))}
    value = _number(_extensions(raw), "ordinalValue")
    if value is None:
        value = _number(_extensions(coding), "ordinalValue")
    return Option(str(coding["code"]), str(coding.get("display", "")), str(coding.get("system", "")), value)


def _condition(raw: Json) -> Condition:
    question, operator = str(raw["question"]), raw["operator"]
    if operator == "exists":
        return Condition(question, exists=bool(raw["answerBoolean"]))
    if operator == "=" and "answerCoding" in raw:
        return Condition(question, code=str(raw["answerCoding"]["code"]))
    raise NotAMeasure(f"{question}: a branch with operator {operator!r} cannot be followed here")


def _licence(given: dict[str, list[Any]], copyright_line: str) -> Licence:
    if "licence" not in given:  # unknown terms: treated as the strictest
        return Licence("local", copyright_line, "", wording_may_change=False, contexts=())
    parts: dict[str, list[Any]] = given["licence"][0]
    return Licence(
        kind=_first(parts, "class"),
        holder=_first(parts, "holder"),
        terms=_first(parts, "terms"),
        wording_may_change=bool(parts["wordingMayChange"][0]),
        contexts=tuple(parts.get("context", ())),
        spdx=_first(parts, "spdx"),
    )


def _score(parts: dict[str, list[Any]], items: tuple[Item, ...]) -> Score:
    by_key = {item.key: item for item in items}
    chosen = tuple(by_key[key] for key in parts["item"]) if "item" in parts else _countable(items)
    method = _first(parts, "method")
    least = parts.get("leastAnswered", [len(chosen)])[0]
    if method not in ("mean", "sum") or (method == "sum" and least != len(chosen)):
        raise NotAMeasure(f"a score is a mean, or a sum of every item, not {method!r} of {least}")
    return Score(
        key=_first(parts, "key"),
        title=_first(parts, "title"),
        method=method,
        items=chosen,
        reversed=frozenset(parts.get("reversed", ())),
        least_answered=int(least),
        higher_is=_first(parts, "higherIs"),
        code=parts["code"][0]["code"] if "code" in parts else "",
        bands=tuple((float(b["from"][0]), str(b["label"][0])) for b in parts.get("band", ())),
        cutoff=_sourced(parts, "cutoff", "at"),
        reliable_change=_sourced(parts, "reliableChange", "points"),
        source=_first(parts, "source"),
        checked=bool(parts.get("checked", [True])[0]),
    )


def _plain_score(items: tuple[Item, ...]) -> Score:
    """For a questionnaire that says nothing of scoring: the mean of what has numbers."""
    return Score(
        "score",
        "Score",
        "mean",
        _countable(items),
        frozenset(),
        1,
        "neither",
        "",
        (),
        None,
        None,
        "",
        checked=False,
    )


def _countable(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(
        item for item in items if item.is_rating or any(option.value is not None for option in item.choices)
    )


def _sourced(parts: dict[str, list[Any]], name: str, value: str) -> Sourced | None:
    if name not in parts:
        return None
    found = parts[name][0]
    return Sourced(float(found[value][0]), _first(found, "source"), bool(found["checked"][0]))


def _extensions(element: Json) -> dict[str, list[Any]]:
    """Extensions by the last part of their address: each a list of values, or of such dictionaries."""
    found: dict[str, list[Any]] = {}
    for each in element.get("extension", []):
        name = str(each["url"]).removeprefix(BASE).removeprefix(HL7)
        value = (
            _extensions(each)
            if "extension" in each
            else next(v for k, v in each.items() if k.startswith("value"))
        )
        found.setdefault(name, []).append(value)
    return found


def _value(extension: Json) -> Any:
    return next(value for name, value in extension.items() if name.startswith("value"))


def _first(found: dict[str, list[Any]], name: str, otherwise: str = "") -> str:
    return str(found[name][0]) if name in found else otherwise


def _number(found: dict[str, list[Any]], name: str) -> float | None:
    return float(found[name][0]) if name in found else None


def _code(element: Json) -> str:
    codes = element.get("code") or [{}]
    return str(codes[0].get("code", ""))
