"""Listening: what clients said to the clinic alone."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reknit.practice import loop
from reknit.practice.owed.models import OwedRepair
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Role, User
from reknit.practice.repairs.models import CLOSED


@login_required
@require_safe
def heard(request: HttpRequest) -> HttpResponse:
    """What clients said to the clinic and to nobody else.

    Every reading is on the trail, and the client sees it.
    """
    visitor = Visitor.of(request)
    if not access.clinics_listened_for(visitor).exists():
        raise PermissionDenied
    context = {
        "answers": loop.read_words_for_clinic(visitor),
        "is_guardian": access.clinics_of(cast(User, request.user), Role.SAFEGUARDING).exists(),
        "owed": access.owed(visitor, OwedRepair.objects.exclude(state__in=CLOSED)).count(),
        "place": "clinic",
    }
    return render(request, "clinic/heard.html", context)
