"""Two people begin to meet: the relationship, its links and its consent."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import Link, LinkKind
from reknit.practice.loop.errors import NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import (
    Client,
    Clinic,
    Consent,
    Ending,
    Membership,
    Purpose,
    Relationship,
    Role,
    User,
)
from reknit.practice.prepared import Prepared
from reknit.practice.trail import record

WORDING = "2026-11"  # of what a client says yes to; kept with the language in which they read it


@transaction.atomic
def open_clinic(founder: User, name: str, crisis_contacts: str = "", country: str = "") -> Clinic:
    """A new clinic with its founder as therapist, lead and administrator.

    A practice of one, to begin with.
    """
    clinic = Clinic.objects.create(
        name=name, crisis_contacts=crisis_contacts, country=country, time_zone=founder.time_zone,
        invitation_signed_by=founder.name or name,
    )  # fmt: skip
    for role in (Role.THERAPIST, Role.LEAD, Role.ADMINISTRATOR):
        Membership.objects.create(user=founder, clinic=clinic, role=role)
    record(f"user:{founder.pk}", "created", f"clinic:{clinic.pk}")
    return clinic


@transaction.atomic
def open_relationship(
    visitor: Visitor,
    *,
    called: str,
    contact: str = "",
    started_on: date | None = None,
    time_zone: str = "",
    language: str = "",
) -> tuple[Relationship, str]:
    """A therapist takes on a client. Returns the relationship and the token of the welcome link."""
    if visitor.user is None:
        raise PermissionDenied
    clinic = access.clinics_of(visitor.user, Role.THERAPIST).order_by("pk").first()
    if clinic is None:
        raise PermissionDenied(_("Only a therapist of a clinic can take on a client."))
    client = Client.objects.create(
        clinic=clinic,
        called=called,
        contact=contact,
        time_zone=time_zone or clinic.time_zone,
        language=language,
    )
    relationship = Relationship.objects.create(
        therapist=visitor.user, client=client, clinic=clinic, started_on=started_on or clock.today()
    )
    record(visitor.trail_name, "created", f"relationship:{relationship.pk}", relationship_id=relationship.pk)
    return relationship, issue_link(visitor, relationship, LinkKind.WELCOME)


@transaction.atomic
def issue_link(
    visitor: Visitor, relationship: Relationship, kind: LinkKind, session: Session | None = None
) -> str:
    """A new link for the client; its token is returned once and only its hash is kept.

    The link to the client's own page is made by the client alone, and replaces the earlier ones, so that a
    lost phone can be shut out. Where the client came by a link that the therapist handed over, the therapist
    may know it too: then what was kept from the therapist until now stays closed.

    Raises:
        PermissionDenied: a therapist asked for the client's own page, or somebody else for anything.
    """
    closed_until = None
    if kind == LinkKind.HOME:
        access.require_client(visitor, relationship)
        relationship.links.filter(kind=kind, revoked_at=None).update(revoked_at=clock.now())
        closed_until = _closed_until(visitor, relationship)
    elif not visitor.is_client:
        access.require_therapist(visitor, relationship)
    token = Link.issue(relationship, kind, session, closed_until)
    record(visitor.trail_name, "shared", f"link:{kind}", relationship_id=relationship.pk)
    return token


def _closed_until(visitor: Visitor, relationship: Relationship) -> datetime | None:
    if visitor.closed_until is None or not relationship.check_ins.exists():
        return None
    return min(visitor.closed_until, clock.now())


_BEHIND = Prepared(
    lambda token_hash: (
        Link.objects.select_related(
            "relationship__client", "relationship__clinic", "relationship__therapist", "session"
        )
        .defer("relationship__client__called", "relationship__client__contact")  # opened only where needed
        .filter(token_hash=token_hash)
    ),
    str,
)


def open_link(token: str) -> Link | None:
    """The link behind a token, or None when it is unknown, expired or taken back. Says no more than that."""
    link: Link | None = _BEHIND.first(Link.hash_of(token))
    return link if link and link.is_open else None


def choose_language(visitor: Visitor, language: str) -> None:
    """Their pages and messages speak this language from now on; with "" the one their browser asks for."""
    reader = visitor.user or _own(visitor).client
    reader.language = language
    reader.save(update_fields=["language"])


@transaction.atomic
def give_consent(visitor: Visitor, research: bool = False, language: str = "") -> None:
    """The client agrees to check-ins and, apart from that, to research with names removed.

    Saying it twice is once. The `language` in which they read it is kept, for the messages that follow.
    """
    relationship = _own(visitor)
    if language and not relationship.client.language:
        choose_language(visitor, language)
    wanted = {Purpose.CHECK_INS: True, Purpose.RESEARCH: research}
    for purpose, agreed in wanted.items():
        standing = relationship.consents.filter(purpose=purpose, withdrawn_at=None)
        if agreed and not standing.exists():
            wording = f"{WORDING} {language}".strip()
            Consent.objects.create(relationship=relationship, purpose=purpose, wording_version=wording)
            record(visitor.trail_name, "consented", f"consent:{purpose}", relationship_id=relationship.pk)
        elif not agreed and standing.exists():
            standing.update(withdrawn_at=clock.now())
            record(visitor.trail_name, "withdrew", f"consent:{purpose}", relationship_id=relationship.pk)


@transaction.atomic
def withdraw_consent(visitor: Visitor) -> None:
    """The client stops. No check-in is asked for any more.

    What was said stays theirs to download or erase.
    """
    relationship = _own(visitor)
    relationship.consents.filter(withdrawn_at=None).update(withdrawn_at=clock.now())
    relationship.messages.filter(state="waiting").update(state="expired")
    record(visitor.trail_name, "withdrew", "consent:all", relationship_id=relationship.pk)


@transaction.atomic
def end_relationship(visitor: Visitor, relationship: Relationship, ending: str) -> None:
    """The two stop meeting (or, with Ending.RUNNING, go on after all)."""
    access.require_therapist(visitor, relationship)
    relationship.ending = Ending(ending)
    relationship.ended_on = None if ending == Ending.RUNNING else clock.today()
    relationship.save(update_fields=["ending", "ended_on"])
    record(visitor.trail_name, "changed", f"ending:{ending}", relationship_id=relationship.pk)


def _own(visitor: Visitor) -> Relationship:
    if visitor.client_relationship is None:
        raise PermissionDenied(_("Only the client may do this."))
    return visitor.client_relationship


_CONSENTS = Prepared(
    lambda relationship: Consent.objects.filter(
        relationship=relationship, purpose=Purpose.CHECK_INS, withdrawn_at=None
    ).values_list("pk")[:1],
    int,
)


def require_consent(relationship: Relationship) -> None:
    """Raises NotNow before the client has agreed to check-ins."""
    if not _CONSENTS.rows(relationship.pk):
        raise NotNow(_("There is no consent to check-ins yet."))
