"""The check-in: how it was, in under a minute; then what happens with it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reknit.practice import loop
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import CheckIn, LinkKind
from reknit.practice.doors.client import told
from reknit.practice.doors.client.forms import AddWordsForm, CheckInForm
from reknit.practice.doors.client.links import Visit, attempt, by_link, sent, show, upcoming
from reknit.practice.doors.client.templatetags.questionnaire_pages import questionnaires_waiting
from reknit.practice.people.access import clinic_can_listen

INVITED_AT = (1, 5)  # the sessions at which the clinic asks for what is hard to say


def check_in(request: HttpRequest, visit: Visit, session: Session) -> HttpResponse:
    """The form, or, once it was sent, that it has arrived. Sending twice is the same as sending once."""
    if request.method != "POST" and CheckIn.objects.filter(session=session).exists():
        return show(request, visit, "received", {"session": session})
    form = CheckInForm(
        sent(request),
        clinic_listens=clinic_can_listen(visit.relationship),
        invites=session.number in INVITED_AT,
    )
    if form.is_valid() and attempt(
        form, lambda: loop.receive_check_in(visit.visitor, session, form.data_for_loop())
    ):
        return visit.go("received", key=form.cleaned_data["key"])
    response = show(
        request, visit, "check_in", {"form": form, "session": session}, 422 if form.errors else 200
    )
    # Nothing here came from the record, so the browser may keep it: going back must not lose what was typed.
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@by_link(LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def from_home(request: HttpRequest, visit: Visit, pk: int) -> HttpResponse:
    """A check-in that still waits, opened from the client's own page."""
    sessions = Session.objects.filter(relationship=visit.relationship)
    if request.method != "POST":  # what was typed is answered even if the session was taken back meanwhile
        sessions = sessions.filter(status=Status.ATTENDED)
    session = get_object_or_404(sessions, pk=pk)
    return check_in(request, visit, session)


@by_link(LinkKind.CHECK_IN, LinkKind.HOME)
@require_safe
def received(request: HttpRequest, visit: Visit, key: UUID) -> HttpResponse:
    """What happens next. Who sees what is told to the browser that sent it, which alone knows the key."""
    kept = _by_key(visit, key)
    if kept is None:
        return show(request, visit, "received")
    context = {
        "check_in": kept,
        "session": kept.session,
        "readers": told.who_reads(visit, kept),
        "upcoming": upcoming(visit),
        "waiting": questionnaires_waiting(visit)["waiting"],
        "earlier": loop.what_came_of_it(visit.relationship),
        "form": AddWordsForm(
            clinic_listens=clinic_can_listen(visit.relationship),
            initial={"audience": told.narrowest(kept)},
        ),
    }
    return show(request, visit, "received", context)


@by_link(LinkKind.CHECK_IN, LinkKind.HOME)
@require_POST
def add(request: HttpRequest, visit: Visit, key: UUID) -> HttpResponse:
    """Something more, after sending."""
    kept = _by_key(visit, key)
    form = AddWordsForm(request.POST, clinic_listens=clinic_can_listen(visit.relationship))
    if kept is None:
        return show(request, visit, "received")
    if form.is_valid() and attempt(form, lambda: loop.add_words(visit.visitor, kept, **form.cleaned_data)):
        return visit.go("received", said="added", key=key)
    return show(request, visit, "received", {"check_in": kept, "session": kept.session, "form": form}, 422)


def _by_key(visit: Visit, key: UUID) -> CheckIn | None:
    kept = CheckIn.objects.select_related("session").filter(relationship=visit.relationship, key=key)
    if visit.link.session_id:
        kept = kept.filter(session=visit.link.session_id)
    return kept.first()
