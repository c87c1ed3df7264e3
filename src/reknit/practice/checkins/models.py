"""A check-in: the client's answers, who may see each, and the link by which they come."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.people.access import Visitor
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Relationship
from reknit.practice.vault.fields import EncryptedTextField


class Bothered(models.IntegerChoices):
    """Was there anything today that bothered you, however small?"""

    NO = 0, _("no")
    A_LITTLE = 1, _("a little")
    YES = 2, _("yes")


class LinkKind(models.TextChoices):
    WELCOME = "welcome", _("welcome and consent")
    CHECK_IN = "check_in", _("one check-in")
    HOME = "home", _("the client's own page")


class Link(models.Model):
    """An unguessable, expiring key to one thing. Only its hash is kept: a stolen database opens no door."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="links")
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.CASCADE, related_name="links"
    )
    kind = models.CharField(max_length=12, choices=LinkKind.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    closed_until = models.DateTimeField(null=True, blank=True)

    LIFETIMES = {
        LinkKind.WELCOME: timedelta(days=14),
        LinkKind.CHECK_IN: timedelta(days=14),
        LinkKind.HOME: timedelta(days=180),
    }

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def issue(
        cls,
        relationship: Relationship,
        kind: LinkKind,
        session: Session | None = None,
        closed_until: datetime | None = None,
    ) -> str:
        """Make a link and return its token, which is shown once and never stored."""
        token = secrets.token_urlsafe(24)
        cls.objects.create(
            relationship=relationship,
            session=session,
            kind=kind,
            token_hash=cls.hash_of(token),
            expires_at=clock.now() + cls.LIFETIMES[kind],
            closed_until=closed_until,
        )
        return token

    @property
    def visitor(self) -> Visitor:
        """The client, as far as this link lets them in; all but HOME pass through the therapist's hands."""
        ever = datetime.max.replace(tzinfo=UTC)
        return Visitor.client(self.relationship, self.closed_until if self.kind == LinkKind.HOME else ever)

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now()


class CheckIn(models.Model):
    """What a client sent after a session. One a session; `key` makes a double tap harmless."""

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="check_ins")
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="check_in")
    key = models.UUIDField(unique=True)
    measure = models.CharField(max_length=40, default="reknit-check-in|1")
    received_at = models.DateTimeField(default=clock.now)
    seconds_taken = models.PositiveIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"check-in {self.pk}"


class Answer(models.Model):
    """One answer with its own audience. `value` is on the question's own scale; `words` are the client's."""

    check_in = models.ForeignKey(CheckIn, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=40)
    value = models.FloatField(null=True, blank=True)
    words = EncryptedTextField(blank=True, default="")
    audience = models.CharField(max_length=16, choices=Audience.choices, default=Audience.THERAPIST_NOW)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["check_in", "question"], name="one_answer_a_question")]

    def may_widen_to(self, audience: str) -> bool:
        """An audience may only grow, and only the client may ask for it (see `loop.widen_audience`)."""
        return Audience(audience).reach > Audience(self.audience).reach


class Guess(models.Model):
    """How the therapist thinks the session was for the client, said before the check-in is opened;
    theirs alone."""

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="guess")
    value = models.FloatField()
    made_at = models.DateTimeField(default=clock.now)


class MessageState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("on its way")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("expired")


class MessageKind(models.TextChoices):
    CHECK_IN = "check_in", _("a form is there")
    REMINDER = "reminder", _("the form is still there")
    NEWS = "news", _("something new on their page")


class Message(models.Model):
    """The outbox: a message that is due, written in the same transaction as what caused it. Reveals nothing.

    waiting -> sending -> sent, or back to waiting with a later `due_at` when it did not go through, until it
    failed too often or expired. One row for each relationship, session and kind, so nobody is told twice.
    """

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="messages")
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.CASCADE, related_name="messages"
    )
    kind = models.CharField(max_length=24, choices=MessageKind.choices)
    state = models.CharField(max_length=10, choices=MessageState.choices, default=MessageState.WAITING)
    due_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["relationship", "session", "kind"], name="one_message_a_kind", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="messages_due")]
