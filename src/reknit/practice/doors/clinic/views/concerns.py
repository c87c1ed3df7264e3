"""Safeguarding: what clients said about their therapists, and what is done."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from reknit.practice import loop
from reknit.practice.concerns.models import Concern
from reknit.practice.doors.clinic.forms import ConcernForm
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Role, User


@login_required
@require_safe
def concerns(request: HttpRequest) -> HttpResponse:
    """What clients told safeguarding about their therapists; those due first."""
    found = loop.read_concerns(_guardian(request))
    return render(request, "clinic/concerns.html", {"concerns": found, "place": "clinic"})


@login_required
def concern(request: HttpRequest, pk: int) -> HttpResponse:
    """One concern: what was said, what was done, and the next step, which the client is told."""
    visitor = _guardian(request)
    found = get_object_or_404(access.concerns(visitor, Concern.objects.all()), pk=pk)
    form = ConcernForm(request.POST or None, states=loop.next_concern_states(found))
    if request.method == "POST" and form.is_valid():
        try:
            loop.take_concern_on(visitor, found, form.cleaned_data["state"], form.cleaned_data["told_client"])
        except loop.NotNow as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, _("The client can read it on their page."))
            return redirect("clinic:concerns")
    context = {"concern": found, "form": form, "place": "clinic"}
    return render(request, "clinic/concern.html", context, status=422 if form.errors else 200)


def _guardian(request: HttpRequest) -> Visitor:
    """A safeguarding person of some clinic; nobody else comes in here."""
    if not access.clinics_of(cast(User, request.user), Role.SAFEGUARDING).exists():
        raise PermissionDenied
    return Visitor.of(request)
