"""The words of the clinic that every client sees."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from reknit.practice import loop
from reknit.practice.doors.clinic.forms import ClinicForm
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Role, User


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
