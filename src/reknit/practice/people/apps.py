"""Accounts, clinics, relationships and consent: who is here, and who holds which power."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "reknit.practice.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
