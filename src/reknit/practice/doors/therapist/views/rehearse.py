"""A quiet place to rehearse. What is typed lives in the page alone: nothing is kept, nothing is counted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from reknit.practice.doors.therapist import pictures
from reknit.practice.doors.therapist.desk import at_the_desk
from reknit.practice.doors.therapist.forms import RehearseForm
from reknit.practice.insight import rehearsal, words
from reknit.practice.insight.rehearsal import Talk
from reknit.practice.people.access import Visitor
from reknit.practice.repairs.models import Cause

A_DAY = 24 * 3600


@require_safe
@at_the_desk
def scenes(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """All scenes; those like the difficulty that one comes from (`?like=` its cause) first."""
    close, others = rehearsal.scenes_like(request.GET.get("like", ""))
    return render(request, "therapist/rehearse.html", {"place": "rehearse", "close": close, "others": others})


@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def scene(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    """The talk so far comes back with each form, signed, and is nowhere else."""
    try:
        talk = rehearsal.begin(code)
    except KeyError:
        raise Http404 from None
    if request.method != "POST":
        return _page(request, visitor, talk, RehearseForm())
    try:
        talk = _so_far(request, visitor, talk)
    except signing.BadSignature:
        messages.warning(request, _("This rehearsal is too old to go on with. It begins anew."))
        return redirect("therapist:rehearse_scene", code)
    if "read" in request.POST:
        return _read(request, visitor, talk)
    if "look_back" in request.POST and talk.said:
        return _look_back(request, talk)
    return _say(request, visitor, talk)


def _say(request: HttpRequest, visitor: Visitor, talk: Talk) -> HttpResponse:
    form = RehearseForm(request.POST)
    if not talk.is_full and form.is_valid():
        talk, form = talk.say(form.cleaned_data["text"]), RehearseForm()
    return _page(request, visitor, talk, form, status=422 if form.errors else 200)


def _read(request: HttpRequest, visitor: Visitor, talk: Talk) -> HttpResponse:
    """The same private reading as of a real reply."""
    text = request.POST.get("text", "")
    read: dict[str, Any] = {"reading": words.reading(text) if text.strip() else None, "text": text}
    if getattr(request, "htmx", False):
        return render(request, "therapist/partials/reading.html", read)
    return _page(request, visitor, talk, RehearseForm(initial={"text": text}), **read)


def _look_back(request: HttpRequest, talk: Talk) -> HttpResponse:
    debrief, turns, missing = rehearsal.look_back(talk)
    context = {
        "scene": talk.scene,
        "debrief": debrief,
        "turns": turns,
        "missing": missing,
        "curve": pictures.rehearsal_svg(debrief.curve, talk.scene.bond),
    }
    return render(request, "therapist/rehearse_debrief.html", {"place": "rehearse", **context})


def _page(
    request: HttpRequest, visitor: Visitor, talk: Talk, form: RehearseForm, *, status: int = 200, **read: Any
) -> HttpResponse:
    context = {
        "place": "rehearse",
        "scene": talk.scene,
        "cause": Cause(talk.scene.cause).label,
        "talk": talk,
        "kept": signing.dumps(talk.as_plain(), salt=_salt(visitor), compress=True),
        "form": form,
        **read,
    }
    return render(request, "therapist/rehearse_scene.html", context, status=status)


def _so_far(request: HttpRequest, visitor: Visitor, fresh: Talk) -> Talk:
    """The talk that the form brought back; raises BadSignature where it is not one of this person's."""
    plain = signing.loads(request.POST.get("kept", ""), salt=_salt(visitor), max_age=A_DAY)
    return Talk.of(plain) if plain["code"] == fresh.scene.code else fresh


def _salt(visitor: Visitor) -> str:
    return f"rehearsal of {visitor.trail_name}"
