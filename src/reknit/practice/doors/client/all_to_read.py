"""All that is kept about the two, in words, for the page that a client reads, prints or keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reknit.measures import Item, Measure
from reknit.practice import loop
from reknit.practice.doors.client import told
from reknit.practice.doors.client.links import Visit
from reknit.practice.doors.client.questionnaire_forms import says
from reknit.practice.homework.models import HomeworkState
from reknit.practice.loop.questionnaires import read_responses
from reknit.practice.questionnaires.due import setting_of
from reknit.practice.questionnaires.models import Response, ResponseAnswer
from reknit.practice.repairs.models import Reply


@dataclass(frozen=True)
class FilledIn:
    """A questionnaire with its questions and answers in words."""

    response: Response
    title: str
    answers: list[tuple[str, str]]


def all_to_read(visit: Visit) -> dict[str, Any]:
    """The same that `download.everything` gives to programs."""
    own = visit.relationship
    replies = Reply.objects.filter(episode__relationship=own, shared_at__isnull=False)
    return {
        "check_ins": told.said(visit, loop.read_answers(visit.visitor, own)),
        "questionnaires": [
            _filled_in(visit, each) for each in read_responses(visit.visitor, own) if each.sent_at
        ],
        "ways": told.ways(visit),
        "replies": replies.select_related("episode__session").order_by("-shared_at"),
        "agreements": own.agreements.all(),
        "learnings": own.learnings.prefetch_related("changes"),
        "homework": own.homework.exclude(state=HomeworkState.WITHDRAWN),
        "acknowledgements": own.acknowledgements.all(),
        "concerns": loop.read_concerns(visit.visitor),
        "repairs": loop.read_owed(visit.visitor),
        "sessions": own.sessions.order_by("-starts_at"),
        "consents": own.consents.order_by("given_at"),
    }


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
