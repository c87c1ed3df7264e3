"""The common door."""

from django import forms
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "reknit.practice.doors.common"
    label = "common"

    def ready(self) -> None:
        """What is missing is asked for in words that say what to do, on every form."""
        forms.Field.default_error_messages["required"] = _("Please fill this in.")
        chosen = {"required": _("Choose one of these.")}
        for kind in (forms.ChoiceField, forms.ModelChoiceField):
            kind.default_error_messages = {**kind.default_error_messages, **chosen}
