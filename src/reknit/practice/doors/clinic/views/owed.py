"""Repairs that the clinic owes: the list, one of them, and the next step."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from reknit.practice import loop
from reknit.practice.doors.clinic.owed_forms import OwedForm
from reknit.practice.people import access
from reknit.practice.people.access import Visitor


def _listener(request: HttpRequest) -> Visitor:
    visitor = Visitor.of(request)
    if not access.clinics_listened_for(visitor).exists():
        raise PermissionDenied
    return visitor


@login_required
@require_safe
def owed(request: HttpRequest) -> HttpResponse:
    """What is mended; then what waits for the clinic, those due first; then what waits for the client."""
    found = list(loop.read_owed(_listener(request)))
    context = {
        "mended": [one for one in found if not one.is_open][-5:],
        "waiting": [one for one in found if one.is_open and not one.waits_for_client],
        "with_client": [one for one in found if one.waits_for_client],
        "place": "clinic",
    }
    return render(request, "clinic/owed.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: what was said, what was done, and the next step, which the client is told."""
    visitor = _listener(request)
    found = get_object_or_404(loop.read_owed(visitor, pk))
    form = OwedForm(request.POST or None, repair=found)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            loop.take_owed_on(
                visitor, found, given["state"], given["told"], owner=given["owner"], due_on=given["due_on"]
            )
        except loop.NotNow as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, _("The client can read it on their page."))
            return redirect("clinic:owed")
    context = {"repair": found, "form": form, "place": "clinic"}
    return render(request, "clinic/owed_one.html", context, status=422 if form.errors else 200)
