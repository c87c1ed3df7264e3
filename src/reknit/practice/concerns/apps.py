"""What a client tells a named safeguarding person about their therapist. The therapist never sees it."""

from django.apps import AppConfig


class ConcernsConfig(AppConfig):
    name = "reknit.practice.concerns"
    label = "concerns"
    default_auto_field = "django.db.models.BigAutoField"
