"""How this place is trusted, and what trust buys: for whoever leads the clinic, about all of it at once."""

from __future__ import annotations

import csv

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reknit.practice.doors.clinic.board import Board
from reknit.practice.people import access
from reknit.practice.people.access import Visitor


def _board(request: HttpRequest) -> Board:
    """The kept figures of the clinic that this person leads. Nothing in the address changes what they are."""
    clinic = access.clinic_led_by(Visitor.of(request))
    if clinic is None:
        raise PermissionDenied
    return Board(clinic)


@login_required
@require_safe
def climate(request: HttpRequest) -> HttpResponse:
    """Trust in the therapists and in the clinic by quarters, friction, and what the clinic owed."""
    return render(request, "clinic/climate.html", {"board": _board(request), "place": "clinic"})


@login_required
@require_safe
def buys(request: HttpRequest) -> HttpResponse:
    """What goes with one more point of trust, and where nothing can be seen."""
    return render(request, "clinic/buys.html", {"board": _board(request), "place": "clinic"})


@login_required
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The same figures as a file."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="clinic.csv"'
    csv.writer(response).writerows(_board(request).table())
    return response


@login_required
@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """One of the pictures as a file for a report."""
    board = _board(request)
    drawn = dict(board.effect_pictures()) | ({} if board.is_empty else {"climate": board.climate_picture()})
    if name not in drawn:
        raise Http404
    response = HttpResponse(drawn[name], content_type="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.svg"'
    return response
