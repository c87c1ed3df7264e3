"""The next step with something the clinic owes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reknit.practice.loop.owed import CLINIC_STEPS
from reknit.practice.owed.models import OwedRepair
from reknit.practice.people import access
from reknit.practice.people.models import User
from reknit.practice.repairs.models import State

STEPS = {
    State.UNDERSTOOD: _("We have understood what happened, and are looking into it"),
    State.REPLIED: _("This is our answer, and what we will do"),
    State.FOLLOWED_UP: _("What we promised is done"),
}


class OwedForm(forms.Form):
    """What happens now, who answers for it, by when, and what the client is told."""

    state = forms.ChoiceField(label=_("What happens now"), widget=forms.RadioSelect)
    told = forms.CharField(
        label=_("What the client is told"), widget=forms.Textarea(attrs={"rows": 5}), max_length=10_000
    )
    owner = forms.ModelChoiceField(
        label=_("Who answers for it"), queryset=User.objects.none(), required=False
    )
    due_on = forms.DateField(
        label=_("The client hears more, or it is done, by"),
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
    )

    def __init__(self, *args: Any, repair: OwedRepair, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        follow = [step for step, before in CLINIC_STEPS.items() if repair.state in before]
        self.can_go_on = bool(follow)
        self.fields["state"].choices = [(step.value, STEPS[step]) for step in follow]  # type: ignore[attr-defined]
        self.fields["owner"].queryset = access.owners_for(repair)  # type: ignore[attr-defined]
        self.fields["owner"].initial = repair.owner
        self.fields["owner"].empty_label = _("whoever sends this")  # type: ignore[attr-defined]
