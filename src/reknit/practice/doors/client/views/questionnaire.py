"""A questionnaire: filled in when it waits, kept while unfinished, and help at once where it says danger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from reknit.measures import Item, by_key
from reknit.practice import loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.client.links import Visit, by_link, sent, show
from reknit.practice.doors.client.questionnaire_forms import QuestionnaireForm, says
from reknit.practice.loop import questionnaires as steps
from reknit.practice.people.access import clinic_can_listen
from reknit.practice.questionnaires.due import Due, setting_of
from reknit.practice.questionnaires.models import Response


@by_link(LinkKind.CHECK_IN, LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def questionnaire(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """The form of one schedule. Answers that open further questions are kept; the form returns with them."""
    due = _due_or_404(visit, pk)
    kept = _kept(visit, due)
    form = _form(visit, due, sent(request), due.measure.enabled({**kept, **_given(request, due)}), kept)
    if request.method == "POST" and form.is_valid():
        answer = _take(request, visit, due, form)
        if answer is not None:
            return answer
        form = _again(visit, due, form)
    return show(request, visit, "questionnaire", _context(visit, due, form), 422 if form.errors else 200)


def _take(request: HttpRequest, visit: Visit, due: Due, form: QuestionnaireForm) -> HttpResponse | None:
    """Keep or send what came in; None when the form is to be shown again, with all that was typed."""
    opened = [
        item for item in form.items if item.asks and item.key not in request.POST.get("shown", "").split()
    ]
    unsure = form.left_out and form.cleaned_data["anyway"] != "yes"
    try:
        if "keep" in request.POST:
            response = steps.keep_filled(visit.visitor, due, form.filled)
        elif opened or unsure:
            steps.keep_filled(visit.visitor, due, form.filled)
            return None
        else:
            response = steps.send_filled(visit.visitor, due, form.filled)
    except loop.NotNow as reason:
        form.add_error(None, str(reason))
        return None
    return visit.go("questionnaire_kept", key=response.key)


def _again(visit: Visit, due: Due, form: QuestionnaireForm) -> QuestionnaireForm:
    """The same form with what was typed, with the newly opened questions, able to be sent as it stands."""
    if form.errors:
        return form
    left = len(form.left_out)
    kept = {**form.filled.values, **form.filled.words}
    items = due.measure.enabled(kept)
    again = _form(
        visit, due, None, items, {key: value for key, value in kept.items() if value not in (None, "")}
    )
    again.initial.update(anyway="yes", audience=form.filled.audience or due.measure.audience)
    again.remark = ngettext(  # type: ignore[attr-defined]
        "Nothing has been sent yet. %(left)d question has no answer; you can leave it so and send.",
        "Nothing has been sent yet. %(left)d questions have no answer; you can leave them so and send.",
        left,
    ) % {"left": left}  # fmt: skip
    return again


@by_link(LinkKind.CHECK_IN, LinkKind.HOME)
@require_safe
def kept(request: HttpRequest, visit: Visit, key: UUID) -> HttpResponse:
    """What happens with it. Only the browser that sent it knows this address. Danger shows help first."""
    response = get_object_or_404(Response, key=key, relationship=visit.relationship)
    alert = response.alerts.select_related("owner").first()
    setting = setting_of(visit.clinic, response.measure_key)
    told = {
        "response": response,
        "alert": alert,
        "hours": setting.hours if setting else None,
        "title": says(setting.measure, setting.measure.title) if setting else "",
        "next": loop.what_happens_next(visit.relationship),
    }
    return show(request, visit, "questionnaire_kept", told)


def _due_or_404(visit: Visit, pk: int) -> Due:
    """A questionnaire that waits. A check-in's link opens only what belongs to its own session."""
    for due in steps.what_waits(visit.visitor):
        if due.schedule.pk == pk and (visit.is_home or due.session.pk == visit.link.session_id):
            return due
    raise Http404


def _kept(visit: Visit, due: Due) -> dict[str, Any]:
    """What was filled in before; on the client's own page only, as other links pass through other hands."""
    if not visit.is_home:
        return {}
    if due.response is not None and _may_show(visit, due.response):
        return {**due.response.values, **due.response.words}
    return _carried(visit, due)


def _may_show(visit: Visit, response: Response) -> bool:
    return steps.read_responses(visit.visitor, visit.relationship).filter(pk=response.pk).exists()


def _carried(visit: Visit, due: Due) -> dict[str, Any]:
    """What stays from one time to the next, such as the words of a goal."""
    stays = {item.key for item in due.measure.items if item.carried_forward}
    earlier = steps.read_responses(visit.visitor, visit.relationship)
    last = earlier.filter(measure=due.measure.canonical, sent_at__isnull=False).last() if stays else None
    return {key: words for key, words in last.words.items() if key in stays} if last else {}


def _given(request: HttpRequest, due: Due) -> dict[str, Any]:
    """What the browser sent, as far as it opens further questions; the form checks it afterwards."""
    given: dict[str, Any] = {}
    for item in due.measure.questions:
        if item.key in request.POST:
            raw = request.POST[item.key]
            codes = [option.code for option in item.choices]
            given[item.key] = item.value_of(raw) if raw in codes else raw
    return given


def _form(
    visit: Visit, due: Due, data: Any, items: tuple[Item, ...], kept: dict[str, Any]
) -> QuestionnaireForm:
    return QuestionnaireForm(
        data, measure=due.measure, items=items, kept=kept,
        clinic_listens=clinic_can_listen(visit.relationship),
    )  # fmt: skip


def _context(visit: Visit, due: Due, form: QuestionnaireForm) -> dict[str, Any]:
    setting = setting_of(visit.clinic, due.schedule.measure)
    begun = due.response is not None and not visit.is_home
    alerted = setting.alerted if setting and due.measure.risk_items else None
    shipped = by_key().get(due.measure.key)
    published_in = "en" if shipped == due.measure else ""  # words supplied locally may be in any language
    return {"form": form, "due": due, "measure": due.measure, "begun": begun, "alerted": alerted,
            "published_in": published_in,
            "hours": setting.hours if setting else None}  # fmt: skip
