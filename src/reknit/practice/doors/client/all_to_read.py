"""All that is kept about the two, in words, for the page that a client reads, prints or keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reknit.measures import Item, Measure
from reknit.practice.doors.client import told
from reknit.practice.doors.client.kept import kept
from reknit.practice.doors.client.links import Visit
from reknit.practice.doors.client.questionnaire_forms import says
from reknit.practice.questionnaires.due import setting_of
from reknit.practice.questionnaires.models import Response, ResponseAnswer


@dataclass(frozen=True)
class FilledIn:
    """A questionnaire with its questions and answers in words."""

    response: Response
    title: str
    answers: list[tuple[str, str]]


def all_to_read(visit: Visit) -> dict[str, Any]:
    """What `download.everything` gives to programs, with questionnaires in words and what came of it all."""
    found = kept(visit)
    filled_in = [_filled_in(visit, response) for response in found.questionnaires]
    newest_first = {
        "replies": found.replies.order_by("-shared_at"),
        "sessions": found.sessions.order_by("-starts_at"),
    }
    return vars(found) | newest_first | {"questionnaires": filled_in, "ways": told.ways(visit)}


def _filled_in(visit: Visit, response: Response) -> FilledIn:
    setting = setting_of(visit.clinic, response.measure_key)
    measure = setting.measure if setting else None
    if measure is None:
        plain = [(answer.item, answer.words or f"{answer.value:g}") for answer in response.answers.all()]
        return FilledIn(response, response.measure_key, plain)
    items = {item.key: item for item in measure.items}
    answers = [
        (says(measure, items[answer.item].text), _in_words(measure, items[answer.item], answer))
        for answer in response.answers.all()
        if answer.item in items
    ]
    return FilledIn(response, says(measure, measure.title), answers)


def _in_words(measure: Measure, item: Item, answer: ResponseAnswer) -> str:
    if answer.value is None:
        return str(answer.words)
    return says(measure, item.option_of(answer.value).display) if item.choices else f"{answer.value:g}"
