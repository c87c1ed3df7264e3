"""Inviting somebody, and what they are here."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from reknit.practice.people.models import Role

MEANS = {
    Role.THERAPIST: _("meets clients, and sees what those clients let them see"),
    Role.SUPERVISOR: _("sees an episode when its therapist asks for help"),
    Role.LEAD: _("sees figures without names, hears what is said to the clinic, decides who is what"),
    Role.SAFEGUARDING: _("hears concerns about therapists"),
    Role.ADMINISTRATOR: _("looks after people, settings and retention; sees nothing clinical"),
    Role.RESEARCHER: _("takes away figures without names, of clients who agreed to research"),
}


def choices(given: Collection[str]) -> list[tuple[str, Any]]:
    """The roles that may be given, each with what it means."""
    return [
        (role, format_lazy("{}: {}", capfirst(role.label), MEANS[role])) for role in Role if role in given
    ]


class InviteForm(forms.Form):
    """Whom, and as what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={"required": _("Where should the invitation go? Write their e-mail address.")},
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    roles = forms.MultipleChoiceField(
        label=_("What they will be"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one: what they will be here.")},
    )

    def __init__(self, *args: Any, given: Collection[str], **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.fields["roles"].choices = choices(given)  # type: ignore[attr-defined]


class RoleForm(forms.Form):
    """One role more."""

    role = forms.ChoiceField(
        label=_("What they will be as well"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one role.")},
    )

    def __init__(self, *args: Any, given: Collection[str], **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.fields["role"].choices = choices(given)  # type: ignore[attr-defined]
