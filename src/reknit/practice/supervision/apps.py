"""Help with a repair, by the therapist's consent, one episode at a time."""

from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "reknit.practice.supervision"
    label = "supervision"
    default_auto_field = "django.db.models.BigAutoField"
