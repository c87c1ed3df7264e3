"""A concern about the therapist: its own states, its own deadlines, and nobody but safeguarding reads it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.people.models import Relationship, User
from reknit.practice.vault.fields import EncryptedTextField


class ConcernState(models.TextChoices):
    RECEIVED = "received", _("received, not read yet")
    ACKNOWLEDGED = "acknowledged", _("read, and being looked into")
    ANSWERED = "answered", _("answered")
    CLOSED = "closed", _("closed")


class Concern(models.Model):
    """One concern. `due_on` is the day by which the next step is owed to the client."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="concerns")
    words = EncryptedTextField(_("what happened, in your own words"))
    reach_me = EncryptedTextField(_("how you would like to be reached"), blank=True, default="")
    state = models.CharField(max_length=14, choices=ConcernState.choices, default=ConcernState.RECEIVED)
    received_at = models.DateTimeField(default=clock.now)
    due_on = models.DateField()
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="concerns")

    class Meta:
        ordering = ["due_on", "id"]

    @property
    def is_open(self) -> bool:
        return self.state != ConcernState.CLOSED

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on < clock.today()


class ConcernStep(models.Model):
    """What was done about it, and what the client was told."""

    concern = models.ForeignKey(Concern, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=14, choices=ConcernState.choices)
    told_client = EncryptedTextField(_("what the client is told"), blank=True, default="")
    by_client = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]
