"""The bridge: records become a series, the science answers, the answer is kept with its version."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "reknit.practice.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"
