"""What Reknit asks at sign-up beyond an address and a password."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reknit.practice.people.models import User


class NameForm(forms.Form):
    """The name that clients will see."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As the people you work with call you. They will see it on their pages."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth with the new account; the adapter has stored the name already."""
