"""The outbox is emptied: each message once, at a decent hour, in words that reveal nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.checkins.models import Link, LinkKind, Message, MessageKind, MessageState
from reknit.practice.loop.carriers import carrier_for
from reknit.practice.loop.messages import stop_address

logger = logging.getLogger(__name__)

TRIES = 8
STUCK_AFTER = timedelta(minutes=10)

Send = Callable[[str, str], None]


def send_due(limit: int = 100, send: Send | None = None) -> int:
    """Send what is due, and return how many went out.

    1. What has expired, or whose client wants no messages any more, is put away.
    2. Each message is claimed by an update that only one sender can win.
    3. In the client's quiet hours it is put off until the morning.
    4. It is sent with a fresh link; a failure puts it off twice as long each time, and gives up after eight.
    """
    _put_away()
    due = Message.objects.filter(state=MessageState.WAITING, due_at__lte=clock.now()).order_by("due_at")
    sent = 0
    for message in due.select_related("relationship__client", "session")[:limit]:
        if _claim(message) and _is_wanted(message) and not _put_off_for_the_night(message):
            client = message.relationship.client
            sent += _send(message, send or carrier_for(client.contact, stop_address(client)))
    return sent


def _put_away() -> None:
    waiting = Message.objects.filter(state=MessageState.WAITING)
    waiting.filter(expires_at__lte=clock.now()).update(state=MessageState.EXPIRED)
    waiting.filter(relationship__client__wants_messages=False).update(state=MessageState.EXPIRED)
    stuck = Message.objects.filter(state=MessageState.SENDING, due_at__lte=clock.now() - STUCK_AFTER)
    stuck.update(state=MessageState.WAITING)  # the sender died; whether it went out is not known, so again


def _claim(message: Message) -> bool:
    """Only one of several senders gets past here."""
    mine = Message.objects.filter(pk=message.pk, state=MessageState.WAITING)
    won = mine.update(state=MessageState.SENDING, attempts=F("attempts") + 1, due_at=clock.now()) == 1
    if won:
        message.refresh_from_db(fields=["state", "attempts", "due_at"])
    return won


def _is_wanted(message: Message) -> bool:
    """Put it away where the client has stopped, or takes no messages by the way that their contact needs."""
    if message.relationship.client.takes_messages and not message.relationship.has_stopped:
        return True
    _keep(message, MessageState.EXPIRED)
    return False


def _put_off_for_the_night(message: Message) -> bool:
    client = message.relationship.client
    there = clock.now().astimezone(client.zone)
    if not client.is_quiet(there.hour):
        return False
    morning = there.replace(hour=client.quiet_until, minute=0, second=0, microsecond=0)
    if morning <= there:
        morning += timedelta(days=1)
    _keep(message, MessageState.WAITING, due_at=morning, attempts=message.attempts - 1)
    return True


def _send(message: Message, send: Send) -> bool:
    client = message.relationship.client
    try:
        with translation.override(client.language or settings.LANGUAGE_CODE):
            send(client.contact, _text(message))
    except Exception as error:  # whatever a carrier raises, the next message still goes out
        logger.warning("a message did not go through: %s", type(error).__name__)
        wait = timedelta(minutes=2**message.attempts)
        state = MessageState.FAILED if message.attempts >= TRIES else MessageState.WAITING
        _keep(message, state, due_at=clock.now() + wait, last_error=type(error).__name__)
        return False
    _keep(message, MessageState.SENT, last_error="")
    return True


def _keep(message: Message, state: MessageState, **changes: str | int | datetime) -> None:
    Message.objects.filter(pk=message.pk).update(state=state, **changes)


def _text(message: Message) -> str:
    """No name, no clinic, no word of therapy: whoever looks at the phone learns that there is a form."""
    if not settings.PUBLIC_URL:
        raise RuntimeError("REKNIT_URL is not set, so no link can be made that works on a phone")
    if message.kind == MessageKind.NEWS:  # their own page opens with their own address alone
        return _("There is something new on your page.")
    token = Link.issue(message.relationship, LinkKind.CHECK_IN, message.session)
    address = settings.PUBLIC_URL + reverse("client:door", kwargs={"token": token})
    return _("You have a form to fill in.") + f" {address}"
