"""Forms for choosing, wording and scheduling questionnaires, and for closing an alert."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reknit.measures import Measure, WordingRefused, parts_of, read_wording
from reknit.practice.people.models import Clinic, User
from reknit.practice.questionnaires.models import ClinicMeasure


class UseForm(forms.Form):
    """Whether a clinic uses a measure, and, where it asks about danger, who answers for it."""

    is_on = forms.BooleanField(label=_("Therapists of this clinic can ask it"), required=False)

    def __init__(self, data: Any, *, clinic: Clinic, setting: ClinicMeasure, measure: Measure) -> None:
        initial = {name: getattr(setting, name) for name in ("is_on", "alerted", "stands_in", "hours")}
        super().__init__(data, initial=initial)
        if measure.risk_items:
            staff = (
                User.objects.filter(memberships__clinic=clinic, is_active=True).distinct().order_by("name")
            )
            self.fields["alerted"] = forms.ModelChoiceField(
                staff, label=_("Who is alerted at once"), required=False
            )
            self.fields["stands_in"] = forms.ModelChoiceField(
                staff, label=_("Who takes over when the time is up"), required=False
            )
            self.fields["hours"] = forms.IntegerField(
                label=_("Within how many hours"), min_value=1, max_value=72
            )


class WordingForm(forms.Form):
    """The words of a licensed copy, as a table."""

    source = forms.CharField(
        label=_("Which licence covers this wording"), max_length=200,
        help_text=_("Its number or date, and who granted it. It is kept with the wording."),
    )  # fmt: skip
    table = forms.CharField(
        label=_("The wording"), widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"}),
        help_text=_("Two columns, part and text, with a comma between. As printed, nothing left out."),
    )  # fmt: skip

    def __init__(self, data: Any, *, measure: Measure) -> None:
        rows = "".join(f"{part},\n" for part in parts_of(measure))
        super().__init__(data, initial={"table": f"part,text\n{rows}"})

    def clean_table(self) -> dict[str, str]:
        try:
            return read_wording(self.cleaned_data["table"])
        except WordingRefused as refused:
            raise forms.ValidationError(str(refused)) from refused


class ScheduleForm(forms.Form):
    """Ask for a questionnaire every so many sessions, or once."""

    measure = forms.ChoiceField(label=_("Questionnaire"))
    every = forms.IntegerField(
        label=_("Every so many sessions"), min_value=1, max_value=52, required=False,
        help_text=_("Leave it empty to ask once."),
    )  # fmt: skip
    first = forms.IntegerField(
        label=_("For the first time after session"), min_value=1, max_value=500, initial=1
    )

    def __init__(self, data: Any = None, *, measures: list[Measure]) -> None:
        super().__init__(data)
        choices = [(measure.key, measure.title) for measure in measures]
        self.fields["measure"].choices = choices  # type: ignore[attr-defined]


class ResolveForm(forms.Form):
    what_was_done = forms.CharField(
        label=_("What was done"), widget=forms.Textarea(attrs={"rows": 4}), max_length=10_000
    )
