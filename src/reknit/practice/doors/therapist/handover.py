"""Links that are handed to a client across the table: as text, and as a picture for their phone.

A link's token is made once and only its hash is stored. So that a page can be read again without making a new
link, the token waits, closed with the vault's key, in the session of the therapist who made it.
"""

from __future__ import annotations

from io import BytesIO

import segno
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from reknit.practice.vault.fields import close, open_

KEPT = 6


def keep(request: HttpRequest, name: str, token: str) -> None:
    """Remember the token of the link called `name`; the oldest of a handful is forgotten."""
    kept: dict[str, str] = request.session.get("handover", {})
    kept.pop(name, None)
    kept[name] = close(token.encode(), "records").decode("ascii")
    request.session["handover"] = dict(list(kept.items())[-KEPT:])


def forget(request: HttpRequest, name: str) -> None:
    kept: dict[str, str] = request.session.get("handover", {})
    if kept.pop(name, None):
        request.session["handover"] = kept


def kept_address(request: HttpRequest, name: str) -> str | None:
    """The whole address behind the link called `name`, if it was made in this session."""
    closed = request.session.get("handover", {}).get(name)
    if closed is None:
        return None
    token = open_(closed.encode("ascii"), "records").decode()
    return request.build_absolute_uri(reverse("client:door", args=[token]))


def qr(address: str) -> SafeString:
    """The address as an SVG picture: black on white in any theme, since that is what phones read."""
    out = BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", scale=4, border=2, xmldecl=False, svgns=False, omitsize=True, nl=False,
        svgclass=None, lineclass=None, dark="#000", light="#fff",
    )  # fmt: skip
    return mark_safe(out.getvalue().decode())
