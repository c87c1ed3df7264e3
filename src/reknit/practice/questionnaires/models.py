"""Which questionnaires a clinic uses, when a relationship is asked, the answers, and alerts of danger."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.measures import Measure, by_key, name_of, parse, questionnaire, with_wording
from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Clinic, Relationship, User
from reknit.practice.vault.fields import EncryptedTextField


class ClinicMeasure(models.Model):
    """A measure in one clinic: whether it is used, in which words, and who is alerted when it says danger.

    `wording` holds the words of a measure that does not come with them, as supplied by the licence holder.
    """

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="measures")
    key = models.CharField(max_length=40)
    is_on = models.BooleanField(default=False)
    wording = models.JSONField(default=dict, blank=True)
    wording_from = models.CharField(_("licence or source of the wording"), max_length=200, blank=True)
    alerted = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("who is alerted"),
    )
    stands_in = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("who takes over when the time is up"),
    )  # fmt: skip
    hours = models.PositiveSmallIntegerField(_("hours until somebody else takes over"), default=24)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "key"], name="one_setting_a_measure")]

    @property
    def measure(self) -> Measure:
        """The measure in the words that this clinic uses."""
        if not self.wording:
            return by_key()[self.key]
        return parse(with_wording(questionnaire(name_of(self.key)), self.wording))

    @property
    def has_somebody(self) -> bool:
        """Whether those who would be alerted are named and still belong to the clinic."""
        named = [self.alerted, self.stands_in]
        return all(
            user is not None and user.is_active and user.memberships.filter(clinic=self.clinic_id).exists()
            for user in named
        )

    @property
    def can_be_asked(self) -> bool:
        """On, worded, and, where it asks about danger, with somebody to alert and contacts to show at once.

        Asked anew every time.
        """
        measure = self.measure
        if not (self.is_on and measure.has_wording):
            return False
        return not measure.risk_items or (self.has_somebody and bool(self.clinic.crisis_lines))


class Schedule(models.Model):
    """A measure for one relationship: every so many sessions held, or once (`every` empty)."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="schedules")
    measure = models.CharField(max_length=40)
    every = models.PositiveSmallIntegerField(_("every so many sessions"), null=True, blank=True)
    first = models.PositiveSmallIntegerField(_("for the first time after session"), default=1)
    begun_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["begun_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["relationship", "measure"],
                condition=models.Q(ended_at=None),
                name="one_schedule_a_measure",
            )
        ]

    def falls_on(self, place: int) -> bool:
        """Whether it is asked after the session held in this place, counted from 1."""
        if self.every is None:
            return place == self.first
        return place >= self.first and (place - self.first) % self.every == 0


class Response(models.Model):
    """A questionnaire that was begun. It counts once it is sent; what was filled in before is kept."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="responses")
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.CASCADE, related_name="responses"
    )
    measure = models.CharField(max_length=60)
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    audience = models.CharField(max_length=16, choices=Audience.choices, default=Audience.THERAPIST_NOW)
    begun_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-begun_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "measure"],
                condition=~models.Q(session=None),
                name="one_response_a_session",
            )
        ]

    @property
    def measure_key(self) -> str:
        return self.measure.split("|")[0]

    @property
    def values(self) -> dict[str, float | None]:
        """Numbers by item key, as the science takes them."""
        return {answer.item: answer.value for answer in self.answers.all() if answer.value is not None}

    @property
    def words(self) -> dict[str, str]:
        return {answer.item: answer.words for answer in self.answers.all() if answer.words}


class ResponseAnswer(models.Model):
    """One answer: a number on the item's own scale, or the client's words."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    item = models.CharField(max_length=60)
    value = models.FloatField(null=True, blank=True)
    words = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["response", "item"], name="one_answer_an_item")]


class RiskAlert(models.Model):
    """An answer that says danger, with an owner and a time; once that is up the stand-in has it too."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="alerts")
    item = models.CharField(max_length=60)
    value = models.FloatField()
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="risk_alerts")
    stands_in = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="risk_alerts_for")
    opened_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    resolution = EncryptedTextField(_("what was done"), blank=True, default="")

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [models.UniqueConstraint(fields=["response", "item"], name="one_alert_an_item")]

    @property
    def relationship_id(self) -> int:
        return self.response.relationship_id

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_at < clock.now()
