"""The door to questionnaires, for those who choose, schedule, read and answer for them."""

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "reknit.practice.doors.measures"
    label = "measures"
