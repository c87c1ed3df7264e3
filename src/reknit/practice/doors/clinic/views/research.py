"""The researcher's page: one file, without words, names or dates."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from reknit.practice import clock
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.exchange.research import research_extract
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Purpose, Relationship, Role


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def research(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """How many agreed; a POST takes the extract away, which is kept on the trail of each of them."""
    user = visitor.user
    clinic = access.clinics_of(user, Role.RESEARCHER, Role.LEAD).order_by("pk").first() if user else None
    if clinic is None:
        raise PermissionDenied
    if request.method == "POST":
        response = HttpResponse(research_extract(visitor, clinic), content_type="application/zip")
        name = f"reknit-extract-{clock.today().isoformat()}.zip"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    agreed = Relationship.objects.filter(
        clinic=clinic,
        supervisee=None,
        consents__purpose=Purpose.RESEARCH,
        consents__withdrawn_at=None,
    )
    context = {"clinic": clinic, "agreed": agreed.distinct().count(), "place": "clinic"}
    return render(request, "clinic/research.html", context)
