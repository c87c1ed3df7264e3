"""Something the clinic should put right: said by the client, answered by the clinic, closed by the client."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from reknit.practice import loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.client.links import Visit, attempt, by_link, sent, show
from reknit.practice.doors.client.owed_forms import OwedAnswerForm, OwedForm
from reknit.practice.doors.client.readers import readings
from reknit.practice.people.access import clinic_can_listen


@by_link(LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def owed(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say what happened, and read what became of what was said before."""
    form = OwedForm(sent(request))
    if form.is_valid() and attempt(form, lambda: loop.say_owed(visit.visitor, **form.cleaned_data)):
        return visit.go("owed", said="owed")
    opened = readings(visit)
    context = {
        "form": form,
        "said": request.GET.get("said", ""),
        "listens": clinic_can_listen(visit.relationship),
        "repairs": [(one, opened.get(f"owed:{one.pk}", [])) for one in loop.read_owed(visit.visitor)],
    }
    return show(request, visit, "owed", context, status=422 if form.errors else 200)


@by_link(LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """Whether the clinic's answer mends it: yes, yes once it is done, or not yet."""
    repair = get_object_or_404(loop.read_owed(visit.visitor, pk))
    form = OwedAnswerForm(sent(request), repair=repair)
    if form.is_valid() and attempt(
        form, lambda: loop.answer_owed(visit.visitor, repair, **form.cleaned_data)
    ):
        return visit.go("owed", said="owed-answered")
    context = {"form": form, "repair": repair}
    return show(request, visit, "owed_answer", context, status=422 if form.errors else 200)
