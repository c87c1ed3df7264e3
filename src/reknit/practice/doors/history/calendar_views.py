"""Planning sessions from a calendar: upload, say who is who, and take back if need be."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from reknit.practice import loop
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.doors.history import calendars, steps
from reknit.practice.doors.history.calendars import Occurrence, Series
from reknit.practice.doors.history.forms import CalendarForm
from reknit.practice.people.access import Visitor

HOUR = 3600


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def begin(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Upload a calendar; what it holds is shown, and nothing is kept."""
    steps.own_clinic(visitor)
    assert visitor.user is not None
    form = CalendarForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            found = calendars.read(visitor, form.cleaned_data["file"].read(), visitor.user.zone)
            return _choose(request, visitor, found)
        except loop.NotNow as reason:
            form.add_error("file", str(reason))
    context = {"form": form, "readings": calendars.readings(visitor), "place": "history"}
    return render(request, "history/calendar.html", context, status=422 if form.errors else 200)


def _choose(request: HttpRequest, visitor: Visitor, found: list[Series]) -> HttpResponse:
    context = {
        "series": found,
        "relationships": calendars.running(visitor).values(),
        "found": signing.dumps([_packed(each) for each in found], salt=_salt(visitor), compress=True),
        "place": "history",
    }
    return render(request, "history/calendar_choose.html", context)


@require_POST
@signed_in
def plan(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Who is who was said: plan and move the sessions."""
    try:
        packed = signing.loads(request.POST.get("found", ""), salt=_salt(visitor), max_age=HOUR)
    except signing.BadSignature:
        messages.warning(request, _("That took more than an hour. Please upload the calendar again."))
        return redirect("history:calendar")
    found = [_unpacked(each) for each in packed]
    named = {each.key: request.POST.get(f"who-{each.key}", "") for each in found}
    try:
        done = calendars.plan(visitor, found, {key: int(pk) for key, pk in named.items() if pk.isdecimal()})
    except loop.NotNow as reason:
        messages.warning(request, str(reason))
        return redirect("history:calendar")
    for sentence in _told(done):
        messages.success(request, sentence)
    return redirect("history:calendar")


def _told(done: dict[str, int]) -> list[str]:
    """What was done, a sentence for each kind of it."""
    n, moved, off = done["planned"], done["moved"], done["called_off"]
    told = [ngettext("One session was planned.", "%(n)s sessions were planned.", n) % {"n": n}]
    if moved:
        told.append(ngettext("One was moved.", "%(n)s were moved.", moved) % {"n": moved})
    if off:
        called_off = ngettext(
            "One is cancelled in the calendar; note on the session whether it was in good time.",
            "%(n)s are cancelled in the calendar; note on each session whether it was in good time.",
            off,
        )
        told.append(called_off % {"n": off})
    return told


@require_POST
@signed_in
def undo(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Take back what one reading of a calendar planned."""
    at = parse_datetime(request.POST.get("at", ""))
    if at is None or at.tzinfo is None:
        raise Http404
    n = calendars.undo(visitor, at)
    messages.success(
        request, ngettext("One session was taken back.", "%(n)s sessions were taken back.", n) % {"n": n}
    )
    return redirect("history:calendar")


def _salt(visitor: Visitor) -> str:
    return f"calendar of {visitor.trail_name}"


def _packed(series: Series) -> dict[str, Any]:
    times = [(each.name, each.starts_at.isoformat(), each.is_cancelled) for each in series.times]
    return asdict(series) | {"times": times}


def _unpacked(packed: dict[str, Any]) -> Series:
    times = [Occurrence(name, datetime.fromisoformat(at), off) for name, at, off in packed["times"]]
    return Series(packed["key"], packed["text"], times, packed["guessed"])
