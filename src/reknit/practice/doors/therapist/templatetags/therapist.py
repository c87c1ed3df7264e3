"""Dates as a person says them, and chances in words: `{% load therapist %}`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reknit.measures import load
from reknit.practice import clock
from reknit.practice.doors.therapist import pictures, progress
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.insight.caseload import NEXT_MOVE
from reknit.practice.insight.estimates import Point
from reknit.practice.repairs.models import Episode, State

register = template.Library()

STATEMENTS = {item.key: item.text for item in load("check_in").ratings}


@register.filter
def day(moment: datetime | date) -> str:
    """today, yesterday, tomorrow, “Tuesday 1 December” or “1 May 2027”, in the zone of whoever is looking."""
    on, today = _date(moment), clock.today()
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    if said := near.get((on - today).days):
        return said
    if on.year == today.year:
        return date_format(on, pgettext("date format: weekday, day, month", "l j F"))
    return date_format(on, pgettext("date format: day, month, year", "j F Y"))


@register.filter
def whole_day(on: date) -> str:
    """“Tuesday 1 December 2026”."""
    return date_format(on, pgettext("date format: weekday, day, month, year", "l j F Y"))


@register.filter
def short_day(moment: datetime | date) -> str:
    """today, yesterday, or “1 December”: where there is little room."""
    on = _date(moment)
    if abs((on - clock.today()).days) <= 1 or on.year != clock.today().year:
        return day(on)
    return date_format(on, pgettext("date format: day, month", "j F"))


def _date(moment: datetime | date) -> date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime) else moment


@register.filter
def hour(moment: datetime) -> str:
    """The time of day, in the zone of whoever is looking."""
    return date_format(timezone.localtime(moment), pgettext("time format", "H:i"))


@register.filter
def homework_state(homework: Homework) -> str:
    """Where a proposal stands, as its therapist would say it."""
    return {
        HomeworkState.PROPOSED: _("Waits for their answer"),
        HomeworkState.SUITS: _("It suits them"),
        HomeworkState.CHANGE: _("They ask for a change"),
        HomeworkState.RATHER_NOT: _("They would rather not"),
        HomeworkState.DONE: _("They tried it"),
        HomeworkState.NOT_DONE: _("They did not get to it"),
    }.get(HomeworkState(homework.state), _("Taken back"))


@register.filter
def chance(probability: float) -> str:
    return progress.chance(probability)


@register.filter
def in_ten(probability: float) -> int:
    return progress.in_ten(probability)


@register.simple_tag
def due(episode: Episode) -> str:
    """By when the next step of an episode is best taken, or since when it has waited."""
    form = _("Best by %(day)s.") if episode.due_on >= clock.today() else _("It has waited since %(day)s.")
    return form % {"day": day(episode.due_on)}


@register.simple_tag
def next_move(episode: Episode) -> str:
    """Where an open episode stands, as the caseload says it."""
    return str(NEXT_MOVE.get(State(episode.state), episode.get_state_display()))


@register.simple_tag
def thread(points: list[Point]) -> SafeString:
    """A small thread beside a sentence that says the same."""
    return pictures.thread_svg(points)


@register.simple_tag
def marked(text: str, reading: Any, remark: Any) -> dict[str, str]:
    """The words of a draft that a remark is about, inside their sentence."""
    sentence = next((one for one in reading.sentences if one.start <= remark.start < one.end), remark)
    return {
        "before": text[sentence.start : remark.start],
        "marked": text[remark.start : remark.end],
        "after": text[remark.end : max(sentence.end, remark.end)],
    }


@register.filter
def statement(question: str) -> str:
    """The words of one line of the check-in."""
    return _(STATEMENTS.get(question, question))
