"""How a message leaves the house: e-mail, a text message by any HTTP gateway, or a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from urllib.request import Request, urlopen
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from reknit.practice import clock


def carrier_for(contact: str, stop: str = "") -> Callable[[str, str], None]:
    """By e-mail where there is an @, else by text message; into a file with `REKNIT_MESSAGES=file`.

    Args:
        stop: the address by which whoever gets it says that they want no more.
    """
    if settings.MESSAGES == "file":
        return partial(to_file, stop=stop)
    return partial(by_email if "@" in contact else by_text_message, stop=stop)


def by_email(contact: str, text: str, stop: str = "") -> None:
    """With the headers by which a mail program offers to unsubscribe in one click (RFC 8058)."""
    letter = EmailMessage(subject=_("A form to fill in"), body=_with_stop(text, stop), to=[contact])
    if stop:
        letter.extra_headers = {
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    letter.send()


def _with_stop(text: str, stop: str) -> str:
    return f"{text}\n\n" + _("No more of these:") + f" {stop}" if stop else text


def by_text_message(contact: str, text: str, stop: str = "") -> None:
    """POST {"to", "text"} as JSON to `REKNIT_SMS_URL`, with `REKNIT_SMS_TOKEN` as bearer token.

    Raises:
        RuntimeError: no gateway is set.
        OSError: the gateway could not be reached, or refused.
    """
    if not settings.SMS_URL:
        raise RuntimeError("REKNIT_SMS_URL is not set")
    body = json.dumps({"to": contact, "text": _with_stop(text, stop)}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {settings.SMS_TOKEN}"}
    with urlopen(Request(settings.SMS_URL, body, headers), timeout=20) as answer:
        answer.read()


def to_file(contact: str, text: str, stop: str = "") -> None:
    """One JSON file a message in the outbox folder of the house."""
    folder = settings.HOME / "outbox"
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{clock.now():%Y%m%dT%H%M%S}-{uuid4().hex[:8]}.json"
    (folder / name).write_text(json.dumps({"to": contact, "text": text, "stop": stop}), encoding="utf-8")
