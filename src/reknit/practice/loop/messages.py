"""The client decides where messages go, by which way, when never, and that there are no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from reknit.practice.checkins.models import Message, MessageState
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Client
from reknit.practice.trail import record

STOP = "reknit.stop-messages"
STOP_WORKS_FOR = timedelta(days=400)
EMAIL, TEXTS = "email", "texts"


@dataclass(frozen=True)
class Wishes:
    """Where messages go and when never; hours are o'clock where the client is, equal ones mean always."""

    contact: str
    by_email: bool
    by_texts: bool
    quiet_from: int
    quiet_until: int
    time_zone: str


@transaction.atomic
def change_messages(visitor: Visitor, wishes: Wishes) -> None:
    """Keep what the client wishes; what waits and may not go any more is put away."""
    if visitor.client_relationship is None:
        raise PermissionDenied
    client = visitor.client_relationship.client
    client.contact, client.time_zone = wishes.contact.strip(), wishes.time_zone
    client.wants_email, client.wants_texts = wishes.by_email, wishes.by_texts
    client.wants_messages = wishes.by_email or wishes.by_texts
    client.quiet_from, client.quiet_until = wishes.quiet_from, wishes.quiet_until
    client.save()
    _put_away(client)
    _note(client, visitor.trail_name, "messages")


def stop_address(client: Client) -> str:
    """The address in every message that ends messages by that way, and opens nothing else."""
    secret = signing.dumps([client.code, EMAIL if "@" in client.contact else TEXTS], salt=STOP)
    return str(settings.PUBLIC_URL) + reverse("client:no_more", kwargs={"secret": secret})


def way_of(secret: str) -> tuple[Client, str] | None:
    """Whose messages such an address ends, and by which way; None where it is forged or too old."""
    try:
        code, way = signing.loads(secret, salt=STOP, max_age=STOP_WORKS_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    client = Client.objects.filter(code=code).first()
    return (client, way) if client else None


@transaction.atomic
def stop_messages(secret: str) -> str | None:
    """End messages by the way that the address names; doing it twice is once. Returns the way, or None."""
    found = way_of(secret)
    if found is None:
        return None
    client, way = found
    field = "wants_email" if way == EMAIL else "wants_texts"
    if getattr(client, field):
        setattr(client, field, False)
        client.save(update_fields=[field])
        _put_away(client)
        _note(client, f"client:{client.pk}", f"messages:{way}:off")
    return way


def _put_away(client: Client) -> None:
    if not client.takes_messages:
        waiting = Message.objects.filter(relationship__client=client, state=MessageState.WAITING)
        waiting.update(state=MessageState.EXPIRED)


def _note(client: Client, actor: str, what: str) -> None:
    for relationship in client.relationships.all():
        record(actor, "changed", what, relationship_id=relationship.pk)
