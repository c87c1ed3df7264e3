"""A therapist's caseload as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io

from reknit.practice.appointments.models import Status
from reknit.practice.insight.estimates import points_of
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import CLOSED
from reknit.practice.trail import record

HEADING = (
    "client", "code", "started_on", "ending", "sessions_held", "last_session", "trust", "trust_lo80",
    "trust_hi80", "open_episodes",
)  # fmt: skip


def caseload_csv(visitor: Visitor) -> str:
    """One row a relationship; trust with its 80 % interval, 0 to 10. No words are in it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADING)
    mine = access.relationships(visitor).select_related("client", "trust").order_by("pk")
    for relationship in mine.prefetch_related("sessions", "episodes"):
        writer.writerow([safe_cell(cell) for cell in _row(relationship)])
        record(visitor.trail_name, "exported", f"caseload:{relationship.pk}", relationship_id=relationship.pk)
    return out.getvalue()


def _row(relationship: Relationship) -> list[object]:
    held = [session for session in relationship.sessions.all() if session.status == Status.ATTENDED]
    kept = getattr(relationship, "trust", None)
    points = points_of(kept) if kept else []
    last = points[-1] if points else None
    trust = [f"{v:.2f}" for v in (last.trust, last.trust_lo80, last.trust_hi80)] if last else ["", "", ""]
    still_open = sum(episode.state not in CLOSED for episode in relationship.episodes.all())
    return [
        relationship.client.called, relationship.client.code, relationship.started_on, relationship.ending,
        len(held), max(session.starts_at for session in held).date() if held else "", *trust, still_open,
    ]  # fmt: skip


def safe_cell(cell: object) -> object:
    """A spreadsheet takes text that begins like a formula for one; a quote in front keeps it text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t\r" and cell else cell
