"""All relationships at a glance: what goes well first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reknit.practice.doors.therapist.desk import at_the_desk
from reknit.practice.insight.caseload import caseload as caseload_of
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Ending


@require_safe
@at_the_desk
def caseload(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    ended = access.relationships(visitor).exclude(ending=Ending.RUNNING).select_related("client")
    found = {"caseload": caseload_of(visitor), "ended": ended.order_by("-ended_on", "-pk")}
    return render(request, "therapist/caseload.html", {"place": "caseload", **found})
