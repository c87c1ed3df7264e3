"""One difficulty, from being noticed to what became of it: where it stands, and the one thing to do now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import Form, model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reknit.practice import loop
from reknit.practice.doors.therapist import letters, pictures
from reknit.practice.doors.therapist.desk import at_the_desk, own_or_404, said_kindly, to_place, took
from reknit.practice.doors.therapist.forms import (
    AgreementForm,
    AskForm,
    LearningForm,
    ReflectionForm,
    ReplyForm,
    UnderstandForm,
)
from reknit.practice.doors.therapist.progress import line_of
from reknit.practice.insight import words
from reknit.practice.insight.estimates import curve
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Role
from reknit.practice.repairs.models import Episode, LearningState, Reply, ReplyAnswer, State

WITH_PEOPLE = Episode.objects.select_related(
    "relationship__client", "relationship__clinic", "session", "check_in"
)
FORMS_FOR = {  # what there is to do, and the forms that the page then has
    "understand": ("understand_form",),
    "reply": ("reply_form", "understand_form"),
    "wait": ("reply_form",),
    "listen": ("reply_form",),
    "agree": ("learning_form", "agreement_form"),
}
ALWAYS = ("reflection_form", "ask_form")


@require_safe
@at_the_desk
def episode(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    return page(request, visitor, own_or_404(visitor, WITH_PEOPLE, pk))


def page(request: HttpRequest, visitor: Visitor, episode: Episode, **given: Any) -> HttpResponse:
    """The page of one episode. A form that came back with errors is given by its name and keeps its place."""
    shared = list(episode.replies.exclude(shared_at=None))
    check_ins = min(loop.check_ins_since_agreed(episode), 2)
    sealed, said = letters.about(visitor, episode.check_in)
    to_do = _to_do(episode, shared)
    wrong = {name: form for name, form in given.items() if getattr(form, "errors", None)}
    context: dict[str, Any] = {
        "place": "caseload",
        "episode": episode,
        "relationship": episode.relationship,
        "called": episode.relationship.client.called,
        "line": line_of(episode),
        "to_do": to_do,
        "sealed": sealed,
        "said": said,
        "shared": shared,
        "last": shared[-1] if shared else None,
        "known": episode.relationship.learnings.exclude(state=LearningState.RETIRED),
        "learnings": episode.learnings.exclude(state=LearningState.RETIRED)
        .select_related("session")
        .prefetch_related("changes"),
        "agreements": episode.agreements.all(),
        "check_ins": check_ins,
        "curve": _curve(episode) if check_ins or episode.closed_at else "",
        "may_reply": "reply_form" in FORMS_FOR.get(to_do, ()),
        "may_invite": _may_invite(visitor, episode),
        "reflections": loop.reflections(visitor, episode),
        "shares": episode.shares.filter(taken_back_at=None).select_related("supervisor"),
        "stranded": [form for name, form in wrong.items() if name not in FORMS_FOR.get(to_do, ()) + ALWAYS],
    }
    context |= _forms(visitor, episode) | given
    return render(request, "therapist/episode.html", context, status=422 if wrong else 200)


def _forms(visitor: Visitor, episode: Episode) -> dict[str, Form | None]:
    draft = episode.replies.filter(shared_at=None).first()
    supervisors = access.supervisors_for(visitor, episode.relationship)
    return {
        "understand_form": UnderstandForm(initial=model_to_dict(episode, UnderstandForm.base_fields)),
        "reply_form": ReplyForm(initial={"text": draft.text if draft else ""}),
        "reflection_form": ReflectionForm(auto_id="reflection_%s"),
        "ask_form": AskForm(supervisors=supervisors) if supervisors else None,
        "learning_form": LearningForm(auto_id="learning_%s"),
        "agreement_form": AgreementForm(auto_id="agreement_%s"),
    }


def _may_invite(visitor: Visitor, episode: Episode) -> bool:
    """Whether this therapist could invite a supervisor themself."""
    clinic = episode.relationship.clinic
    return visitor.user is not None and Role.SUPERVISOR in access.roles_given_by(visitor.user, clinic)


def _curve(episode: Episode) -> str:
    return pictures.curve_svg(curve(episode.relationship), [episode])


def _to_do(episode: Episode, shared: list[Reply]) -> str:
    """The one thing to do now: the name of the part of the page that helps with it."""
    if episode.state == State.ANSWERED:
        return "agree" if shared and shared[-1].answer == ReplyAnswer.YES else "listen"
    return {
        State.NOTICED: "understand",
        State.UNDERSTOOD: "reply",
        State.REPLIED: "wait",
        State.AGREED: "follow",
        State.FOLLOWED_UP: "follow",
        State.NOT_YET: "listen",
    }.get(State(episode.state), "closed")


@require_POST
@at_the_desk
def understand(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    episode = own_or_404(visitor, WITH_PEOPLE, pk)
    form = UnderstandForm(request.POST)
    if not took(form, lambda given: loop.understand(visitor, episode, **given)):
        return page(request, visitor, episode, understand_form=form)
    return redirect("therapist:episode", pk)


@require_POST
@at_the_desk
def reply(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Keep the draft, read it in private, or share it. What is typed is always kept; what is read is not."""
    episode = own_or_404(visitor, WITH_PEOPLE, pk)
    form = ReplyForm(request.POST)
    text = request.POST.get("text", "")
    if "share" in request.POST:
        if not took(form, lambda given: loop.share_reply(visitor, episode, given["text"])):
            return page(request, visitor, episode, reply_form=form)
        messages.success(request, _("Shared. They can read it on their own page and say whether that is it."))
        return to_place("episode", pk, "content")
    with said_kindly(request):
        if "text" in request.POST:
            loop.draft_reply(visitor, episode, text)
    if "read" not in request.POST:
        messages.success(request, _("Your draft is kept. Nobody else sees it."))
        return to_place("episode", pk, "content")
    reading = words.reading(text) if text.strip() else None
    if getattr(request, "htmx", False):
        return render(request, "therapist/partials/reading.html", {"reading": reading, "text": text})
    return page(
        request, visitor, episode, reply_form=ReplyForm(initial={"text": text}), reading=reading, text=text
    )


@require_POST
@at_the_desk
def reflect(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """A thought for nobody else: it has its own key and goes on no record."""
    episode = own_or_404(visitor, WITH_PEOPLE, pk)
    form = ReflectionForm(request.POST, auto_id="reflection_%s")
    if not took(form, lambda given: loop.reflect(visitor, episode, given["text"])):
        return page(request, visitor, episode, reflection_form=form)
    return to_place("episode", pk, "alone")


@require_POST
@at_the_desk
def close(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Two ways to close are the therapist's; only the client or later check-ins say that trust came back."""
    episode = own_or_404(visitor, WITH_PEOPLE, pk)
    ways = {"ended_well": loop.end_well, "not_a_rupture": loop.not_a_rupture}
    with said_kindly(request):
        if step := ways.get(request.POST.get("as", "")):
            step(visitor, episode)
            messages.success(request, _("Closed."))
    return redirect("therapist:episode", pk)
