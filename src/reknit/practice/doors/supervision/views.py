"""Supervision: what was shared with whom, the page of a shared episode, and trust between the two."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reknit.practice import loop
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.doors.supervision.forms import RemarkForm
from reknit.practice.insight.estimates import Point, curve
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import User
from reknit.practice.repairs.models import Episode
from reknit.practice.supervision.models import Share


@require_safe
@signed_in
def overview(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What others asked me, what I asked, and my own supervision."""
    user = visitor.user
    assert user is not None
    seen = access.shares(
        visitor, Share.objects.select_related("supervisor", "episode__relationship__therapist")
    )
    begun = {each.therapist_id for each in access.supervised_in(user)}
    context = {
        "asked_me": seen.filter(supervisor=user, taken_back_at=None),
        "asked_by_me": seen.exclude(supervisor=user),
        "supervisors": [(each, each.pk in begun) for each in access.supervisors_around(user)],
        "place": "supervision",
    }
    return render(request, "supervision/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def share(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """One shared episode, for both. What the client kept from their therapist's view is not on it."""
    opened = loop.open_share(visitor, pk)
    if opened is None:
        raise Http404
    form = RemarkForm(request.POST or None)
    if form.is_valid():
        loop.remark(visitor, opened, **form.cleaned_data)
        return redirect("supervision:share", pk)
    episode = opened.episode
    context: dict[str, Any] = {
        "share": opened, "episode": episode, "form": form, "words": _words(episode),
        "trust": _trust(episode), "replies": episode.replies.exclude(shared_at=None),
        "therapist": episode.relationship.therapist, "place": "supervision",
    }  # fmt: skip
    return render(request, "supervision/share.html", context, status=422 if form.errors else 200)


def _words(episode: Episode) -> list[str]:
    """What the client wrote with it for their therapist to read at once; nothing else."""
    if episode.check_in is None:
        return []
    said = episode.check_in.answers.filter(audience=Audience.THERAPIST_NOW)
    return [answer.words for answer in said if answer.words]


def _trust(episode: Episode) -> dict[str, Point]:
    """Trust before the session of the episode, at its lowest since, and now; empty where nothing is known."""
    points = curve(episode.relationship)
    at = next((i for i, point in enumerate(points) if point.session_id == episode.session_id), None)
    if not at:
        return {}
    since = points[at:]
    lowest = min(since, key=lambda point: point.trust)
    return {"before": points[at - 1], "lowest": lowest, "now": since[-1]}


@require_POST
@signed_in
def begin(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """To one's own pages as the one supervised, where one says how it is and sees what came of it."""
    supervisor = get_object_or_404(User, pk=pk)
    return redirect("client:door", token=loop.begin_supervision(visitor, supervisor))
