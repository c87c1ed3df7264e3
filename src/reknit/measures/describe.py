"""`docs/measures.md`, written from the files themselves, so that the page cannot say anything else."""

from __future__ import annotations

from collections.abc import Iterator

from reknit.measures.catalogue import SHIPPED, load
from reknit.measures.model import Measure, Score, Sourced

KINDS = {
    "cc0": "public domain (CC0)",
    "free": "free to use, wording fixed",
    "local": "wording supplied locally",
}
HEAD = """# Measures

Each measure is one FHIR R4 Questionnaire in `src/reknit/measures/forms/`. That file feeds the form, the
scoring, the chart, the export and this page; nothing of it is repeated anywhere.

Written by `python -m reknit.measures.describe`; a test fails when this page and the files differ.

A score exists only where enough was answered; no missing answer is filled in. "Not checked" stands
beside a number that was taken from its source by name and not compared with the source's own text:
compare it before you rely on it.

## Wording supplied locally

The words of some measures belong to others and are not part of Reknit. Who holds a licence pastes the
words on the clinic's page *Questionnaires*, as a table with the heading `part,text`:

```
part,text
stem,The sentence above the items
item-1,The first item as printed on your licensed form
option 0,The first answer as printed
```

The parts of a measure are its items, `option <code>` for its answers, and `low` and `high` for the ends
of its lines (or `item-1 low` where each line has its own). All of them must be there and nothing else.
Words that a file already has cannot be replaced: a measure marked *wording fixed* is always shown whole,
in order, and as published.

## A measure with a question about danger

A measure that asks about suicide or harm stays off until the clinic names who is alerted. An answer at
or above the number given below shows the clinic's crisis contacts at once, and opens an alert with an
owner, a deadline, somebody who takes over when it passes, and a recorded resolution.
"""


def page() -> str:
    """The whole page, as Markdown."""
    return HEAD + "".join("\n" + "".join(_measure(name, load(name))) for name in SHIPPED)


def _measure(name: str, measure: Measure) -> Iterator[str]:
    licence = measure.licence
    yield f"## {measure.title}\n\n"
    yield (
        f"`{name}`, key `{measure.canonical}`" + (f", LOINC {measure.code}" if measure.code else "") + "\n\n"
    )
    yield f"- Licence: {KINDS[licence.kind]}. {measure.copyright}\n"
    yield f"- Wording may be changed: {'no' if measure.locked else 'yes'}. {licence.terms}\n"
    yield f"- Contexts: {', '.join(licence.contexts)}. Read by: {measure.audience.replace('_', ' ')}\n"
    for item in measure.risk_items:
        yield f"- Danger: `{item.key}` at {item.risk_from:g} or above alerts\n"
    yield f"- Items: {len(measure.questions)}\n"
    for score in measure.scores:
        yield _score(score)


def _score(score: Score) -> str:
    lo, hi = score.scale
    said = f"- {score.title}: {score.method} of {len(score.items)}, {lo:g} to {hi:g}"
    if score.least_answered < len(score.items):
        said += f", from {score.least_answered} answered"
    if score.higher_is != "neither":
        said += f"; higher is {score.higher_is}"
    if score.reversed:
        said += f"; counted backwards: {', '.join(sorted(score.reversed))}"
    if score.code:
        said += f"; LOINC {score.code}"
    if score.bands:
        said += "; " + ", ".join(f"{name} from {start:g}" for start, name in score.bands)
    said += _sourced("cut-off", score.cutoff) + _sourced("reliable change", score.reliable_change)
    if score.source:
        said += f". Scoring: {score.source}" + ("" if score.checked else " (not checked)")
    return said + "\n"


def _sourced(what: str, number: Sourced | None) -> str:
    if number is None:
        return ""
    return f"; {what} {number.value:g} ({number.source}{'' if number.checked else '; not checked'})"


if __name__ == "__main__":
    print(page(), end="")
