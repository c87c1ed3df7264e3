"""What the client said after a session, and who may see it."""

from django.apps import AppConfig


class CheckinsConfig(AppConfig):
    name = "reknit.practice.checkins"
    label = "checkins"
    default_auto_field = "django.db.models.BigAutoField"
