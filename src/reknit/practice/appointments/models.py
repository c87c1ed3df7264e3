"""A therapy session, from the plan to what became of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.people.models import Relationship


class Status(models.TextChoices):
    PLANNED = "planned", _("planned")
    ATTENDED = "attended", _("attended")
    MISSED = "missed", _("missed, no word")
    CANCELLED_LATE = "cancelled_late", _("cancelled late")
    CANCELLED = "cancelled", _("cancelled in good time")


class Session(models.Model):
    """One meeting of a relationship. `number` counts from 1 within the relationship."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="sessions")
    number = models.PositiveIntegerField()
    starts_at = models.DateTimeField(_("date and time"))
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PLANNED)
    times_moved = models.PositiveSmallIntegerField(default=0)
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["relationship", "number"], name="one_session_a_number")
        ]

    def __str__(self) -> str:
        return f"session {self.number}"

    @property
    def was_missed(self) -> bool:
        """Missed or cancelled late: what the science counts as not attended."""
        return self.status in (Status.MISSED, Status.CANCELLED_LATE)

    @property
    def is_over(self) -> bool:
        return self.status != Status.PLANNED

    @property
    def is_due(self) -> bool:
        """Planned, and its time has come: the therapist has yet to say how it went."""
        return self.status == Status.PLANNED and self.starts_at <= clock.now()
