"""The door by which a supervisor and somebody supervised meet."""

from django.apps import AppConfig


class SupervisionDoorConfig(AppConfig):
    name = "reknit.practice.doors.supervision"
    label = "supervision_door"
