"""Something to do between sessions: proposed by the therapist, answered and judged by the client."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.people.models import Relationship
from reknit.practice.vault.fields import EncryptedTextField


class HomeworkState(models.TextChoices):
    PROPOSED = "proposed", _("waiting for an answer")
    SUITS = "suits", _("suits me")
    CHANGE = "change", _("change it, please")
    RATHER_NOT = "rather_not", _("rather not")
    DONE = "done", _("tried")
    NOT_DONE = "not_done", _("did not get to it")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Homework(models.Model):
    """One practice. What it was checked against, and why it was sent all the same, stays with it."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="homework")
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="homework"
    )
    text = EncryptedTextField(_("what you would like to propose"))
    state = models.CharField(max_length=12, choices=HomeworkState.choices, default=HomeworkState.PROPOSED)
    proposed_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_words = EncryptedTextField(blank=True, default="")
    override_reason = EncryptedTextField(
        blank=True,
        default="",
        help_text=_("Why it is proposed although it touches something learned; the client sees it."),
    )
    overridden_sentence = EncryptedTextField(blank=True, default="")
    reported_at = models.DateTimeField(null=True, blank=True)
    fit = models.PositiveSmallIntegerField(null=True, blank=True)
    effort = models.PositiveSmallIntegerField(null=True, blank=True)
    usefulness = models.PositiveSmallIntegerField(null=True, blank=True)
    how_it_went = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["-proposed_at"]
        verbose_name_plural = "homework"
