"""The front page: where to go, for whoever comes by."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from reknit.practice.doors.common.templatetags.reknit import clinic_entrance, meets_clients


@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """Somebody signed in goes on to their day; anybody else reads who this is for."""
    if request.user.is_authenticated:
        return redirect("therapist:today" if meets_clients(request.user) else clinic_entrance(request.user))
    return render(request, "common/welcome.html", {"may_sign_up": getattr(settings, "OPEN_SIGNUP", False)})
