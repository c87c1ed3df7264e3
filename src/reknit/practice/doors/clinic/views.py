"""The clinic's pages: listening, and the words that every client sees."""

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
from reknit.practice.doors.clinic.forms import ClinicForm, ConcernForm
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Role, User


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
        "place": "clinic",
    }
    return render(request, "clinic/heard.html", context)


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
    form = ConcernForm(request.POST or None)
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


@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """The clinic's name, and the crisis contacts on every client page."""
    visitor, clinic = Visitor.of(request), _own_clinic(request)
    form = ClinicForm(request.POST or None, instance=clinic)
    if request.method == "POST" and form.is_valid():
        loop.change_clinic(visitor, form.save(commit=False))
        messages.success(request, _("Saved. Clients see it from now on."))
        return redirect("clinic:settings")
    return render(request, "clinic/settings.html", {"form": form, "clinic": clinic, "place": "clinic"})


def _own_clinic(request: HttpRequest) -> Clinic:
    clinic = access.clinics_of(cast(User, request.user), Role.LEAD, Role.ADMINISTRATOR).order_by("pk").first()
    if clinic is None:
        raise PermissionDenied
    return clinic
