"""Therapy sessions: planned, attended, missed, moved."""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "reknit.practice.appointments"
    label = "appointments"
    default_auto_field = "django.db.models.BigAutoField"
