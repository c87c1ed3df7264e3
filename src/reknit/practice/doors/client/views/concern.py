"""A concern about the therapist: to safeguarding, past the therapist."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from reknit.practice import loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.client.forms import ConcernForm
from reknit.practice.doors.client.links import Visit, attempt, by_link, sent, show
from reknit.practice.doors.client.readers import readings
from reknit.practice.people.access import safeguarding_of


@by_link(LinkKind.CHECK_IN, LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def concern(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say it here, or read where else. What became of it is told on the client's own page alone."""
    hearers = [user.name for user in safeguarding_of(visit.relationship) if user.name]
    form = ConcernForm(sent(request))
    if form.is_valid() and attempt(form, lambda: loop.raise_concern(visit.visitor, **form.cleaned_data)):
        return visit.go("concern", said="concern")
    context = {
        "form": form,
        "hearers": hearers,
        "said": request.GET.get("said", ""),
        "concerns": _own(visit) if visit.is_home else [],
    }
    return show(request, visit, "concern", context, status=422 if form.errors else 200)


def _own(visit: Visit) -> list[dict[str, object]]:
    opened = readings(visit)
    return [
        {"concern": each, "readings": opened.get(f"concern:{each.pk}", [])}
        for each in loop.read_concerns(visit.visitor)
    ]
