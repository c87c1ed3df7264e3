"""A record system, and a patient who is somebody here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reknit.practice.doors.smart.models import RecordSystem
from reknit.practice.doors.smart.protocol import is_safe


class SystemForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = RecordSystem
        fields = ["name", "issuer", "client_id", "secret"]
        widgets = {
            "issuer": forms.URLInput(),
            "secret": forms.PasswordInput(attrs={"autocomplete": "off"}),
        }

    def clean_issuer(self) -> str:
        issuer = str(self.cleaned_data["issuer"]).strip().rstrip("/")
        if not is_safe(issuer):
            raise forms.ValidationError(_("This must be an https address."))
        return issuer


class WhoForm(forms.Form):
    """One of the therapist's own clients, or a new one."""

    who = forms.ChoiceField(label=_("In Reknit this is"), widget=forms.RadioSelect)
    called = forms.CharField(label=_("What you call them"), max_length=120, required=False)

    def __init__(self, data: Any, *, called: dict[int, str], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        new = ("new", _("a new client"))
        self.fields["who"] = forms.ChoiceField(
            label=_("In Reknit this is"), widget=forms.RadioSelect,
            choices=[*((str(pk), name) for pk, name in called.items()), new],
        )  # fmt: skip
        self.order_fields(["who", "called"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("who") == "new" and not given.get("called", "").strip():
            self.add_error("called", _("Say what you call them; a first name or initials are enough."))
        return given
