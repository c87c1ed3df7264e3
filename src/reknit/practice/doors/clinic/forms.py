"""What a clinic says of itself on the pages of its clients."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reknit.practice.concerns.models import ConcernState
from reknit.practice.doors.common.forms import TimeZoneField
from reknit.practice.people.models import Clinic


class ClinicForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Clinic
        fields = ("name", "country", "time_zone", "crisis_contacts", "invitation_signed_by")
        widgets = {"crisis_contacts": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "invitation_signed_by": _("Who asks clients, in the clinic's name, what could be better."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = TimeZoneField(label=_("Time zone"))
        self.fields["crisis_contacts"].required = True

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"].upper()
        if country and not (len(country) == 2 and country.isalpha()):
            raise forms.ValidationError(_("Two letters, such as GB or DE."))
        return country


class ConcernForm(forms.Form):
    """The next step with a concern, and what the client is told of it."""

    state = forms.ChoiceField(label=_("What happens now"), widget=forms.RadioSelect)
    told_client = forms.CharField(
        label=_("What the client is told"), widget=forms.Textarea(attrs={"rows": 4}), max_length=10_000
    )

    def __init__(self, *args: Any, states: list[ConcernState], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["state"].choices = [(each.value, each.label) for each in states]  # type: ignore[attr-defined]
