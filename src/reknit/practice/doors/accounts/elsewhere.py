"""On to the clinic's identity provider: the page may send its form on to where people sign in there."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.providers.openid_connect import views
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

AN_HOUR = 3600
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]+)?")


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """allauth's own page; its content policy names the provider's authorization endpoint, wherever that is.

    Browsers hold a form to the policy even where the answer sends it on.
    """
    response: HttpResponse = views.login(request, provider_id)
    if response.status_code == 200 and (origin := _origin(request, provider_id)):
        response._csp_update = {"form-action": [origin]}  # type: ignore[attr-defined]
    return response


def _origin(request: HttpRequest, provider_id: str) -> str:
    """Where people sign in, as the provider's discovery document says; empty where it cannot be asked."""
    name = f"sign-in-elsewhere:{provider_id}"
    origin = cache.get(name)
    if origin is None:
        try:
            told = urlsplit(str(views.OpenIDConnectOAuth2Adapter(request, provider_id).authorize_url))
        except (requests.RequestException, ValueError, KeyError):
            return ""
        origin = f"{told.scheme}://{told.netloc}"
        origin = origin if _ORIGIN.fullmatch(origin) else ""
        cache.set(name, origin, AN_HOUR)
    return str(origin)
