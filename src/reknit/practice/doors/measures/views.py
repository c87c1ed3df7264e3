"""Pages about questionnaires, for those who choose, schedule and read them, and answer for an alert."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reknit.measures import Measure, by_key
from reknit.practice import loop
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.doors.measures.forms import ResolveForm, ScheduleForm, UseForm, WordingForm
from reknit.practice.doors.measures.results import results
from reknit.practice.loop import questionnaires as steps
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Role
from reknit.practice.questionnaires.due import setting_of, usable_measures
from reknit.practice.questionnaires.models import ClinicMeasure, Schedule
from reknit.practice.questionnaires.reading import risk_alerts


def _took(form: BaseForm, step: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form was filled in well and the step was taken; if not, the form says why and keeps all."""
    if not form.is_valid():
        return False
    try:
        step(form.cleaned_data)
    except loop.NotNow as not_now:
        form.add_error(None, str(not_now))
        return False
    return True


@require_safe
@signed_in
def chosen(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Every measure there is, and how the clinic uses it."""
    clinic = _own_clinic(visitor)
    measures = [(measure, setting_of(clinic, measure.key)) for measure in steps.known_measures()]
    return render(
        request, "measures/chosen.html", {"measures": measures, "clinic": clinic, "place": "measures"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def use(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    """Turn one measure on or off."""
    clinic, measure = _own_clinic(visitor), _measure_or_404(key)
    setting = setting_of(clinic, key) or ClinicMeasure(clinic=clinic, key=key)
    form = UseForm(request.POST or None, clinic=clinic, setting=setting, measure=measure)
    if _took(form, lambda given: steps.choose_measure(visitor, clinic, key, **given)):
        messages.success(request, _("Saved."))
        return redirect("measures:chosen")
    context = {"form": form, "measure": setting.measure, "setting": setting, "clinic": clinic}
    return render(request, "measures/use.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def wording(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponse:
    """The words of a licensed copy."""
    clinic, measure = _own_clinic(visitor), _measure_or_404(key)
    if measure.has_wording:
        raise Http404
    form = WordingForm(request.POST or None, measure=measure)
    if _took(form, lambda given: steps.supply_wording(visitor, clinic, key, given["table"], given["source"])):
        messages.success(
            request, _("The wording is kept. Compare it once more with your copy before you use it.")
        )
        return redirect("measures:use", key)
    context = {"form": form, "measure": measure}
    return render(request, "measures/wording.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def relationship(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """What was answered in one relationship, what is asked and how often."""
    own = get_object_or_404(access.relationships(visitor).select_related("client", "clinic"), pk=pk)
    form = ScheduleForm(request.POST or None, measures=usable_measures(own.clinic))

    def plan(given: dict[str, Any]) -> None:
        steps.schedule_measure(visitor, own, given["measure"], every=given["every"], first=given["first"])

    if _took(form, plan):
        messages.success(request, _("It will be asked for on the client's page."))
        return redirect("measures:relationship", pk)
    context = {
        "relationship": own,
        "results": results(visitor, own),
        "schedules": [(each, by_key()[each.measure]) for each in own.schedules.filter(ended_at=None)],
        "form": form,
        "place": "caseload",
    }
    return render(request, "measures/relationship.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def stop(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Ask no more."""
    schedule = get_object_or_404(access.of_visitor(visitor, Schedule.objects.all()), pk=pk)
    steps.stop_schedule(visitor, schedule)
    return redirect("measures:relationship", schedule.relationship_id)


@require_safe
@signed_in
def alerts(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The alerts of danger that are this person's, the most urgent first."""
    mine = risk_alerts(visitor).select_related("response__relationship__client")
    context = {"open": mine.filter(resolved_at=None), "closed": mine.exclude(resolved_at=None)[:20]}
    return render(request, "measures/alerts.html", context | {"place": "alerts"})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def alert(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """One alert: what was answered, whom it is about, and what was done."""
    found = steps.open_alert(visitor, pk)
    if found is None:
        raise Http404
    form = ResolveForm(request.POST or None)
    if _took(form, lambda given: steps.resolve_alert(visitor, found, given["what_was_done"])):
        messages.success(request, _("Closed, with what was done."))
        return redirect("measures:alerts")
    setting = setting_of(found.response.relationship.clinic_id, found.response.measure_key)
    measure = setting.measure if setting else by_key()[found.response.measure_key]
    item = measure.item(found.item)
    said = item.option_of(found.value).display if item.choices else f"{found.value:g}"
    context = {"alert": found, "form": form, "measure": measure, "item": item, "said": said}
    return render(request, "measures/alert.html", context, status=422 if form.errors else 200)


def _own_clinic(visitor: Visitor) -> Clinic:
    assert visitor.user is not None
    clinic = access.clinics_of(visitor.user, Role.LEAD, Role.ADMINISTRATOR).order_by("pk").first()
    if clinic is None:
        raise PermissionDenied
    return clinic


def _measure_or_404(key: str) -> Measure:
    measure = by_key().get(key)
    if measure is None or key == "reknit-check-in":
        raise Http404
    return measure
