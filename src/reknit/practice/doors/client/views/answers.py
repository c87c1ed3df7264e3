"""What the client answers: a reply, a learning, an agreement, homework. One thing a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from reknit.practice import loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.client.forms import (
    AcknowledgementForm,
    AgreementForm,
    HomeworkForm,
    HomeworkReportForm,
    LearningForm,
    ReplyForm,
)
from reknit.practice.doors.client.links import Visit, attempt, by_link, sent, show
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.repairs.models import (
    Acknowledgement,
    Agreement,
    AgreementState,
    Episode,
    Learning,
    LearningState,
    Reply,
)

answering = require_http_methods(["GET", "HEAD", "POST"])


@by_link(LinkKind.HOME)
@answering
def reply(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """What the therapist wrote back: is that it?"""
    shared = Reply.objects.select_related("episode__session").filter(shared_at__isnull=False)
    found = get_object_or_404(shared, pk=pk, episode__relationship=visit.relationship)
    form = ReplyForm(sent(request))
    if form.is_valid() and attempt(
        form, lambda: loop.answer_reply(visit.visitor, found, **form.cleaned_data)
    ):
        return visit.go(said="answered")
    return show(request, visit, "reply", {"form": form, "reply": found}, status=422 if form.errors else 200)


@by_link(LinkKind.HOME)
@require_POST
def mended(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """The client says that it is mended."""
    loop.say_mended(visit.visitor, get_object_or_404(Episode, pk=pk, relationship=visit.relationship))
    return visit.go(said="mended")


@by_link(LinkKind.HOME)
@answering
def learning(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """What the therapist has learned about the client: right, better said, or no longer so."""
    learned = Learning.objects.exclude(state=LearningState.RETIRED)
    found = get_object_or_404(learned, pk=pk, relationship=visit.relationship)
    form = LearningForm(sent(request), learning=found)
    if form.is_valid() and attempt(form, lambda: _say(visit, found, form)):
        return visit.go(said="learned")
    return show(
        request, visit, "learning", {"form": form, "learning": found}, status=422 if form.errors else 200
    )


def _say(visit: Visit, found: Learning, form: LearningForm) -> None:
    given = form.cleaned_data
    answer, meant = given["answer"], {name: given[name] for name in ("strength", "condition")}
    if answer == form.BETTER:
        loop.correct_learning(visit.visitor, found, given["sentence"], **meant)
    elif answer == form.NO_LONGER:
        loop.retire_learning(visit.visitor, found)
    else:
        loop.confirm_learning(visit.visitor, found)


@by_link(LinkKind.HOME)
@answering
def agreement(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """A promise between the two: it stands once the client agrees."""
    found = get_object_or_404(Agreement, pk=pk, relationship=visit.relationship)
    form = AgreementForm(
        sent(request), standing=found.state == AgreementState.STANDING, again=found.is_to_review
    )
    if form.is_valid() and attempt(form, lambda: _agree(visit, found, form.cleaned_data["answer"])):
        return visit.go(said="agreement")
    return show(
        request, visit, "agreement", {"form": form, "agreement": found}, status=422 if form.errors else 200
    )


def _agree(visit: Visit, found: Agreement, answer: str) -> None:
    if answer == AgreementForm.DONE:
        loop.retire_agreement(visit.visitor, found)
    else:
        loop.answer_agreement(visit.visitor, found, accept=answer == AgreementForm.ACCEPT)


@by_link(LinkKind.HOME)
@answering
def homework(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Something to try between sessions: does it suit, and later, how did it go.

    What was said stands there, to be changed or added to: the report as often as they like, the answer until
    there is a report.
    """
    proposed = Homework.objects.exclude(state=HomeworkState.WITHDRAWN)
    found = get_object_or_404(proposed, pk=pk, relationship=visit.relationship)
    suits = found.state == HomeworkState.SUITS and "again" not in request.GET
    kind = HomeworkReportForm if suits or found.reported_at else HomeworkForm
    form: HomeworkReportForm | HomeworkForm = kind(sent(request), initial=kind.said(found))
    if form.is_valid() and attempt(form, lambda: _about_homework(visit, found, form)):
        return visit.go(said="homework")
    context = {"form": form, "homework": found, "may_change_mind": suits and not found.reported_at}
    return show(request, visit, "homework", context, status=422 if form.errors else 200)


def _about_homework(visit: Visit, found: Homework, form: HomeworkForm | HomeworkReportForm) -> None:
    given = form.cleaned_data
    if isinstance(form, HomeworkForm):
        loop.answer_homework(visit.visitor, found, given["answer"], given["words"])
        return
    scales = {name: None if given[name] is None else int(given[name]) for name in form.SCALES}
    loop.report_homework(visit.visitor, found, done=given["done"] == "yes", words=given["words"], **scales)


@by_link(LinkKind.HOME)
@answering
def acknowledgement(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Something good that the therapist said. An answer is welcome and never asked for."""
    found = get_object_or_404(Acknowledgement, pk=pk, relationship=visit.relationship)
    form = AcknowledgementForm(sent(request))
    if form.is_valid() and attempt(
        form, lambda: loop.answer_acknowledgement(visit.visitor, found, form.cleaned_data["words"])
    ):
        return visit.go(said="acknowledged")
    context = {"form": form, "acknowledgement": found}
    return show(request, visit, "acknowledgement", context, status=422 if form.errors else 200)
