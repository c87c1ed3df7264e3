"""What is proposed between sessions, and what the client makes of it."""

from django.apps import AppConfig


class HomeworkConfig(AppConfig):
    name = "reknit.practice.homework"
    label = "homework"
    default_auto_field = "django.db.models.BigAutoField"
