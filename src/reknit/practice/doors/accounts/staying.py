"""How long somebody stays signed in, and with how much: an idle sign-in ends, and a second step is asked for.

Clients' pages have no sign-in and pass by untouched.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

SEEN, ENOUGH = "seen_at", "second_step"
NOTED_EVERY = timedelta(minutes=1).total_seconds()
ACCOUNT_PAGES, LOGOUT = "/accounts/", "/accounts/logout/"
Answer = Callable[[HttpRequest], HttpResponse]


def stays(get_response: Answer) -> Answer:
    """End a sign-in that nobody used for `REKNIT_IDLE_MINUTES`; ask for a second step where one is due."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(settings.CLIENT_PAGES) or SESSION_KEY not in request.session:
            return get_response(request)
        refused = _ended(request) or _second_step_due(request)
        response = refused or get_response(request)
        if request.path == LOGOUT and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    return answer


def _ended(request: HttpRequest) -> HttpResponse | None:
    now, seen = time.time(), request.session.get(SEEN)
    if seen is not None and now - seen > settings.IDLE_SECONDS:
        logout(request)
        messages.info(request, _("You were signed out because nothing happened for a while."))
        return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
    if seen is None or now - seen > NOTED_EVERY:
        request.session[SEEN] = now
    return None


def _second_step_due(request: HttpRequest) -> HttpResponse | None:
    """The pages of an account stay open, so that the second step can be set up there."""
    if not settings.SECOND_STEP or request.path.startswith(ACCOUNT_PAGES) or ENOUGH in request.session:
        return None
    if _came_from_elsewhere(request) or is_mfa_enabled(request.user):
        request.session[ENOUGH] = True
        return None
    messages.info(request, _("What is kept here needs more than a password. Add a passkey or an app first."))
    return redirect("mfa_index")


def _came_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the clinic's identity provider let them in, which asks for a second step itself."""
    ways = request.session.get("account_authentication_methods", [])
    return any(way.get("method") == "socialaccount" for way in ways)
