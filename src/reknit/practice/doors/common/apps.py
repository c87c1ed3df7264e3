"""The common door."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "reknit.practice.doors.common"
    label = "common"
