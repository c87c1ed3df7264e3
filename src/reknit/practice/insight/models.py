"""What the science answered, kept with the version of the model that said it.

And the alerts that came of it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.people.models import Clinic, Relationship
from reknit.practice.repairs.models import Episode


class TrustRecord(models.Model):
    """The trust of one relationship over its sessions, from what the therapist may know.

    `points` holds one list for each field of `insight.estimates.Point`, with one place a session.
    """

    relationship = models.OneToOneField(Relationship, on_delete=models.CASCADE, related_name="trust")
    model_version = models.CharField(max_length=40)
    computed_at = models.DateTimeField(default=clock.now)
    points = models.JSONField(default=dict)


class ClinicModel(models.Model):
    """The trust model's parameters as one clinic's own sessions have taught them (`insight.fitting`).

    `params` is the JSON of `reknit.trust.Params`; `ask_from` the probability of a rupture from which a
    session is asked about, for the same rate of false alarms as with the shipped parameters.
    """

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="trust_model")
    params = models.TextField()
    ask_from = models.FloatField()
    relationships = models.PositiveIntegerField()
    fitted_at = models.DateTimeField(default=clock.now)


class AlertState(models.TextChoices):
    OPEN = "open", _("waiting for a look")
    SNOOZED = "snoozed", _("later")
    EPISODE = "episode", _("became an episode")
    NOT_A_RUPTURE = "not_a_rupture", _("not a rupture")


class Alert(models.Model):
    """A question put to the therapist: might something have hurt in this session?"""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="alerts")
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="alert")
    state = models.CharField(max_length=16, choices=AlertState.choices, default=AlertState.OPEN)
    opened_at = models.DateTimeField(default=clock.now)
    snoozed_until = models.DateField(null=True, blank=True)
    probability = models.FloatField()
    reasons = models.JSONField(default=list)
    episode = models.ForeignKey(
        Episode, null=True, blank=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]


class ClinicQuarter(models.Model):
    """What a clinic is shown about one quarter, reckoned once when it is over and never again.

    Figures that were drawn anew on each visit, or that changed when somebody left, would give that person's
    value away. `figures` is what `insight.clinic` writes; there is no other source for the clinic's pages.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="quarters")
    starts_on = models.DateField()
    figures = models.JSONField()
    kept_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["starts_on"]
        constraints = [models.UniqueConstraint(fields=["clinic", "starts_on"], name="one_quarter_once")]
