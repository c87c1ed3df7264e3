"""How long what is kept; what is due to be erased, and what was."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from reknit.practice.doors.clinic.views.people import house
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic
from reknit.practice.rights import retention as steps
from reknit.practice.rights.erase import StillHeld
from reknit.practice.rights.models import Erasing, RetentionRule, State, Why
from reknit.practice.rights.quiet import last_sign


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = RetentionRule
        fields = ("said_years", "whole_years", "law_years", "law", "law_covers_said", "asks_first")
        labels = {
            "said_years": gettext_lazy("Years that check-ins and questionnaires are kept"),
            "whole_years": gettext_lazy("Years that everything else is kept"),
            "law_years": gettext_lazy("Years that the law wants the record kept"),
            "law": gettext_lazy("Which law that is"),
            "law_covers_said": gettext_lazy("That law covers check-ins and questionnaires too"),
            "asks_first": gettext_lazy("Ask before anything is erased"),
        }
        help_texts = {
            "said_years": gettext_lazy(
                "Counted from the day on which two people stopped meeting. Empty: until the client asks."
            ),
            "whole_years": gettext_lazy("Empty: until the client asks."),
            "law": gettext_lazy("Clients read it when they ask to be erased."),
            "asks_first": gettext_lazy("Otherwise it is erased in the night of its day, and reported here."),
        }


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def retention(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What clients ask for, what is due, the rule, and the reports."""
    clinic, _user = house(visitor)
    form = RuleForm(request.POST or None, instance=steps.rule_of(clinic))
    if request.method == "POST" and form.is_valid():
        steps.change_rule(visitor, form.save(commit=False))
        messages.success(request, _("Saved. It holds from tonight."))
        return redirect("clinic:retention")
    found = steps.for_keeper(visitor, clinic)
    context = {
        "clinic": clinic,
        "form": form,
        "asked": found.filter(state=State.PROPOSED, why=Why.REQUEST),
        "due": found.filter(state=State.PROPOSED, why=Why.RETENTION),
        "done": found.exclude(state=State.PROPOSED).order_by("-decided_at")[:50],
        "place": "clinic",
    }
    return render(request, "clinic/retention.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def erasing(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """One erasure: a yes, another year, or the report of what is gone and what stays."""
    clinic, _user = house(visitor)
    found = get_object_or_404(steps.for_keeper(visitor, clinic), pk=pk)
    if request.method == "POST":
        return _decide(request, visitor, found)
    return render(request, "clinic/erasing.html", _about(found, clinic))


def _decide(request: HttpRequest, visitor: Visitor, found: Erasing) -> HttpResponse:
    step = request.POST.get("step")
    try:
        if step == "erase":
            steps.say_yes(visitor, found)
            messages.success(request, _("Erased, and looked for again. The report is below."))
        elif step == "keep":
            steps.keep_longer(visitor, found)
            messages.success(request, _("Kept for another year."))
    except (steps.NotErased, StillHeld) as why:
        messages.error(request, str(why))
    return redirect("clinic:erasing", found.pk)


def _about(found: Erasing, clinic: Clinic) -> dict[str, Any]:
    relationship, rule = found.relationship, steps.rule_of(clinic)
    return {
        "erasing": found,
        "relationship": relationship,
        "last_sign": last_sign(relationship) if relationship else None,
        "law": rule.law,
        "law_until": rule.law_until(relationship) if relationship else None,
        "law_covers_said": rule.law_covers_said,
        "deleted": sorted(found.report.get("deleted", {}).items()),
        "left": sum(found.report.get("left", {}).values()),
        "stays": found.report.get("stays", []),
        "place": "clinic",
    }
