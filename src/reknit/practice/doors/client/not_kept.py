"""When the database cannot take what a client sent: say so, keep what was typed, offer to send it again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

logger = logging.getLogger(__name__)
TRY_AGAIN_IN = 10  # seconds, for whoever sends without a person looking on


def keep_typed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer a failed sending with everything that was sent, ready to go again under the same key."""

    @wraps(view)
    def answer(request: HttpRequest, *given: object, **parts: object) -> HttpResponse:
        try:
            return view(request, *given, **parts)
        except Error:
            if not request.POST:
                raise
            logger.exception("what a client sent could not be kept; they were told so")
            fields = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
            written = [value for name, value in fields if " " in value.strip()]
            context = {"fields": fields, "written": written}
            response = render(None, "client/not_kept.html", context, status=503)
            response.headers["Retry-After"] = str(TRY_AGAIN_IN)
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["Cache-Control"] = "private, no-cache"
            return response

    return answer
