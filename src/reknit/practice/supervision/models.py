"""An episode shared with a supervisor.

The question, the talk, the next step. Never the words the client withheld.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.people.models import User
from reknit.practice.repairs.models import Episode
from reknit.practice.vault.fields import EncryptedTextField


class Share(models.Model):
    """One episode, shown to one supervisor until the therapist takes it back. The client is told."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="shares")
    supervisor = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shared_with_me")
    question = EncryptedTextField(_("what you would like help with"))
    next_step = EncryptedTextField(_("the next step we agreed"), blank=True, default="")
    shared_at = models.DateTimeField(default=clock.now)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-shared_at"]
        constraints = [
            models.UniqueConstraint(fields=["episode", "supervisor"], name="one_share_a_supervisor")
        ]


class Remark(models.Model):
    """What either of the two says about a shared episode."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="remarks")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    text = EncryptedTextField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "id"]
