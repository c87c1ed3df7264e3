"""The people of a clinic, the relationships between them, and the consent each relationship rests on."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.vault.fields import EncryptedTextField


def new_code() -> str:
    """An identifier that tells nothing about the person it stands for (8 characters, 40 bits)."""
    return secrets.token_hex(5)[:8]


class UserManager(BaseUserManager["User"]):
    """Accounts are known by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)


class User(AbstractBaseUser, PermissionsMixin):
    """A member of staff who signs in. Clients never need an account."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=16, blank=True, default="")  # or as they ask
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Clinic(models.Model):
    """A practice of one person or of two hundred.

    It sets the crisis contacts that every client page shows.
    """

    name = models.CharField(_("name"), max_length=160)
    country = models.CharField(_("country"), max_length=2, blank=True, help_text=_("Two letters, such as GB"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    crisis_contacts = models.TextField(
        _("crisis contacts"),
        blank=True,
        help_text=_("One a line, as “name: number”. Shown on every page a client sees."),
    )
    complaints_contact = models.TextField(
        _("where to complain outside the clinic"),
        blank=True,
        help_text=_("A professional body or ombudsman. Offered where no safeguarding person is named."),
    )
    invitation_signed_by = models.CharField(_("invitations signed by"), max_length=120, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name

    @property
    def crisis_lines(self) -> list[str]:
        return [line.strip() for line in self.crisis_contacts.splitlines() if line.strip()]


class Role(models.TextChoices):
    """What somebody may be in a clinic; several at once are possible. Power and access follow from it."""

    THERAPIST = "therapist", _("therapist")
    SUPERVISOR = "supervisor", _("supervisor")
    LEAD = "lead", _("clinic lead")
    SAFEGUARDING = "safeguarding", _("safeguarding")
    ADMINISTRATOR = "administrator", _("administrator")
    RESEARCHER = "researcher", _("researcher")


class Membership(models.Model):
    """One role of one person in one clinic."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "clinic", "role"], name="one_role_once")]


class Client(models.Model):
    """The person who comes for therapy, and who owns their words."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="clients")
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    called = EncryptedTextField(_("what you call them"), help_text=_("A first name or initials are enough."))
    contact = EncryptedTextField(_("e-mail or phone for reminders"), blank=True, default="")
    wants_messages = models.BooleanField(_("may be reminded"), default=True)
    wants_email = models.BooleanField(_("by e-mail"), default=True)
    wants_texts = models.BooleanField(_("by text message"), default=True)
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), default=21)  # o'clock, where they are
    quiet_until = models.PositiveSmallIntegerField(_("until"), default=8)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    language = models.CharField(_("language"), max_length=16, blank=True, default="")  # or as they ask
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.code

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def takes_messages(self) -> bool:
        """Whether a message may go to where they can be reached, by that way."""
        by_this_way = self.wants_email if "@" in self.contact else self.wants_texts
        return bool(self.contact) and self.wants_messages and by_this_way

    def is_quiet(self, hour: int) -> bool:
        """Whether nothing is sent at this hour of theirs; from and until the same means never quiet."""
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= hour < self.quiet_until
        return hour >= self.quiet_from or hour < self.quiet_until


class Ending(models.TextChoices):
    RUNNING = "running", _("still meeting")
    PLANNED = "planned", _("ended as planned")
    DROPPED = "dropped", _("stopped coming")
    ENDED_WELL = "ended_well", _("ended well, or referred on")


class Relationship(models.Model):
    """One client with one therapist: what trust grows in."""

    therapist = models.ForeignKey(User, on_delete=models.PROTECT, related_name="relationships")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="relationships")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="relationships")
    started_on = models.DateField(_("first session on"), default=clock.today)
    ending = models.CharField(max_length=12, choices=Ending.choices, default=Ending.RUNNING)
    ended_on = models.DateField(null=True, blank=True)
    therapist_until = models.DateField(_("last day of the therapist"), null=True, blank=True)

    supervisee = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="supervised_in",
        help_text=_("Set where the two are a supervisor, in the therapist's place, and somebody supervised."),
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["therapist", "supervisee"], name="one_supervision_a_pair"),
            models.UniqueConstraint(fields=["therapist", "client"], name="one_relationship_a_pair"),
        ]

    def __str__(self) -> str:
        return f"relationship {self.pk}"

    @property
    def has_consent(self) -> bool:
        return any(c.is_given for c in self.consents.all() if c.purpose == Purpose.CHECK_INS)

    @property
    def has_stopped(self) -> bool:
        """Whether the client agreed once and then withdrew; nobody asks them any more."""
        check_ins = [c for c in self.consents.all() if c.purpose == Purpose.CHECK_INS]
        return bool(check_ins) and not any(c.is_given for c in check_ins)


class Purpose(models.TextChoices):
    CHECK_INS = "check_ins", _("short check-ins after sessions")
    RESEARCH = "research", _("research with names removed")


class Consent(models.Model):
    """What a client agreed to, in which wording, and since when.

    Withdrawn, it stays on record as withdrawn.
    """

    relationship = models.ForeignKey(Relationship, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    wording_version = models.CharField(max_length=20, default="2026-11")
    given_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    @property
    def is_given(self) -> bool:
        return self.withdrawn_at is None


from reknit.practice.people.handing_over import HandOver  # noqa: E402, F401
from reknit.practice.people.invitations import Invitation  # noqa: E402, F401
