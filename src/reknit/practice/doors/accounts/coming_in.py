"""Coming in by invitation, and where one is signed in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reknit.practice.doors.accounts.invited import keep_invitation
from reknit.practice.loop import NotNow, staff
from reknit.practice.people.invitations import Invitation
from reknit.practice.people.models import Role, User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What one is asked to be, and a yes; somebody new opens their account next."""
    found = staff.open_invitation(token)
    if found is None:
        return render(request, "accounts/invitation_closed.html", status=404)
    trouble = ""
    if request.method == "POST":
        if not isinstance(request.user, User):
            return _open_account(request, found)
        try:
            staff.take_up(request.user, found)
        except NotNow as why:
            trouble = str(why)
        else:
            messages.success(request, _("Welcome. You belong to %(clinic)s now.") % {"clinic": found.clinic})
            return redirect("welcome")
    roles = [Role(role).label for role in found.roles]
    context = {"invitation": found, "roles": roles, "trouble": trouble, "known": _is_known(found)}
    return render(request, "accounts/invitation.html", context, status=409 if trouble else 200)


def _is_known(invitation: Invitation) -> bool:
    return bool(invitation.email) and User.objects.filter(email=invitation.email).exists()


def _open_account(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """On to the page for a new account or, where there is one already, to signing in and back here."""
    if _is_known(invitation):
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    keep_invitation(request, invitation)
    if invitation.email and settings.EMAIL_HOST:  # the letter reached that address, so it is theirs
        get_adapter(request).stash_verified_email(request, invitation.email)
    return redirect("account_signup")


class SessionsView(ListUserSessionsView):  # type: ignore[misc]
    """Where one is signed in, until when, and a way to end the rest."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        kept = Session.objects.filter(pk=self.request.session.session_key).first()
        return context | {"ends_at": kept.expire_date if kept else None}


sessions = SessionsView.as_view()
