"""The door by which a record system opens the page of its patient here."""

from django.apps import AppConfig


class SmartConfig(AppConfig):
    name = "reknit.practice.doors.smart"
    label = "smart"
    default_auto_field = "django.db.models.BigAutoField"
