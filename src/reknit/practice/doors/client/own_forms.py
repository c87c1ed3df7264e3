"""What is the client's own to decide: messages, and what goes along to another therapist."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from reknit.practice.doors.common.forms import TimeZoneField
from reknit.practice.people.handing_over import WordsAlong
from reknit.practice.people.models import Client

PHONE = re.compile(r"\+?[\d\s()/.-]{6,30}")
HOURS = [(hour, f"{hour:02d}:00") for hour in range(24)]


class MessagesForm(forms.Form):
    """Where to, by which way, and when never."""

    contact = forms.CharField(
        label=_("Your e-mail address or phone number"),
        required=False,
        max_length=254,
        help_text=_("Leave it empty, and nothing is kept and nothing is sent."),
        widget=forms.TextInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    by_email = forms.BooleanField(label=_("I may get e-mails"), required=False)
    by_texts = forms.BooleanField(label=_("I may get text messages"), required=False)
    quiet_from = forms.TypedChoiceField(label=_("Nothing after"), choices=HOURS, coerce=int)
    quiet_until = forms.TypedChoiceField(label=_("and nothing before"), choices=HOURS, coerce=int)
    time_zone = TimeZoneField(label=_("Where you are, for the time"))

    def __init__(self, *args: Any, client: Client, **extra: Any) -> None:
        initial = {
            "contact": client.contact, "by_email": client.wants_email and client.wants_messages,
            "by_texts": client.wants_texts and client.wants_messages, "quiet_from": client.quiet_from,
            "quiet_until": client.quiet_until, "time_zone": client.time_zone,
        }  # fmt: skip
        super().__init__(*args, **{"initial": initial, **extra})

    def clean_contact(self) -> str:
        contact: str = self.cleaned_data["contact"].strip()
        if "@" in contact:
            validate_email(contact)
        elif contact and not PHONE.fullmatch(contact):
            raise ValidationError(_("An e-mail address, or a phone number such as +44 20 7946 0000."))
        return contact


class AlongForm(forms.Form):
    """What goes along to another therapist."""

    learnings = forms.BooleanField(
        label=_("What my therapist learned about me, and what we agreed"), required=False
    )
    episodes = forms.BooleanField(
        label=_("What was difficult between us, and how it was mended"), required=False
    )
    words = forms.ChoiceField(
        label=_("What I said in check-ins"), choices=WordsAlong.choices, widget=forms.RadioSelect
    )


class MovingForm(AlongForm):
    """Yes or no to somebody new, and then what goes along."""

    answer = forms.ChoiceField(
        label=_("Would you like to go on with them?"),
        choices=[("yes", _("Yes")), ("no", _("No, I would rather not"))],
        widget=forms.RadioSelect,
    )
    check_ins = forms.BooleanField(
        label=_("After sessions with them, ask me how it was, as before"), required=False
    )
    field_order = ["answer", "learnings", "episodes", "words", "check_ins"]

    def __init__(self, *args: Any, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.fields["words"].required = False
        self.fields["words"].initial = WordsAlong.NONE
