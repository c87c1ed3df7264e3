"""`{% questionnaires_of relationship %}`: scores and schedule, as a section of a relationship's page.

`{% alerts_waiting %}`: one quiet line where an alert of danger waits for the person who is signed in.
"""

from __future__ import annotations

from typing import Any

from django import template

from reknit.practice.doors.measures.results import results
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.questionnaires.due import usable_measures
from reknit.practice.questionnaires.reading import risk_alerts

register = template.Library()


@register.inclusion_tag("measures/partials/relationship.html", takes_context=True)
def questionnaires_of(context: dict[str, Any], relationship: Relationship) -> dict[str, Any]:
    return {
        "results": results(Visitor.of(context["request"]), relationship),
        "relationship": relationship,
        "can_ask": bool(usable_measures(relationship.clinic_id)),
    }


@register.inclusion_tag("measures/partials/alerts.html", takes_context=True)
def alerts_waiting(context: dict[str, Any]) -> dict[str, Any]:
    return {"count": risk_alerts(Visitor.of(context["request"])).filter(resolved_at=None).count()}
