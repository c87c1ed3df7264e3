"""The front page: where to go, for whoever comes by."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from reknit.practice.doors.common.templatetags.reknit import (
    clinic_entrance,
    has_clients,
    works_beside_others,
)
from reknit.practice.people import access
from reknit.practice.people.models import Role, User


@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """Somebody signed in goes on to their own first page; anybody else reads who this is for."""
    if isinstance(request.user, User):
        return redirect(first_page(request.user))
    context = {
        "may_sign_up": get_adapter(request).is_open_for_signup(request),
        "is_empty": not User.objects.exists(),
    }
    return render(request, "common/welcome.html", context)


def first_page(user: User) -> str:
    """Where somebody's day begins: with whom they meet, else with the clinic, else with supervision.

    A practice of one begins with its first client, whatever else its founder is.
    """
    roles = access.roles_of(user)
    if Role.THERAPIST in roles and (not works_beside_others(user) or has_clients(user)):
        return "therapist:today"
    supervision = "supervision:overview" if Role.SUPERVISOR in roles else "therapist:today"
    return clinic_entrance(user) or supervision
