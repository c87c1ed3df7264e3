"""Other programs are told that something happened: signed, in order, at least once, and never what was said.

The trail already notes every event, so a hook is a place in the trail: what comes after it and concerns its
owner's relationships is sent, and the place moves on only when the other side said that it has it. Bodies and
signatures are those of Standard Webhooks, for which libraries exist in many languages.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.db.models import Max

from reknit.practice import clock
from reknit.practice.doors.api.models import Event, Hook
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import User
from reknit.practice.trail.models import Entry

logger = logging.getLogger(__name__)

SETTLED = timedelta(seconds=10)  # a line with a lower number may still be on its way into the database
AT_ONCE = 100
PATIENCE = 20  # failures in a row, the last of them days apart, until a hook is ended
LONGEST_WAIT = timedelta(hours=12)
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

LINES = [  # the verb and subject of a line of the trail, and the event that it is
    ("created", re.compile(r"check_in:\d+$"), Event.CHECK_IN),
    ("created", re.compile(r"response:\d+$"), Event.QUESTIONNAIRE),
    ("created", re.compile(r"session:\d+$"), Event.PLANNED),
    ("changed", re.compile(r"session:\d+:moved$"), Event.MOVED),
    ("changed", re.compile(r"session:\d+:(attended|missed|cancelled|cancelled_late)$"), Event.RECORDED),
    ("created", re.compile(r"episode:\d+$"), Event.EPISODE),
    ("shared", re.compile(r"reply:\d+$"), Event.REPLY),
    ("changed", re.compile(r"ending:\w+$"), Event.ENDED),
]


def is_allowed(url: str) -> bool:
    """Whether the operator named this host in ``REKNIT_HOOK_HOSTS``; in clear text only on this machine."""
    address = urlsplit(url)
    host = address.hostname or ""
    return host in settings.HOOK_HOSTS and (address.scheme == "https" or host in LOOPBACK)


def begin(user: User, url: str, events: list[str]) -> Hook:
    """A hook that is told what happens from now on; its signing secret is made here."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    last = Entry.objects.aggregate(last=Max("id"))["last"] or 0
    return Hook.objects.create(
        user=user, url=url, secret=secret, events=[Event(event).value for event in events], after=last
    )


def tell_all() -> int:
    """Send what waits to every hook whose time has come; return how many events were taken."""
    due = Hook.objects.filter(ended_at=None, next_at__lte=clock.now()).select_related("user")
    return sum(tell(hook) for hook in due if _claim(hook))


def _claim(hook: Hook) -> bool:
    """Of several servers only one tells a hook, since telling in order needs one voice."""
    hold = clock.now() + timedelta(minutes=5)
    mine = Hook.objects.filter(pk=hook.pk, next_at=hook.next_at, ended_at=None)
    return mine.update(next_at=hold) == 1


def tell(hook: Hook) -> int:
    """Send the next events in order, until one is refused or none is left."""
    told = 0
    for number, event, line in _waiting(hook):
        if event:
            try:
                _send(hook, f"evt_{number}", _body(event, line))
            except (OSError, ValueError) as error:
                _put_off(hook, error)
                return told
            told += 1
            hook.told_at = clock.now()
        hook.after, hook.failures, hook.last_error = number, 0, ""
    hook.next_at = clock.now()
    hook.save()
    return told


def _waiting(hook: Hook) -> Iterator[tuple[int, Event | None, Entry]]:
    """The lines of its owner's relationships after the hook's place, with the event that each is for it."""
    if not hook.user.is_active:
        return
    own = access.relationships(Visitor(user=hook.user)).values("pk")
    settled = Entry.objects.filter(id__gt=hook.after, at__lte=clock.now() - SETTLED, relationship_id__in=own)
    for line in settled.order_by("id")[:AT_ONCE]:
        event = event_of(line)
        yield line.pk, event if event in hook.events else None, line


def event_of(line: Entry) -> Event | None:
    """The event that a line of the trail tells of, if any."""
    for verb, subject, event in LINES:
        if line.verb == verb and subject.match(line.subject):
            return event
    return None


def _body(event: Event, line: Entry) -> dict[str, Any]:
    kind, _colon, rest = line.subject.partition(":")
    data: dict[str, Any] = {"relationship": line.relationship_id}
    if rest.partition(":")[0].isdecimal():
        data |= {"kind": kind, "id": int(rest.partition(":")[0])}
    return {"type": event.value, "timestamp": line.at.isoformat(), "data": data}


def _send(hook: Hook, name: str, body: dict[str, Any]) -> None:
    if not is_allowed(hook.url):
        raise ValueError("host_not_allowed")
    content = json.dumps(body, separators=(",", ":")).encode()
    at = str(int(clock.now().timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Reknit",
        "webhook-id": name,
        "webhook-timestamp": at,
        "webhook-signature": sign(hook.secret, name, at, content),
    }
    answer: HTTPResponse
    with build_opener(_NoDetours).open(Request(hook.url, content, headers), timeout=10) as answer:
        answer.read(1)


def sign(secret: str, name: str, at: str, content: bytes) -> str:
    """The signature of Standard Webhooks, version 1: HMAC-SHA-256 over id, time and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{name}.{at}.".encode() + content
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _put_off(hook: Hook, error: Exception) -> None:
    """Twice as long after each failure; ended when nobody has answered for days."""
    hook.failures += 1
    hook.last_error = f"HTTP {error.code}" if isinstance(error, HTTPError) else type(error).__name__
    hook.next_at = clock.now() + min(timedelta(minutes=2 ** (hook.failures - 1)), LONGEST_WAIT)
    if hook.failures >= PATIENCE:
        hook.ended_at = clock.now()
    hook.save()
    logger.warning("a hook was not taken: %s", hook.last_error)


class _NoDetours(HTTPRedirectHandler):
    """An allowed host does not get to send us to another one."""

    def redirect_request(self, *_args: Any, **_kinds: Any) -> None:
        return None
