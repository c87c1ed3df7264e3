"""The service worker of the client's pages: it works for addresses below this door and no others."""

from __future__ import annotations

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

NEEDED = (
    "common/mark.svg",
    "common/tokens.css",
    "common/reknit.css",
    "client/client.css",
    "client/client.js",
    "client/waiting.js",
    "client/offline.js",
)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Its script, with the names that the static files have today."""
    needed = [static(name) for name in NEEDED]
    version = sha256(" ".join(needed).encode()).hexdigest()[:12]
    response = render(
        request, "client/worker.js", {"needed": needed, "version": version}, content_type="text/javascript"
    )
    response.headers["Cache-Control"] = "no-cache"
    return response
