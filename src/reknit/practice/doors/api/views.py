"""Pages about the API: its description for people, one's own tokens, and the calendar feed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reknit.practice import clock
from reknit.practice.appointments.models import Session, Status
from reknit.practice.doors.api.access import problem
from reknit.practice.doors.api.api import api
from reknit.practice.doors.api.forms import HookForm, TokenForm
from reknit.practice.doors.api.hooks import begin as begin_hook
from reknit.practice.doors.api.models import Hook, Scope, Token
from reknit.practice.exchange import Appointment, ExchangeError, feed, initials
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import User
from reknit.practice.trail import record

CALENDAR_REACHES_BACK = timedelta(days=30)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The OpenAPI description as a page, without script."""
    schema = api.get_openapi_schema()
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    return render(
        request, "api/docs.html", {"schema": schema, "operations": operations, "scopes": Scope.choices}
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens, and a new one, which is shown once."""
    user = cast(User, request.user)
    form, secret = TokenForm(request.POST or None), ""
    if form.is_valid():
        secret = Token.issue(user, **form.cleaned_data)
        record(f"user:{user.pk}", "created", f"token:{user.tokens.first().pk}")  # type: ignore[union-attr]
        form = TokenForm()
    context: dict[str, Any] = {
        "form": form,
        "secret": secret,
        "tokens": user.tokens.all(),
        "place": "account",
        "may_hook": bool(settings.HOOK_HOSTS),
    }
    if secret and "calendar:read" in user.tokens.all()[0].scopes:
        context["calendar"] = request.build_absolute_uri(f"/api/calendar/{secret}.ics")
    return render(request, "api/tokens.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a token back; it opens nothing from now on."""
    token = get_object_or_404(Token, pk=pk, user=cast(User, request.user))
    token.revoked_at = token.revoked_at or clock.now()
    token.save(update_fields=["revoked_at"])
    record(f"user:{token.user_id}", "changed", f"token:{token.pk}:revoked")
    return redirect("api:tokens")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hooks(request: HttpRequest) -> HttpResponse:
    """The addresses that are told of one's events, and a new one, whose secret is shown once."""
    if not settings.HOOK_HOSTS:
        raise Http404
    user = cast(User, request.user)
    form, made = HookForm(request.POST or None), None
    if form.is_valid():
        made = begin_hook(user, **form.cleaned_data)
        record(f"user:{user.pk}", "created", f"hook:{made.pk}")
        form = HookForm()
    context = {"form": form, "made": made, "hooks": user.hooks.all(), "place": "account"}
    return render(request, "api/hooks.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def end_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing is sent there any more."""
    hook = get_object_or_404(Hook, pk=pk, user=cast(User, request.user))
    hook.ended_at = hook.ended_at or clock.now()
    hook.save(update_fields=["ended_at"])
    record(f"user:{hook.user_id}", "changed", f"hook:{hook.pk}:ended")
    return redirect("api:hooks")


@require_safe
@never_cache
def calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The sessions of the token's owner as a calendar feed: times and initials. The address is the key."""
    token = Token.find(secret)
    if token is None or not token.may(Scope.CALENDAR):
        raise Http404
    mine = access.of_visitor(Visitor(user=token.user), Session.objects.all())
    shown = mine.filter(starts_at__gt=clock.now() - CALENDAR_REACHES_BACK).exclude(status=Status.CANCELLED)
    appointments = (
        Appointment(
            f"session-{session.pk}@reknit", session.starts_at, initials(session.relationship.client.called),
            clock.now(), session.times_moved,
        )
        for session in shown.select_related("relationship__client").order_by("starts_at")
    )  # fmt: skip
    try:
        made = feed(appointments, name=_("Sessions"))
    except ExchangeError as error:
        return problem(501, str(error))
    response = HttpResponse(made, content_type="text/calendar; charset=utf-8")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
