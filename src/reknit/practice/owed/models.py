"""A repair that the clinic owes a client: an invoice that was wrong, a wait, a door that was left open.

It goes the way of every episode (`repairs.State`), with an owner and a day by which the client hears more.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.people.models import Relationship, User
from reknit.practice.repairs.models import CLOSED, State
from reknit.practice.vault.fields import EncryptedTextField


class OwedFor(models.TextChoices):
    BILLING = "billing", _("an invoice or a payment")
    WAITING = "waiting", _("waiting, or an appointment that fell through")
    PRIVACY = "privacy", _("privacy")
    ACCESS = "access", _("reaching somebody, or getting in")
    OTHER = "other", _("something else")


class OwedRepair(models.Model):
    """What went wrong between a client and the clinic, from the moment it is said to what became of it."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="owed")
    kind = models.CharField(_("what it is about"), max_length=10, choices=OwedFor.choices)
    words = EncryptedTextField(_("what happened"))
    state = models.CharField(max_length=16, choices=State.choices, default=State.NOTICED)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="owes")
    due_on = models.DateField(_("the client hears more by"))
    noticed_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "id"]

    @property
    def is_open(self) -> bool:
        return self.state not in CLOSED

    @property
    def waits_for_client(self) -> bool:
        """The clinic has answered, and only the client can say whether that mends it."""
        return self.state in (State.REPLIED, State.FOLLOWED_UP)

    @property
    def is_late(self) -> bool:
        return self.is_open and not self.waits_for_client and self.due_on < clock.today()


class OwedStep(models.Model):
    """What was done about it and what the client was told, or what the client said to that."""

    repair = models.ForeignKey(OwedRepair, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=16, choices=State.choices)
    told = EncryptedTextField(blank=True, default="")
    by_client = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]
