"""One JSON object a line, with nothing in it that points at a person.

Addresses of pages carry link tokens, errors of the database quote what was being stored, and mail addresses
turn up everywhere; none of that is written. What remains finds a fault: when, which part, what kind, where.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

_QUERY = re.compile(r"\?\S*")
_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_CLIENT_LINK = re.compile(r"(/c/)[^\s/]+")
_KEYED_LINK = re.compile(r"(/key/|/confirm-email/)[^\s/]+")
_ELSEWHERE = re.compile(r"(https?://[^\s/]+)/[^\s)\"']*")
_OPAQUE = re.compile(r"[A-Za-z0-9_\-=:]{16,}(?=/|\s|$|[\"'),])")


def scrub(text: str) -> str:
    """``text`` without query strings, mail addresses, link tokens and other long secrets."""
    text = _ELSEWHERE.sub(r"\1/…", _MAIL.sub("[address]", _QUERY.sub("", text)))
    text = _KEYED_LINK.sub(r"\1…", _CLIENT_LINK.sub(r"\1…", text))
    return re.sub(r"(?<=/)" + _OPAQUE.pattern, "…", text)


def _said(record: logging.LogRecord) -> str:
    """The message, with the name of the page in place of the address that was asked for.

    Somebody may have typed anything there.
    """
    request = getattr(record, "request", None)
    if request is None or not isinstance(record.args, tuple) or not record.args:
        return scrub(record.getMessage())
    match = getattr(request, "resolver_match", None)
    page = f"/{match.route}" if match else "(no such page)"
    known = tuple(page if isinstance(arg, str) and arg.startswith("/") else arg for arg in record.args)
    return scrub(str(record.msg) % known)


class QuietLines(logging.Formatter):
    """Formats a record as JSON; an exception by its type and the places it passed, never by its message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name,
            "what": _said(record),
        }
        status = getattr(record, "status_code", None)
        if status is not None:
            line["status"] = status
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [
                f"{frame.filename.rpartition('site-packages')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ][-12:]
        return json.dumps(line, ensure_ascii=False)
