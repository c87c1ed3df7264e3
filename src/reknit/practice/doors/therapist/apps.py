"""The therapist door."""

from django.apps import AppConfig


class TherapistConfig(AppConfig):
    name = "reknit.practice.doors.therapist"
    label = "therapist"
