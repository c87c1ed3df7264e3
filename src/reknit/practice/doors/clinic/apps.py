"""The clinic's door."""

from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "reknit.practice.doors.clinic"
    label = "clinic"
