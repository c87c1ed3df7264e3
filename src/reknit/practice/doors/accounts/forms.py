"""allauth's forms with Reknit's words: a short hint for a password, a name at sign-up, a real passkey."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from reknit.practice.doors.accounts.invited import invitation_of

GOOD_PASSWORD = _(
    "At least 12 characters. Four words that nobody would guess are easier to keep than one odd one."
)


class ShortHint:
    """One sentence about a good password instead of a list of rules; the rules answer when one is broken."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = GOOD_PASSWORD


class SignUpForm(ShortHint, account.SignupForm):  # type: ignore[misc]
    """Name, address, password."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("As the people you work with call you. They will see it on their pages."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation_of(context.request) if context.request else None
        if self.invitation is not None and self.invitation.email:
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].disabled = True  # what is sent for it is ignored
            self.fields["name"].initial = self.invitation.name


class ChangePasswordForm(ShortHint, account.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(ShortHint, account.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(ShortHint, account.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey that lets its owner in by itself, unless they would rather keep the password too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("What you call it")
        passwordless = self.fields["passwordless"]
        passwordless.initial = True
        passwordless.label = _("It may let me in without the password")
        passwordless.help_text = _("Otherwise it is asked for after the password.")
