"""Upload, go through, import in steps, take back: each step short and kept, so nothing is half done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any

import polars as pl
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.doors.history.models import HistoryImport, ImportState, Touched
from reknit.practice.exchange import Checked, ExchangeError, Fault, Plan, check, read_upload
from reknit.practice.exchange.history import OldRow, keep_old_rows, take_back
from reknit.practice.loop import NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Role, User

ROWS_A_STEP = 5_000
RELATIONSHIPS_A_STEP = 50


def own_clinic(visitor: Visitor) -> Clinic:
    """The clinic of somebody who may import: a therapist for themselves, a lead for all therapists.

    Raises:
        PermissionDenied: they are neither.
    """
    if visitor.user is None:
        raise PermissionDenied
    clinic = access.clinics_of(visitor.user, Role.LEAD, Role.THERAPIST).order_by("pk").first()
    if clinic is None:
        raise PermissionDenied
    return clinic


def therapists(visitor: Visitor, clinic: Clinic) -> dict[str, User]:
    """Whose ratings this person may bring in, by e-mail; themselves under the empty name."""
    assert visitor.user is not None
    seats = User.objects.filter(memberships__clinic=clinic, memberships__role=Role.THERAPIST, is_active=True)
    leads = visitor.user.memberships.filter(clinic=clinic, role=Role.LEAD).exists()
    found = {user.email.lower(): user for user in (seats if leads else seats.filter(pk=visitor.user.pk))}
    return found | ({"": visitor.user} if visitor.user.email.lower() in found else {})


def upload(visitor: Visitor, name: str, data: bytes) -> HistoryImport:
    """Keep an uploaded table, as CSV, until it is imported.

    Raises:
        NotNow: it cannot be read.
    """
    clinic = own_clinic(visitor)
    assert visitor.user is not None
    try:
        frame = read_upload(name, data)
    except ExchangeError as error:
        raise NotNow(str(error)) from error
    return HistoryImport.objects.create(
        user=visitor.user, clinic=clinic, name=name[:120], content=frame.write_csv().encode(),
        rows_total=frame.height,
    )  # fmt: skip


def table(history: HistoryImport) -> pl.DataFrame:
    """The uploaded table."""
    return read_upload("table.csv", bytes(history.content))


def go_through(visitor: Visitor, history: HistoryImport, plan: Plan) -> Checked:
    """The dry run: check every cell by the plan and keep what is wrong. Nothing is imported.

    Raises:
        NotNow: the plan cannot be followed, or it is being imported already.
    """
    if history.state != ImportState.UPLOADED:
        raise NotNow(_("This file has been imported already."))
    try:
        checked = check(table(history), plan, clock.today())
    except ExchangeError as error:
        raise NotNow(str(error)) from error
    checked.faults.extend(_strange_therapists(visitor, history.clinic, plan, checked))
    checked.faults.sort(key=lambda fault: (fault.row, fault.column))
    history.plan = asdict(plan)
    history.faults = json.dumps([asdict(fault) for fault in checked.faults])
    history.save(update_fields=["plan", "faults"])
    return checked


def _strange_therapists(visitor: Visitor, clinic: Clinic, plan: Plan, checked: Checked) -> Iterator[Fault]:
    known = therapists(visitor, clinic)
    for row, name in checked.rows.select("row", "therapist").iter_rows():
        if (name or "").lower() not in known:
            column = plan.columns.get("therapist", plan.columns["client"])
            yield Fault(row, column, _("there is no such therapist whose ratings you may bring in"))


def faults_of(history: HistoryImport) -> list[dict[str, Any]]:
    return list(json.loads(history.faults)) if history.faults else []


def begin(history: HistoryImport) -> None:
    """Told to import. Rows with faults are left out."""
    if history.state != ImportState.UPLOADED or not history.plan:
        raise NotNow(_("Go through the file first."))
    history.state, history.rows_done = ImportState.IMPORTING, 0
    history.rows_total = _good_rows(history).height
    history.save(update_fields=["state", "rows_done", "rows_total"])


def _good_rows(history: HistoryImport) -> pl.DataFrame:
    """The rows without a fault, those of one relationship together."""
    checked = check(table(history), Plan(**history.plan), clock.today())
    bad = {fault["row"] for fault in faults_of(history)}
    return checked.rows.filter(~pl.col("row").is_in(bad))


@transaction.atomic
def step(visitor: Visitor, history: HistoryImport) -> None:
    """Go a little further with what was begun: some thousand rows in, or some relationships back."""
    history = HistoryImport.objects.select_for_update().get(pk=history.pk)
    if history.state == ImportState.IMPORTING:
        _import_some(visitor, history)
    elif history.state == ImportState.UNDOING:
        _undo_some(visitor, history)


def _import_some(visitor: Visitor, history: HistoryImport) -> None:
    rows = _good_rows(history)
    known = therapists(visitor, history.clinic)
    for email, many in _some(rows.slice(history.rows_done).iter_rows(named=True)):
        kept = keep_old_rows(visitor.trail_name, known[email], history.clinic, many)
        Touched.objects.bulk_create(
            Touched(
                history=history, relationship=each.relationship, is_new=each.is_new,
                sessions=[session.pk for session in each.sessions],
            )
            for each in kept
        )  # fmt: skip
        history.rows_done += sum(len(rows) for _called, rows in many)
    if history.rows_done >= rows.height:
        history.state, history.content, history.faults = ImportState.DONE, b"", ""
    history.save()


def _some(rows: Iterator[dict[str, Any]]) -> Iterator[tuple[str, list[tuple[str, list[OldRow]]]]]:
    """The next relationships, whole, grouped by therapist, until a step is full."""
    groups: dict[str, list[tuple[str, list[OldRow]]]] = {}
    taken = 0
    for (client, therapist), own in groupby(rows, key=lambda row: (row["client"], row["therapist"] or "")):
        old = [OldRow(row["on"], row["rating"], row["difficulty"], row["attended"] != 0) for row in own]
        groups.setdefault(therapist.lower(), []).append((client, old))
        taken += len(old)
        if taken >= ROWS_A_STEP:
            break
    yield from groups.items()


def undo(history: HistoryImport) -> None:
    """Told to take everything back that the import made."""
    if history.state not in (ImportState.DONE, ImportState.IMPORTING):
        raise NotNow(_("There is nothing to take back."))
    history.state, history.content, history.faults = ImportState.UNDOING, b"", ""
    history.save(update_fields=["state", "content", "faults"])


def _undo_some(visitor: Visitor, history: HistoryImport) -> None:
    for each in history.touched.select_related("relationship__client").order_by("-pk")[:RELATIONSHIPS_A_STEP]:
        take_back(visitor.trail_name, each.relationship, each.sessions, each.is_new)
        history.rows_done = max(0, history.rows_done - len(each.sessions))
        history.touched.filter(pk=each.pk).delete()
    if not history.touched.exists():
        history.state, history.rows_done = ImportState.UNDONE, 0
    history.save()
