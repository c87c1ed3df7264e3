"""Sessions: planned, moved, recorded, taken back; and the link that asks how it was."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from reknit.practice import loop
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.therapist import handover
from reknit.practice.doors.therapist.desk import (
    at_the_desk,
    back,
    own_or_404,
    relationship_or_404,
    said_kindly,
    to_place,
    took,
)
from reknit.practice.doors.therapist.forms import GuessForm, RecordForm, SessionForm
from reknit.practice.doors.therapist.views import relationship as pages
from reknit.practice.people.access import Visitor

WITH_PEOPLE = Session.objects.select_related("relationship__client", "guess", "check_in")


@require_POST
@at_the_desk
def plan(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    relationship = relationship_or_404(visitor, pk)
    form = SessionForm(request.POST)
    if not took(form, lambda given: loop.plan_session(visitor, relationship, given["starts_at"])):
        return pages.page(request, visitor, relationship, session_form=form)
    return to_place("relationship", pk, "sessions-title")


@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def move(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    session = own_or_404(visitor, WITH_PEOPLE, pk)
    form = SessionForm(request.POST or None, initial={"starts_at": session.starts_at})
    if request.method == "POST" and took(
        form, lambda given: loop.move_session(visitor, session, given["starts_at"])
    ):
        messages.success(request, _("Moved."))
        return redirect("therapist:relationship", session.relationship_id)
    context = {"place": "caseload", "session": session, "form": form}
    return render(request, "therapist/move.html", context, status=422 if form.errors else 200)


@require_POST
@at_the_desk
def record(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """One tap. After a session that was held comes the link that asks the client how it was."""
    session = own_or_404(visitor, WITH_PEOPLE, pk)
    form = RecordForm(request.POST)
    token = None
    with said_kindly(request):
        if not form.is_valid():
            raise loop.NotNow(_("Say what became of the session."))
        token = loop.record_session(visitor, session, form.cleaned_data["status"])
    if token and session.status == Status.ATTENDED:
        handover.keep(request, f"check-in-{pk}", token)
        return redirect("therapist:check_in", pk)
    return back(request, session.relationship_id)


@require_POST
@at_the_desk
def take_back(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    session = own_or_404(visitor, WITH_PEOPLE, pk)
    with said_kindly(request):
        loop.unrecord_session(visitor, session)
        handover.forget(request, f"check-in-{pk}")
        messages.success(request, _("Taken back. It can be recorded again."))
    return back(request, session.relationship_id)


@require_http_methods(["GET", "HEAD", "POST"])
@at_the_desk
def check_in(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """The link to one check-in, for the client's phone; a POST makes a new one."""
    session = own_or_404(visitor, WITH_PEOPLE, pk)
    if request.method == "POST":
        with said_kindly(request):
            if session.status != Status.ATTENDED:
                raise loop.NotNow(_("There is a check-in only after a session that was held."))
            token = loop.issue_link(visitor, session.relationship, LinkKind.CHECK_IN, session)
            handover.keep(request, f"check-in-{pk}", token)
        return redirect("therapist:check_in", pk)
    address = handover.kept_address(request, f"check-in-{pk}")
    ahead = session.relationship.sessions.filter(status=Status.PLANNED).exists()
    context = {
        "place": "caseload",
        "session": session,
        "relationship": session.relationship,
        "called": session.relationship.client.called,
        "arrived": hasattr(session, "check_in"),
        "address": address,
        "qr": handover.qr(address) if address else None,
        "session_form": None if ahead else SessionForm.after(session.starts_at),
        "guess_form": None if hasattr(session, "guess") or hasattr(session, "check_in") else GuessForm(),
    }
    return render(request, "therapist/check_in.html", context)
