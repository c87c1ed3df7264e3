"""Somebody new, the link that welcomes them, and how it ends."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from reknit.practice import loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.therapist import handover
from reknit.practice.doors.therapist.desk import at_the_desk, relationship_or_404, to_place, took
from reknit.practice.doors.therapist.forms import EndingForm, NewClientForm
from reknit.practice.doors.therapist.views import relationship as pages
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Ending, Relationship, Role
from reknit.practice.rights import retention


@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if visitor.user is None or not access.clinics_of(visitor.user, Role.THERAPIST).exists():
        raise PermissionDenied(_("Only a therapist of a clinic can take on a client."))
    form = NewClientForm(request.POST or None, initial={"time_zone": visitor.user.time_zone})
    if request.method == "POST":
        made: list[tuple[Relationship, str]] = []
        if took(form, lambda given: made.append(_begin(visitor, given))):
            relationship, token = made[0]
            handover.keep(request, f"welcome-{relationship.pk}", token)
            return redirect("therapist:welcome", relationship.pk)
    context = {"place": "caseload", "form": form}
    return render(request, "therapist/new_client.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _begin(visitor: Visitor, given: dict[str, Any]) -> tuple[Relationship, str]:
    starts_at = given["starts_at"]
    relationship, token = loop.open_relationship(
        visitor, called=given["called"], contact=given["contact"], time_zone=given["time_zone"],
        language=given["language"], started_on=timezone.localtime(starts_at).date(),
    )  # fmt: skip
    loop.plan_session(visitor, relationship, starts_at)
    return relationship, token


@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def welcome(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """The welcome link to hand over; a POST makes a new one."""
    relationship = relationship_or_404(visitor, pk)
    name = f"welcome-{pk}"
    if request.method == "POST":
        handover.keep(request, name, loop.issue_link(visitor, relationship, LinkKind.WELCOME))
        return redirect("therapist:welcome", pk)
    address = handover.kept_address(request, name)
    context = {"place": "caseload", "relationship": relationship, "called": relationship.client.called}
    context |= {"address": address, "qr": handover.qr(address) if address else None}
    return render(request, "therapist/welcome.html", context)


@require_POST
@at_the_desk
def ending(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """How it ended; or that the two are meeting again after all."""
    relationship = relationship_or_404(visitor, pk)
    if request.POST.get("ending") == Ending.RUNNING:
        loop.end_relationship(visitor, relationship, Ending.RUNNING)
        messages.success(request, _("You are meeting again."))
        return to_place("relationship", pk, "content")
    form = EndingForm(request.POST)
    if not took(form, lambda given: loop.end_relationship(visitor, relationship, given["ending"])):
        return pages.page(request, visitor, relationship, ending_form=form)
    messages.success(request, _("Noted. It can be taken back here."))
    return to_place("relationship", pk, "content")


@require_POST
@at_the_desk
def still_goes_on(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Nothing was heard for long, but it has not ended."""
    retention.still_goes_on(visitor, relationship_or_404(visitor, pk))
    messages.success(request, _("Noted. It is kept for another year."))
    return to_place("relationship", pk, "content")
