"""REDCap: a data dictionary made from the measures, and records that import beside it.

Each measure becomes a repeating instrument; a form is one instance of it. Field names are the measure's key
and the item's, joined; REDCap allows lower-case letters, digits and underscores.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from reknit.cohort.exchange.records import Answer, Dossier, ExchangeError, Form
from reknit.measures import Item, Measure, by_key

DICTIONARY = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Text Validation Type OR Show Slider Number",
    "Text Validation Min", "Text Validation Max", "Identifier?",
    "Branching Logic (Show field only if...)", "Required Field?", "Custom Alignment",
    "Question Number (surveys only)", "Matrix Group Name", "Matrix Ranking?", "Field Annotation",
)  # fmt: skip
FIXED = ("record_id", "redcap_repeat_instrument", "redcap_repeat_instance")
KEPT = ("key", "session", "begun_at", "sent_at", "seconds")


def field(measure: Measure | str, item: str) -> str:
    """The REDCap name of an item: `phq_9_phq_1`."""
    key = measure if isinstance(measure, str) else measure.key
    return re.sub(r"[^a-z0-9]+", "_", f"{key}_{item}".lower())


def dictionary(measures: Iterable[Measure]) -> str:
    """The data dictionary as CSV, in REDCap's eighteen columns, one row a field."""
    rows = [_row("record_id", "reknit", "text", "Client")]
    for measure in measures:
        form = field(measure, "").strip("_")
        rows += [_row(field(measure, name), form, "text", name.replace("_", " ")) for name in KEPT]
        rows += [_item_row(measure, form, item) for item in measure.questions]
    return _csv(DICTIONARY, [[row.get(name, "") for name in DICTIONARY] for row in rows])


def _row(name: str, form: str, kind: str, label: str, **more: str) -> dict[str, str]:
    return dict(zip(DICTIONARY, (name, form, "", kind, label), strict=False)) | more


def _item_row(measure: Measure, form: str, item: Item) -> dict[str, str]:
    name, branch = field(measure, item.key), _branch(measure, item)
    label = item.text or f"Item {item.key} (wording from the licence holder)"
    if item.choices:
        choices = " | ".join(f"{item.value_of(o.code):g}, {o.display or o.code}" for o in item.choices)
        return _row(name, form, "radio", label, **{DICTIONARY[5]: choices, DICTIONARY[11]: branch})
    if item.lo is not None and item.hi is not None:
        ends = {DICTIONARY[7]: "number", DICTIONARY[8]: f"{item.lo:g}", DICTIONARY[9]: f"{item.hi:g}"}
        return _row(name, form, "text", label, **ends, **{DICTIONARY[11]: branch})
    return _row(name, form, "notes", label, **{DICTIONARY[10]: "y", DICTIONARY[11]: branch})


def _branch(measure: Measure, item: Item) -> str:
    """`enableWhen` in REDCap's own words."""
    said = []
    for condition in item.conditions:
        name = field(measure, condition.question)
        if condition.code is None:
            said.append(f"[{name}] {'<>' if condition.exists else '='} ''")
        else:
            said.append(f"[{name}] = '{measure.item(condition.question).value_of(condition.code):g}'")
    return (" and " if item.all_conditions else " or ").join(said)


def records(dossiers: Iterable[Dossier], *, words: bool = False) -> str:
    """The forms of dossiers as REDCap records, CSV.

    Args:
        dossiers: those to write; each client is one record.
        words: whether the clients' own words go along.
    """
    rows: list[dict[str, str]] = []
    for dossier in dossiers:
        counts: dict[str, int] = {}
        for form in dossier.forms:
            key = form.measure.split("|")[0]
            if key in by_key():
                counts[key] = counts.get(key, 0) + 1
                rows.append(_record(dossier, form, by_key()[key], counts[key], words))
    names = list(FIXED) + sorted({name for row in rows for name in row} - set(FIXED))
    return _csv(names, [[row.get(name, "") for name in names] for row in rows])


def _record(dossier: Dossier, form: Form, measure: Measure, instance: int, words: bool) -> dict[str, str]:
    kept = (form.key, form.meeting, form.begun_at, form.sent_at, form.seconds)
    row = dict(zip(FIXED, (dossier.client, field(measure, "").strip("_"), str(instance)), strict=True))
    row |= {field(measure, n): "" if v is None else str(v) for n, v in zip(KEPT, kept, strict=True)}
    known = {item.key for item in measure.questions}
    for answer in form.answers:
        if answer.item in known:
            number = "" if answer.value is None else f"{answer.value:.17g}"
            row[field(measure, answer.item)] = number or (answer.words if words else "")
    return row


def forms(text: str) -> dict[str, list[Form]]:
    """The forms in REDCap records, by client.

    Raises:
        ExchangeError: a column is missing, an instrument unknown, or an answer not on its scale; the message
            names the row.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    missing = [name for name in FIXED if name not in (reader.fieldnames or [])]
    if missing:
        raise ExchangeError(f"REDCap records: column {missing[0]} is missing")
    instruments = {field(measure, "").strip("_"): measure for measure in by_key().values()}
    found: dict[str, list[Form]] = {}
    for number, row in enumerate(reader, 2):
        measure = instruments.get(row["redcap_repeat_instrument"])
        if measure is None:
            raise ExchangeError(f"row {number}: instrument {row['redcap_repeat_instrument']!r} is not known")
        found.setdefault(row["record_id"], []).append(_form(row, measure, number))
    return found


def _form(row: dict[str, str], measure: Measure, number: int) -> Form:
    kept = {name: row.get(field(measure, name), "") for name in KEPT}
    answers = []
    for item in measure.questions:
        cell = row.get(field(measure, item.key), "")
        if cell:
            answers.append(_answer(item, cell, number))
    return Form(
        key=kept["key"],
        measure=measure.canonical,
        meeting=int(kept["session"]) if kept["session"] else None,
        begun_at=kept["begun_at"],
        sent_at=kept["sent_at"],
        answers=tuple(answers),
        seconds=int(kept["seconds"]) if kept["seconds"] else None,
    )


def _answer(item: Item, cell: str, number: int) -> Answer:
    if item.type in ("text", "string"):
        return Answer(item.key, words=cell)
    try:
        return Answer(item.key, item.checked(float(cell)))
    except ValueError as error:
        raise ExchangeError(f"row {number}, {item.key}: {cell!r} is not an answer ({error})") from error


def _csv(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return out.getvalue()
