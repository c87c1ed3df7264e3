"""A new token."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from reknit.practice.doors.api.models import Scope


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=366, initial=90)
