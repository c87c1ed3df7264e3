"""The client door."""

from django.apps import AppConfig


class ClientConfig(AppConfig):
    name = "reknit.practice.doors.client"
    label = "client"
