"""Uploading a table and saying what its columns mean."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reknit.practice.exchange import DATES, NEEDED, ROLES, Plan

LABELS = {
    "client": _("Who the client is"),
    "date": _("The day of the session"),
    "rating": _("The rating"),
    "therapist": _("The therapist's e-mail address"),
    "difficulty": _("Whether something bothered them"),
    "attended": _("Whether they came"),
}
DATE_LABELS = {
    "iso": _("2025-03-31"),
    "day first, points": _("31.03.2025"),
    "day first, slashes": _("31/03/2025"),
    "month first": _("03/31/2025"),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("A CSV or Excel file"),
        help_text=_("One row a session, with a heading. At most 200,000 rows."),
    )
    may_keep = forms.BooleanField(
        label=_("The clinic may keep these ratings here: the clients know, or the law allows it.")
    )


class PlanForm(forms.Form):
    """Which column is which, the scale, and how dates are written."""

    lo = forms.FloatField(label=_("Lowest possible rating"))
    hi = forms.FloatField(label=_("Highest possible rating"))
    lower_is_better = forms.BooleanField(label=_("A low rating is the good one"), required=False)
    dates = forms.ChoiceField(label=_("Dates are written like"), choices=[(n, DATE_LABELS[n]) for n in DATES])

    def __init__(self, data: Any, *, columns: list[str], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        for role in ROLES:
            none = [] if role in NEEDED else [("", _("— not in this file —"))]
            self.fields[role] = forms.ChoiceField(
                label=LABELS[role], choices=[*none, *((c, c) for c in columns)], required=role in NEEDED
            )
        self.order_fields([*ROLES, "lo", "hi", "lower_is_better", "dates"])

    @property
    def plan(self) -> Plan:
        given = self.cleaned_data
        columns = {role: given[role] for role in ROLES if given.get(role)}
        return Plan(columns, given["lo"], given["hi"], given["dates"], given["lower_is_better"])


class CalendarForm(forms.Form):
    file = forms.FileField(
        label=_("A calendar file (.ics)"),
        help_text=_("Every calendar program can export one. The next three months are looked at."),
    )
