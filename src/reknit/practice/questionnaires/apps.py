"""Questionnaires beside the check-in: which a clinic uses, when they are asked, what was answered."""

from django.apps import AppConfig


class QuestionnairesConfig(AppConfig):
    name = "reknit.practice.questionnaires"
    label = "questionnaires"
    default_auto_field = "django.db.models.BigAutoField"
