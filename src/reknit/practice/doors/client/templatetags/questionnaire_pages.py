"""`{% questionnaires_waiting visit %}`: what a client could fill in now, for any of their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template

from reknit.practice.doors.client.links import Visit
from reknit.practice.loop.questionnaires import what_waits
from reknit.practice.questionnaires.due import Due

register = template.Library()


@dataclass(frozen=True)
class Waiting(Due):
    """One that waits, with the address of its form."""

    address: str = ""


@register.inclusion_tag("client/questionnaire_waiting.html")
def questionnaires_waiting(visit: Visit) -> dict[str, Any]:
    """All that wait on the client's own page; on a check-in's page those of its session."""
    due = [d for d in what_waits(visit.visitor) if visit.is_home or d.session.pk == visit.link.session_id]
    return {"waiting": [_with_address(visit, each) for each in due]}


def _with_address(visit: Visit, due: Due) -> Waiting:
    address = visit.address("questionnaire", pk=due.schedule.pk)
    return Waiting(due.schedule, due.measure, due.session, due.response, address)
