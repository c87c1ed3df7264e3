"""One import of old ratings: the file until it is done, how far it is, and what it made.

And which session came from which appointment of a calendar.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.people.models import Clinic, Relationship, User
from reknit.practice.vault.fields import EncryptedBytesField, EncryptedTextField


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("not imported yet")
    IMPORTING = "importing", _("being imported")
    DONE = "done", _("imported")
    UNDOING = "undoing", _("being taken back")
    UNDONE = "undone", _("taken back")


class HistoryImport(models.Model):
    """`content` is the uploaded table as CSV, closed, and emptied once it is imported."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="history_imports")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="history_imports")
    name = models.CharField(max_length=120)
    content = EncryptedBytesField(default=b"")
    plan = models.JSONField(default=dict)
    faults = EncryptedTextField(default="", blank=True)
    state = models.CharField(max_length=12, choices=ImportState.choices, default=ImportState.UPLOADED)
    rows_total = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-created_at"]

    @property
    def is_moving(self) -> bool:
        return self.state in (ImportState.IMPORTING, ImportState.UNDOING)


class Touched(models.Model):
    """A relationship that an import made or added to, and the sessions that it made there."""

    history = models.ForeignKey(HistoryImport, on_delete=models.CASCADE, related_name="touched")
    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="+")
    is_new = models.BooleanField()
    sessions = models.JSONField(default=list)


class FromCalendar(models.Model):
    """A session that was planned from an appointment of its therapist's calendar.

    `series` and `name` are hashes of what the calendar calls the series and the occurrence, so that reading
    the calendar again moves the session instead of planning another.
    """

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="from_calendar")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    series = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="one_session_an_appointment")]
