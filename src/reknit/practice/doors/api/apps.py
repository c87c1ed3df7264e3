"""The door for other programs."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "reknit.practice.doors.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
