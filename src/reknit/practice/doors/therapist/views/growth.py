"""One's own growth: for the therapist alone, and for nobody instead of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reknit.practice.doors.therapist import pictures
from reknit.practice.doors.therapist.desk import at_the_desk
from reknit.practice.insight import growth as insight
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Role


@require_safe
@at_the_desk
def growth(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    assert visitor.user is not None
    found = insight.growth(visitor)
    context = {
        "place": "growth",
        "is_therapist": access.clinics_of(visitor.user, Role.THERAPIST).exists(),
        "growth": found,
        "sense": found.senses[-1] if found.senses else None,
        "few": insight.FEW,
        "few_repairs": insight.FEW_REPAIRS,
        "curve": pictures.senses_svg(found.senses) if len(found.senses) > 1 else "",
    }
    return render(request, "therapist/growth.html", context)
