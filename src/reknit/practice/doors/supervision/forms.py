"""What either says about a shared episode."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

ROWS = {"rows": 4}


class RemarkForm(forms.Form):
    text = forms.CharField(
        label=_("What you would say or ask"), max_length=6_000, widget=forms.Textarea(attrs=ROWS)
    )
    next_step = forms.CharField(
        label=_("The next step you agreed on"), max_length=1_000, required=False,
        help_text=_("If there is one. It stands above the talk and replaces the one before."),
    )  # fmt: skip
