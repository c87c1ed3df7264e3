"""The trail of what was done and read: the ground floor that everything may write to."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    name = "reknit.practice.trail"
    label = "trail"
    default_auto_field = "django.db.models.BigAutoField"
