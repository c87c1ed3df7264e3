"""The rights of the people whose words are kept here."""

from django.apps import AppConfig


class RightsConfig(AppConfig):
    name = "reknit.practice.rights"
    label = "rights"
