"""The record systems a clinic works with, and which of their patients is which relationship here."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.people.models import Clinic, Relationship
from reknit.practice.vault.fields import EncryptedTextField


class RecordSystem(models.Model):
    """A record system that may open pages here. `issuer` is the address of its FHIR server."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="record_systems")
    name = models.CharField(_("what it is called"), max_length=80)
    issuer = models.CharField(_("address of its FHIR server (iss)"), max_length=300)
    client_id = models.CharField(_("client id it gave Reknit"), max_length=200)
    secret = EncryptedTextField(_("client secret, if it gave one"), blank=True, default="")
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Linked(models.Model):
    """A patient of a record system, by a hash of their number there, and the relationship that is theirs."""

    system = models.ForeignKey(RecordSystem, on_delete=models.CASCADE, related_name="linked")
    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="+")
    patient = models.CharField(max_length=64)
    linked_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "patient", "relationship"], name="one_link_a_patient")
        ]
