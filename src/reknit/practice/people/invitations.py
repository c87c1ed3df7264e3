"""An invitation to work in a clinic: one address, some roles, one link that works once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.vault.fields import EncryptedTextField

LASTS = timedelta(days=7)


class Invitation(models.Model):
    """Whom a clinic asked in, and as what. Of the link only its hash is kept.

    Without a clinic it is the key to an empty house: whoever opens it first begins a clinic of their own.
    """

    clinic = models.ForeignKey(
        "people.Clinic", null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    email = EncryptedTextField(_("e-mail address"), blank=True, default="")
    name = EncryptedTextField(_("name"), blank=True, default="")
    roles = models.JSONField(default=list)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    def new_token(self) -> str:
        """A fresh link, good for a week; the one before it stops working. The caller saves."""
        token = secrets.token_urlsafe(24)
        self.token_hash, self.expires_at = self.hash_of(token), clock.now() + LASTS
        return token

    @property
    def is_open(self) -> bool:
        """Whether its link still works; the key to an empty house only while the house is empty."""
        if self.clinic_id is None and get_user_model().objects.exists():
            return False
        return self.is_waiting and self.expires_at > clock.now()

    @property
    def is_waiting(self) -> bool:
        """Neither accepted nor taken back, though perhaps too old by now."""
        return self.accepted_at is None and self.revoked_at is None
