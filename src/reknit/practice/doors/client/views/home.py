"""The client's own page: what waits for them, what they said, what came of it, who read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_safe

from reknit.practice import clock, loop
from reknit.practice.checkins.models import Answer, LinkKind
from reknit.practice.doors.client import told
from reknit.practice.doors.client.all_to_read import all_to_read
from reknit.practice.doors.client.download import everything
from reknit.practice.doors.client.forms import WidenForm
from reknit.practice.doors.client.links import Visit, attempt, by_link, sent, show, upcoming
from reknit.practice.doors.client.readers import addresses_made, helps, readings
from reknit.practice.doors.client.templatetags.questionnaire_pages import questionnaires_waiting
from reknit.practice.homework.models import HomeworkState
from reknit.practice.people import access
from reknit.practice.repairs.models import AgreementState, LearningState, Reply

CHECK_IN_STAYS_OPEN = timedelta(days=14)
KNOWN = (LearningState.CONFIRMED, LearningState.CORRECTED)


def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    """First what waits for an answer, then the rest, quietly."""
    waiting = _waiting(visit) if visit.has_consent else {}
    context = {
        "said": request.GET.get("said", ""),
        "address": request.build_absolute_uri(visit.address()),
        "upcoming": upcoming(visit),
        "check_ins": told.said(visit, loop.read_answers(visit.visitor, visit.relationship)),
        "ways": told.ways(visit),
        **waiting,
        "is_waiting": any(waiting.values()),
        **_kept(visit),
    }
    return show(request, visit, "home", context)


def _waiting(visit: Visit) -> dict[str, Any]:
    """What the client could answer now."""
    own = visit.relationship
    recent = clock.now() - CHECK_IN_STAYS_OPEN
    sessions = own.sessions.filter(status="attended", check_in=None, starts_at__gt=recent)
    return {
        "sessions": sessions.order_by("-starts_at"),
        "replies": Reply.objects.filter(episode__relationship=own, shared_at__isnull=False, answered_at=None),
        "new_agreements": own.agreements.filter(state=AgreementState.PROPOSED),
        "agreements_again": own.agreements.filter(
            state=AgreementState.STANDING, review_on__lte=clock.today()
        ),
        "new_homework": own.homework.filter(state=HomeworkState.PROPOSED),
        "waiting": questionnaires_waiting(visit)["waiting"],
        "new_learnings": own.learnings.filter(state=LearningState.PROPOSED),
        "learnings_again": own.learnings.filter(state__in=KNOWN, review_on__lte=clock.today()),
    }


def _kept(visit: Visit) -> dict[str, Any]:
    """What stands between the two, and what was answered."""
    own = visit.relationship
    return {
        "agreements": own.agreements.filter(state=AgreementState.STANDING),
        "learnings": own.learnings.filter(state__in=KNOWN),
        "homework": own.homework.exclude(state__in=(HomeworkState.PROPOSED, HomeworkState.WITHDRAWN)),
        "acknowledgements": own.acknowledgements.all()[:3],
        "answered": Reply.objects.filter(episode__relationship=own, answered_at__isnull=False).order_by(
            "-answered_at"
        ),
    }


@by_link(LinkKind.HOME)
@require_safe
def said(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Everything the client ever said here, with who sees it and who read it."""
    check_ins = told.said(visit, loop.read_answers(visit.visitor, visit.relationship))
    return show(request, visit, "said", {"check_ins": check_ins, "said": request.GET.get("said", "")})


@by_link(LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def widen(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Let more people see one answer; the lines of a check-in go together, as they were sent together."""
    own = access.readable_answers(visit.visitor, Answer.objects.select_related("check_in__session"))
    answer = get_object_or_404(own, pk=pk)
    form = WidenForm(sent(request), wider=told.wider(visit, answer))
    if form.is_valid() and attempt(form, lambda: _widen(visit, answer, form.cleaned_data["audience"])):
        return visit.go("said", said="widened")
    context = {"form": form, "answer": answer, "now": told.seen_by(answer)}
    return show(request, visit, "widen", context, status=422 if form.errors else 200)


def _widen(visit: Visit, answer: Answer, audience: str) -> None:
    together = [answer]
    if told.is_rating(answer):
        together = [
            a for a in answer.check_in.answers.all() if told.is_rating(a) and a.may_widen_to(audience)
        ]
    for each in together:
        loop.widen_audience(visit.visitor, each, audience)


@by_link(LinkKind.HOME)
@require_safe
def readers(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Who read the client's words and when, who was asked for help, and when this page got a new address."""
    check_ins = told.said(visit, loop.read_answers(visit.visitor, visit.relationship))
    context = {
        "check_ins": [each for each in check_ins if each.words],
        "helps": helps(visit, readings(visit)),
        "addresses": addresses_made(visit),
    }
    return show(request, visit, "readers", context)


@by_link(LinkKind.HOME)
@require_safe
def to_read(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All of it on one page, to read or print; with `?keep`, as a file that needs nothing else to be read."""
    keeps = "keep" in request.GET
    context = {
        "base": "client/on_its_own.html" if keeps else "common/base_client.html",
        "keeps": keeps,
        "made_at": clock.now(),
        **all_to_read(visit),
    }
    response = show(request, visit, "everything", context)
    if keeps:
        response.headers["Content-Disposition"] = 'attachment; filename="my-pages.html"'
    return response


@by_link(LinkKind.HOME)
@require_safe
def download(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All of it, as a file for programs."""
    response = JsonResponse(everything(visit), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Disposition"] = 'attachment; filename="my-pages.json"'
    return response
