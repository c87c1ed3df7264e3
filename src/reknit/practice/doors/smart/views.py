"""A patient is opened in the record system, and their page opens here, for their own therapist."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reknit.practice import clock, loop
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.doors.smart import protocol
from reknit.practice.doors.smart.forms import SystemForm, WhoForm
from reknit.practice.doors.smart.models import Linked, RecordSystem
from reknit.practice.loop import NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Ending, Role
from reknit.practice.trail import record
from reknit.practice.vault.fields import close, open_

UNDER_WAY, OPENED = "smart_under_way", "smart_opened"


@require_safe
@signed_in
def launch(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The record system sends its user here (EHR launch); they are sent back to it to be let in."""
    issuer = request.GET.get("iss", "").rstrip("/")
    system = _systems(visitor).filter(issuer=issuer).first()
    if system is None:
        return _refused(request, _("This record system is not known to your clinic here."), status=404)
    try:
        address, remember = protocol.way_there(system, request.GET.get("launch", ""), _back(request))
    except NotNow as reason:
        return _refused(request, str(reason))
    request.session[UNDER_WAY] = remember | {"system": system.pk}
    return redirect(address)


@require_safe
@signed_in
def back(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The record system let them in: open the page of the patient, or ask who it is."""
    remembered = request.session.pop(UNDER_WAY, None)
    if not remembered or request.GET.get("state") != remembered["state"] or "code" not in request.GET:
        return _refused(request, _("The record system did not let Reknit in. Open it there once more."))
    system = get_object_or_404(_systems(visitor), pk=remembered["system"])
    try:
        patient = protocol.come_back(system, remembered, request.GET["code"], _back(request))
    except NotNow as reason:
        return _refused(request, str(reason))
    known = access.of_visitor(visitor, Linked.objects.filter(system=system, patient=patient.hashed)).first()
    if known is not None:
        return redirect("therapist:relationship", known.relationship_id)
    name = close(patient.name.encode(), "records").decode()  # a session lies in the database
    request.session[OPENED] = {"system": system.pk, "patient": patient.hashed, "name": name}
    return redirect("smart:who")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def who(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The first time: which of one's clients this is, or a new one. Nobody else's are offered."""
    opened = request.session.get(OPENED)
    if not opened:
        return _refused(request, _("Open a patient in the record system first."))
    system = get_object_or_404(_systems(visitor), pk=opened["system"])
    own = access.relationships(visitor).filter(ending=Ending.RUNNING, clinic=system.clinic)
    name = open_(opened["name"].encode(), "records").decode()
    called = {each.pk: each.client.called for each in own.select_related("client")}
    same = [pk for pk, own_name in called.items() if own_name.casefold() == name.casefold()]
    initial = {"who": str(same[0]) if len(same) == 1 else "", "called": name}
    form = WhoForm(request.POST or None, called=called, initial=initial)
    if form.is_valid():
        pk = _the_one(visitor, form.cleaned_data)
        Linked.objects.get_or_create(system=system, patient=opened["patient"], relationship_id=pk)
        record(visitor.trail_name, "created", f"link:record_system:{system.pk}", relationship_id=pk)
        del request.session[OPENED]
        return redirect("therapist:relationship", pk)
    context = {"form": form, "name": name, "system": system}
    return render(request, "smart/who.html", context, status=422 if form.errors else 200)


def _the_one(visitor: Visitor, given: dict[str, Any]) -> int:
    if given["who"] != "new":
        return int(given["who"])
    relationship, _token = loop.open_relationship(visitor, called=given["called"].strip())
    return relationship.pk


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def systems(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The record systems of the clinic, for those who run it."""
    clinic = _run_by(visitor)
    form = SystemForm(request.POST or None)
    if form.is_valid():
        form.instance.clinic = clinic
        made = form.save()
        record(visitor.trail_name, "created", f"record_system:{made.pk}")
        return redirect("smart:systems")
    context = {
        "form": form, "systems": clinic.record_systems.filter(ended_at=None), "place": "clinic",
        "launch": request.build_absolute_uri(reverse("smart:launch")), "back": _back(request),
    }  # fmt: skip
    return render(request, "smart/systems.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def end(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """It opens nothing here any more."""
    system = get_object_or_404(RecordSystem, pk=pk, clinic=_run_by(visitor))
    system.ended_at = system.ended_at or clock.now()
    system.save(update_fields=["ended_at"])
    record(visitor.trail_name, "changed", f"record_system:{system.pk}:ended")
    return redirect("smart:systems")


def _run_by(visitor: Visitor) -> Clinic:
    clinics = access.clinics_of(visitor.user, Role.LEAD, Role.ADMINISTRATOR) if visitor.user else None
    clinic = clinics.order_by("pk").first() if clinics is not None else None
    if clinic is None:
        raise PermissionDenied
    return clinic


def _systems(visitor: Visitor) -> Any:
    """Those of the clinics in which somebody is a therapist."""
    if visitor.user is None:
        return RecordSystem.objects.none()
    clinics = access.clinics_of(visitor.user, Role.THERAPIST)
    return RecordSystem.objects.filter(clinic__in=clinics, ended_at=None)


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("smart:back"))


def _refused(request: HttpRequest, reason: str, status: int = 409) -> HttpResponse:
    return render(request, "smart/refused.html", {"reason": reason}, status=status)
