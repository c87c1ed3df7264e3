"""Going on with another therapist: yes or no, and what goes along."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.client.links import Visit, attempt, by_link, sent, show
from reknit.practice.doors.client.own_forms import AlongForm, MovingForm
from reknit.practice.loop.hand_over import (
    Along,
    agree_to_hand_over,
    change_along,
    decline_hand_over,
    hand_over_of,
)
from reknit.practice.people.handing_over import HandOver, HandOverState


@by_link(LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def moving(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What is asked; once answered, what was said, which stays changeable."""
    hand_over = hand_over_of(visit.visitor)
    if hand_over is None:
        return show(request, visit, "moving")
    if hand_over.state == HandOverState.ASKED:
        return _ask(request, visit, hand_over)
    if hand_over.state == HandOverState.AGREED:
        return _change(request, visit, hand_over)
    return show(request, visit, "moving", {"hand_over": hand_over, "new": hand_over.to.name})


def _ask(request: HttpRequest, visit: Visit, hand_over: HandOver) -> HttpResponse:
    form = MovingForm(sent(request))
    tokens: list[str] = []
    if form.is_valid() and attempt(form, lambda: _answer(visit, hand_over, form.cleaned_data, tokens)):
        if tokens:
            return Visit(visit.link, tokens[0]).go(said="keep")
        return visit.go("moving")
    context = {"form": form, "hand_over": hand_over, "new": hand_over.to.name, "is_asked": True}
    return show(request, visit, "moving", context, status=422 if form.errors else 200)


def _answer(visit: Visit, hand_over: HandOver, given: dict[str, Any], tokens: list[str]) -> None:
    if given["answer"] == "no":
        decline_hand_over(visit.visitor, hand_over)
    else:
        tokens.append(agree_to_hand_over(visit.visitor, hand_over, _along(given)))


def _along(given: dict[str, Any]) -> Along:
    return Along(
        learnings=given["learnings"], episodes=given["episodes"], words=given["words"] or "none",
        check_ins=given.get("check_ins", False),
    )  # fmt: skip


def _change(request: HttpRequest, visit: Visit, hand_over: HandOver) -> HttpResponse:
    before = {
        "learnings": hand_over.with_learnings, "episodes": hand_over.with_episodes, "words": hand_over.words,
    }  # fmt: skip
    form = AlongForm(sent(request), initial=before)
    if form.is_valid() and attempt(
        form, lambda: change_along(visit.visitor, hand_over, _along(form.cleaned_data))
    ):
        return visit.go("moving", said="kept")
    kept = request.GET.get("said") == "kept"
    context = {"form": form, "hand_over": hand_over, "new": hand_over.to.name, "kept": kept}
    return show(request, visit, "moving", context, status=422 if form.errors else 200)
