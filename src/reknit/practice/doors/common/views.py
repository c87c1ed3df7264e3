"""The front page: where to go, for whoever comes by."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe


@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """Somebody signed in goes on to their day; anybody else reads who this is for."""
    if request.user.is_authenticated:
        return redirect("therapist:today")
    return render(request, "common/welcome.html", {"may_sign_up": getattr(settings, "OPEN_SIGNUP", False)})
