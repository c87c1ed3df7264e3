"""Handing clients over: who meets whom, who has nobody, and what came along."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reknit.practice import clock
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.loop import NotNow
from reknit.practice.loop import hand_over as steps
from reknit.practice.loop.brought import read_brought
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.handing_over import HandOver, HandOverState
from reknit.practice.people.models import Clinic, Ending, Relationship, Role, User


class StartForm(forms.Form):
    """To whom, and until when the present therapist can open anything."""

    to = forms.ModelChoiceField(queryset=User.objects.none(), label=gettext_lazy("Who could go on with them"))
    ends_on = forms.DateField(
        label=gettext_lazy("Last day of the present therapist"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, relationship: Relationship, **extra: Any) -> None:
        super().__init__(*args, **extra)
        found = steps.therapists(relationship.clinic).exclude(pk=relationship.therapist_id)
        self.fields["to"].queryset = found.order_by("name")  # type: ignore[attr-defined]


def led(visitor: Visitor) -> Clinic:
    """The clinic that this visitor leads; nobody else comes in here."""
    clinic = access.clinics_of(visitor.user, Role.LEAD).order_by("pk").first() if visitor.user else None
    if clinic is None:
        raise PermissionDenied
    return clinic


@require_safe
@signed_in
def hand_overs(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Those without a therapist first, then what is under way, then who meets whom."""
    clinic = led(visitor)
    alone = steps.without_therapist(clinic)
    asked = HandOver.objects.filter(relationship__clinic=clinic).exclude(state=HandOverState.CALLED_OFF)
    moving = asked.filter(state__in=(HandOverState.ASKED, HandOverState.AGREED)).values("relationship")
    going_on = steps.running(clinic).exclude(pk__in=alone.values("pk"))
    context = {
        "clinic": clinic,
        "alone": alone,
        "under_way": asked.select_related("to", "relationship__therapist", "relationship__client")[:50],
        "running": going_on.exclude(pk__in=moving, therapist_until__isnull=False),
        "endings": [each for each in Ending if each != Ending.RUNNING],
        "place": "clinic",
    }
    return render(request, "clinic/hand_overs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def start(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Ask a client whether they would like to go on with somebody else."""
    relationship = get_object_or_404(steps.running(led(visitor)), pk=pk)
    initial = {"ends_on": relationship.therapist_until or clock.today()}
    form = StartForm(request.POST or None, relationship=relationship, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            steps.start_hand_over(visitor, relationship, given["to"], given["ends_on"])
        except NotNow as why:
            form.add_error(None, str(why))
        else:
            messages.success(
                request, _("The client is asked on their page, and both therapists have a letter.")
            )
            return redirect("clinic:hand_overs")
    context = {"form": form, "relationship": relationship, "place": "clinic"}
    return render(request, "clinic/hand_over.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def call_off(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    found = get_object_or_404(HandOver, pk=pk, relationship__clinic=led(visitor))
    return _step(request, lambda: steps.call_off(visitor, found), _("Called off. Their therapist stays."))


@require_POST
@signed_in
def end(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Note how it ended for somebody whose therapist is gone."""
    relationship = get_object_or_404(steps.running(led(visitor)), pk=pk)
    ending = request.POST.get("ending", "")
    return _step(
        request, lambda: steps.end_without_therapist(visitor, relationship, ending), _("Noted as ended.")
    )


def _step(request: HttpRequest, step: Any, done: str) -> HttpResponse:
    try:
        step()
    except NotNow as why:
        messages.error(request, str(why))
    else:
        messages.success(request, done)
    return redirect("clinic:hand_overs")


@require_safe
@signed_in
def mine(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """For a therapist: whom they hand over, and who may come to them."""
    if visitor.user is None or not access.clinics_of(visitor.user, Role.THERAPIST).exists():
        raise PermissionDenied
    found = steps.hand_overs_with(visitor.user)
    own = access.relationships(visitor)
    context = {
        "leaving": found.filter(relationship__in=own),
        "coming": found.filter(to=visitor.user).exclude(state=HandOverState.CALLED_OFF),
        "opened": set(access.brought_to(visitor).values_list("pk", flat=True)),
    }
    return render(request, "clinic/hand_overs_mine.html", context)


@require_safe
@signed_in
def brought(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """What came along with a client; each reading is seen by the client."""
    found = get_object_or_404(access.brought_to(visitor).select_related("new__client"), pk=pk)
    context = {"hand_over": found, "brought": read_brought(visitor, found), "place": "caseload"}
    return render(request, "clinic/brought.html", context)
