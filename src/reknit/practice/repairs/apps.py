"""Rupture episodes, replies, learnings and agreements."""

from django.apps import AppConfig


class RepairsConfig(AppConfig):
    name = "reknit.practice.repairs"
    label = "repairs"
    default_auto_field = "django.db.models.BigAutoField"
