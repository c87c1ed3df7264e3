"""A page for staff that more than one door uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from reknit.practice.people.access import Visitor
from reknit.practice.people.models import User


def signed_in(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For staff, as `page(request, visitor, …)`, in their own time zone, never kept by a browser."""

    @login_required
    @never_cache
    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = cast(User, request.user)
        with timezone.override(user.zone):
            return page(request, Visitor(user=user), *args, **kwargs)

    return guarded
