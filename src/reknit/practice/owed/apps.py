"""Repairs that the clinic owes."""

from django.apps import AppConfig


class OwedConfig(AppConfig):
    name = "reknit.practice.owed"
    label = "owed"
    default_auto_field = "django.db.models.BigAutoField"
