"""What the clinic should put right, and whether it has."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reknit.practice.loop.owed import CLIENT_STEPS
from reknit.practice.owed.models import OwedFor, OwedRepair
from reknit.practice.repairs.models import State

ANSWERS = {
    State.RESTORED: _("Yes, that mends it"),
    State.AGREED: _("Yes, once it is done"),
    State.NOT_YET: _("Not yet"),
}


class OwedForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is it about?"), choices=OwedFor.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What happened?"),
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
        max_length=10_000,
    )


class OwedAnswerForm(forms.Form):
    state = forms.ChoiceField(label=_("Does that mend it?"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("Anything you would like to add"),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        max_length=10_000,
        required=False,
    )

    def __init__(self, *args: Any, repair: OwedRepair, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        follow = [step for step, before in CLIENT_STEPS.items() if repair.state in before]
        self.can_answer = bool(follow)
        self.fields["state"].choices = [(step.value, ANSWERS[step]) for step in follow]  # type: ignore[attr-defined]
