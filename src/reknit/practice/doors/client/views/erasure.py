"""Having everything erased: asked for here, answered by the clinic within a month."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.client.links import Visit, by_link, show
from reknit.practice.rights import retention
from reknit.practice.rights.models import State


@by_link(LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def erasure(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask, take it back, or see what became of it."""
    if request.method == "POST":
        if request.POST.get("step") == "take_back":
            retention.take_request_back(visit.visitor)
        elif request.POST.get("step") == "ask":
            retention.ask_to_be_erased(visit.visitor)
        return visit.go("erasure")
    rule = retention.rule_of(visit.clinic)
    asked = retention.request_of(visit.relationship)
    context = {
        "waits": asked if asked and asked.state == State.PROPOSED else None,
        "done": asked if asked and asked.state == State.ERASED else None,
        "law": rule.law,
        "law_until": rule.law_until(visit.relationship),
        "law_covers_said": rule.law_covers_said,
    }
    return show(request, visit, "erasure", context)
