"""Messages: where to, by which way, when never; and the address in each of them that ends them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.client.links import (
    Visit,
    attempt,
    by_link,
    crisis_lines,
    quick_exit_url,
    sent,
    show,
    show_closed,
)
from reknit.practice.doors.client.own_forms import MessagesForm
from reknit.practice.loop.messages import EMAIL, Wishes, change_messages, stop_messages, way_of


@by_link(LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def messages(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The client's own wishes."""
    form = MessagesForm(sent(request), client=visit.client)
    if form.is_valid() and attempt(form, lambda: change_messages(visit.visitor, Wishes(**form.cleaned_data))):
        return visit.go("messages", said="kept")
    context = {"form": form, "kept": request.GET.get("said") == "kept"}
    return show(request, visit, "messages", context, status=422 if form.errors else 200)


@csrf_exempt  # mail programs post here for their owner, without any cookie; the signed address is the key
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def no_more(request: HttpRequest, secret: str) -> HttpResponse:
    """End messages by one way. Opening the page alone ends nothing: programs open links to look at them."""
    found = way_of(secret)
    if found is None:
        return show_closed(request)
    if request.method == "POST":
        stop_messages(secret)
    context = {
        "quick_exit_url": quick_exit_url(), "by_email": found[1] == EMAIL, "done": request.method == "POST",
        "crisis_lines": crisis_lines(),
    }  # fmt: skip
    response = render(request, "client/no_more.html", context)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
