"""Scores of one relationship, gathered for the page: one row a measure and score, the latest last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reknit.measures import Change, Direction, Measure, Score, change, chart
from reknit.practice.loop.questionnaires import read_responses
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.questionnaires.due import setting_of
from reknit.practice.questionnaires.models import Response

SENTENCES = {
    Direction.BETTER: gettext_noop(
        "It moved by %(points)s points, more than its own noise of %(needed)s: reliably better."
    ),
    Direction.WORSE: gettext_noop(
        "It moved by %(points)s points, more than its own noise of %(needed)s: reliably worse."
    ),
    Direction.NOT_SURE: gettext_noop("It moved by %(points)s points, within its own noise of %(needed)s."),
    Direction.UNKNOWN: gettext_noop(
        "It moved by %(points)s points; no reliable change has been published for it."
    ),
}


@dataclass(frozen=True)
class Result:
    """One score over time."""

    measure: Measure
    score: Score
    rows: list[tuple[Response, float]]
    change: Change
    sentence: str
    picture: SafeString

    @property
    def latest(self) -> float:
        return self.rows[-1][1]

    @property
    def band(self) -> str:
        return self.score.band(self.latest)


def results(visitor: Visitor, relationship: Relationship) -> list[Result]:
    """What this visitor may know. Reading it is recorded where there are words in it."""
    by_measure: dict[str, list[Response]] = {}
    for response in read_responses(visitor, relationship):
        if response.sent_at:
            by_measure.setdefault(response.measure_key, []).append(response)
    return [result for key, group in by_measure.items() for result in _of(relationship, key, group)]


def _of(relationship: Relationship, key: str, responses: list[Response]) -> Iterator[Result]:
    setting = setting_of(relationship.clinic_id, key)
    if setting is None:
        return
    for score in setting.measure.scores:
        rows = [(each, value) for each in responses if (value := score.of(each.values)) is not None]
        if rows:
            yield _result(setting.measure, score, rows)


def _result(measure: Measure, score: Score, rows: list[tuple[Response, float]]) -> Result:
    moved = change(score, rows[0][1], rows[-1][1])
    sentence = _("One answer so far.") if len(rows) == 1 else _said(moved)
    days = [
        date_format(response.sent_at, "SHORT_DATE_FORMAT") for response, _value in rows if response.sent_at
    ]
    picture = chart(
        score, [value for _response, value in rows], days,
        title=f"{measure.title}: {score.title}", sentence=sentence,
    )  # fmt: skip
    return Result(measure, score, rows, moved, sentence, mark_safe(picture))


def _said(moved: Change) -> str:
    numbers = {"points": f"{moved.points:+.3g}", "needed": f"{moved.needed or 0:g}"}
    return _(SENTENCES[moved.direction]) % numbers
