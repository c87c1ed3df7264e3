"""How a message leaves the house: e-mail, a text message by any HTTP gateway, or a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.request import Request, urlopen
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from reknit.practice import clock


def carrier_for(contact: str) -> Callable[[str, str], None]:
    """By e-mail where there is an @, else by text message; into a file with `REKNIT_MESSAGES=file`."""
    if settings.MESSAGES == "file":
        return to_file
    return by_email if "@" in contact else by_text_message


def by_email(contact: str, text: str) -> None:
    EmailMessage(subject=_("A form to fill in"), body=text, to=[contact]).send()


def by_text_message(contact: str, text: str) -> None:
    """POST {"to", "text"} as JSON to `REKNIT_SMS_URL`, with `REKNIT_SMS_TOKEN` as bearer token.

    Raises:
        RuntimeError: no gateway is set.
        OSError: the gateway could not be reached, or refused.
    """
    if not settings.SMS_URL:
        raise RuntimeError("REKNIT_SMS_URL is not set")
    body = json.dumps({"to": contact, "text": text}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_TOKEN}"}
    with urlopen(Request(settings.SMS_URL, body, headers), timeout=20) as answer:
        answer.read()


def to_file(contact: str, text: str) -> None:
    """One JSON file a message in the outbox folder of the house."""
    folder = settings.HOME / "outbox"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{clock.now():%Y%m%dT%H%M%S}-{uuid4().hex[:8]}.json"
    (folder / name).write_text(json.dumps({"to": contact, "text": text}), encoding="utf-8")
