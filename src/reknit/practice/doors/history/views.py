"""Bringing in a clinic's old ratings: upload, match columns, look, import, and take back if need be."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reknit.practice import loop
from reknit.practice.doors.common.signed_in import signed_in
from reknit.practice.doors.history import steps
from reknit.practice.doors.history.forms import PlanForm, UploadForm
from reknit.practice.doors.history.models import HistoryImport, ImportState
from reknit.practice.exchange import guess, guess_dates, guess_scale
from reknit.practice.exchange.caseload import caseload_csv, safe_cell
from reknit.practice.people.access import Visitor

FAULTS_SHOWN, ROWS_SHOWN = 100, 8


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def begin(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Upload a table. It is read, and nothing is imported."""
    steps.own_clinic(visitor)
    form = UploadForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = steps.upload(visitor, file.name, file.read())
            return redirect("history:look", made.pk)
        except loop.NotNow as reason:
            form.add_error("file", str(reason))
    assert visitor.user is not None
    context = {"form": form, "earlier": visitor.user.history_imports.all()[:20], "place": "history"}
    return render(request, "history/begin.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def look(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Match the columns and go through every cell; or see how far an import is."""
    history = _own_or_404(visitor, pk)
    if history.state != ImportState.UPLOADED:
        return render(request, "history/progress.html", {"history": history, "place": "history"})
    frame = steps.table(history)
    form = PlanForm(request.POST or None, columns=frame.columns, initial=_proposal(history, frame))
    context: dict[str, Any] = {"form": form, "history": history, "place": "history"}
    if form.is_valid():
        try:
            checked = steps.go_through(visitor, history, form.plan)
            context |= _seen(checked)
        except loop.NotNow as reason:
            form.add_error(None, str(reason))
    context |= {"columns": frame.columns, "first": frame.head(ROWS_SHOWN).rows()}
    return render(request, "history/look.html", context, status=422 if form.errors else 200)


def _proposal(history: HistoryImport, frame: Any) -> dict[str, Any]:
    if history.plan:
        return {**history.plan["columns"], **history.plan}
    columns = guess(frame)
    found: dict[str, Any] = dict(columns)
    if "date" in columns:
        found["dates"] = guess_dates(frame[columns["date"]])
    if "rating" in columns:
        found["lo"], found["hi"] = guess_scale(frame[columns["rating"]])
    return found


def _seen(checked: Any) -> dict[str, Any]:
    bad = {fault.row for fault in checked.faults}
    good = [row for row in checked.rows.iter_rows(named=True) if row["row"] not in bad]
    return {
        "is_checked": True,
        "faults": checked.faults[:FAULTS_SHOWN],
        "faults_count": len(checked.faults),
        "good_count": len(good),
        "clients_count": len({(row["client"], row["therapist"]) for row in good}),
        "preview": good[:ROWS_SHOWN],
    }


@require_safe
@signed_in
def faults(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Every fault, as a table for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["row", "column", "message"])
    found = steps.faults_of(_own_or_404(visitor, pk))
    writer.writerows([safe_cell(fault[name]) for name in ("row", "column", "message")] for fault in found)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="faults.csv"'
    return response


@require_POST
@signed_in
def run(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Told to import: begin. The steps follow."""
    _or_say(request, lambda: steps.begin(_own_or_404(visitor, pk)))
    return redirect("history:look", pk)


@require_POST
@signed_in
def step(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """One step further. A script asks for the next one; without it, a button does."""
    steps.step(visitor, _own_or_404(visitor, pk))
    history = _own_or_404(visitor, pk)
    if request.headers.get("Accept") != "application/json":
        return redirect("history:look", pk)
    return JsonResponse({"done": history.rows_done, "total": history.rows_total, "moving": history.is_moving})


@require_POST
@signed_in
def undo(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Told to take everything back."""
    _or_say(request, lambda: steps.undo(_own_or_404(visitor, pk)))
    return redirect("history:look", pk)


@require_safe
@signed_in
def caseload(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The caseload for a spreadsheet."""
    response = HttpResponse(caseload_csv(visitor), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="caseload.csv"'
    return response


def _or_say(request: HttpRequest, act: Callable[[], None]) -> None:
    """What cannot be done now becomes a sentence on the next page."""
    try:
        act()
    except loop.NotNow as reason:
        messages.warning(request, str(reason))


def _own_or_404(visitor: Visitor, pk: int) -> HistoryImport:
    return get_object_or_404(HistoryImport, pk=pk, user=visitor.user)
