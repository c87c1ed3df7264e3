"""The door by which a clinic's old ratings come in."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    name = "reknit.practice.doors.history"
    label = "history"
    default_auto_field = "django.db.models.BigAutoField"
