"""A new token, a new hook."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from reknit.practice.doors.api import hooks
from reknit.practice.doors.api.models import Event, Scope


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=366, initial=90)


class HookForm(forms.Form):
    url = forms.URLField(label=_("Where to"), max_length=500, assume_scheme="https")
    events = forms.MultipleChoiceField(
        label=_("Of what"), choices=Event.choices, widget=forms.CheckboxSelectMultiple
    )

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if not hooks.is_allowed(url):
            names = ", ".join(settings.HOOK_HOSTS)
            raise forms.ValidationError(
                _("Events may be sent by https to these hosts only: %(names)s."), params={"names": names}
            )
        return url
