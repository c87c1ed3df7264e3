"""A token: a program may do, in somebody's name, what its scopes say. Only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.people.models import User
from reknit.practice.vault.fields import EncryptedTextField

PREFIX = "reknit_"


class Scope(models.TextChoices):
    """What a token may do, each on its own; none includes another."""

    READ = "relationships:read", _("read relationships, sessions, estimates, episodes and ratings")
    WORDS = "words:read", _("read what clients wrote, which they can see in their list of readers")
    SESSIONS = "sessions:write", _("plan and record sessions")
    CHECK_INS = "check_ins:write", _("pass on check-ins that clients filled in elsewhere")
    EXPORT = "exchange:read", _("export whole relationships as FHIR")
    IMPORT = "exchange:write", _("import relationships from FHIR")
    CALENDAR = "calendar:read", _("read the calendar feed: times and initials")


class Token(models.Model):
    """One token. It opens what its owner may open and no more, until it expires or is taken back."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("what it is for"), max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(cls, user: User, name: str, scopes: list[str], days: int = 90) -> str:
        """Make a token and return it; it is shown once and never stored."""
        secret = PREFIX + secrets.token_urlsafe(32)
        cls.objects.create(
            user=user, name=name, token_hash=cls.hash_of(secret),
            scopes=[Scope(scope).value for scope in scopes], expires_at=clock.now() + timedelta(days=days),
        )  # fmt: skip
        return secret

    @classmethod
    def find(cls, secret: str) -> Token | None:
        """The token behind a secret, if it is open and its owner still may come in."""
        token = cls.objects.select_related("user").filter(token_hash=cls.hash_of(secret)).first()
        if token is None or not token.is_open:
            return None
        if token.last_used_on != clock.today():
            token.last_used_on = clock.today()
            token.save(update_fields=["last_used_on"])
        return token

    @staticmethod
    def hash_of(secret: str) -> str:
        return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now() and self.user.is_active

    def may(self, scope: Scope) -> bool:
        return scope.value in self.scopes


class Event(models.TextChoices):
    """What another program may be told of. It is told that it happened, never what was said."""

    CHECK_IN = "check_in.received", _("a check-in was received")
    QUESTIONNAIRE = "questionnaire.answered", _("a questionnaire was answered")
    PLANNED = "session.planned", _("a session was planned")
    MOVED = "session.moved", _("a session was moved")
    RECORDED = "session.recorded", _("it was noted what became of a session")
    EPISODE = "episode.opened", _("a repair was begun")
    REPLY = "reply.shared", _("a reply was shared with the client")
    ENDED = "relationship.ended", _("a therapy ended")


class Hook(models.Model):
    """An address that is told of events in the order of the trail. `after` is the last line it has."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="hooks")
    url = EncryptedTextField(_("where to"))
    secret = EncryptedTextField()
    events = models.JSONField(default=list)
    after = models.PositiveBigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True, default="")
    next_at = models.DateTimeField(default=clock.now)
    told_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
