"""A copy of everything that is kept about one relationship: for machines to read, and for people.

For the clinic that answers a client's request for access. It holds words that the therapist may not read:
hand it to the client, and to nobody else. (Most clients take their part away from their own page.) What the
therapist keeps for nobody else stays closed: private reflections, replies not shared, guesses. Of supervision
it tells with whom an episode was shared, and when; what the two said to each other is their own.
"""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Field, Model
from django.template.loader import render_to_string
from django.utils import translation

from reknit.practice import clock
from reknit.practice.checkins.models import Guess
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import Reply
from reknit.practice.rights.whole import whole
from reknit.practice.supervision.models import Remark, Share
from reknit.practice.trail import entries_for_relationship, record
from reknit.practice.vault.fields import EncryptedBytesField, EncryptedTextField

FORMAT = "reknit-export-1"
BETWEEN_THEM = {Share: {"question", "next_step"}, Remark: {"text"}}  # therapist and supervisor


def export(relationship: Relationship, path: Path, *, actor: str = "system") -> dict[str, int]:
    """Write ``path``, a ZIP file with ``relationship.json`` and ``relationship.html``.

    Returns:
        how many entries of each kind it holds.
    """
    kept = {held.model._meta.label_lower: _rows(held.model, held.keys) for held in whole(relationship)}
    read_by = entries_for_relationship(relationship.pk).order_by("number")
    trail = [dict(line) for line in read_by.values("number", "at", "actor", "verb", "subject", "detail")]
    data = {
        "format": FORMAT,
        "made_at": clock.now(),
        "relationship": relationship.pk,
        "kept": kept,
        "trail": trail,
    }
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as file:
        file.writestr("relationship.json", json.dumps(data, default=_plain, ensure_ascii=False, indent=2))
        with translation.override(relationship.client.language or settings.LANGUAGE_CODE):
            file.writestr("relationship.html", _page(relationship, kept, trail))
    path.chmod(0o600)
    record(actor, "exported", f"relationship:{relationship.pk}", relationship_id=relationship.pk)
    return {label: len(rows) for label, rows in kept.items()} | {"trail": len(trail)}


def _rows(model: type[Model], keys: frozenset[int]) -> list[dict[str, Any]]:
    """The rows as plain values, the oldest first, without what is closed to everybody but its author."""
    if model is Guess:
        return []
    closed = BETWEEN_THEM.get(model, set())
    fields = [f for f in model._meta.concrete_fields if not _private(f) and f.name not in closed]
    rows = model._base_manager.filter(pk__in=keys).order_by("pk")
    if model is Reply:
        rows = rows.exclude(shared_at=None)
    return [{field.attname: field.value_from_object(row) for field in fields} for row in rows]


def _private(field: Field[Any, Any]) -> bool:
    """Private reflections, passwords, and the hashes of links."""
    closed = isinstance(field, EncryptedTextField | EncryptedBytesField) and field.ring == "reflections"
    return closed or field.name in ("password", "token_hash")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _page(relationship: Relationship, kept: dict[str, Any], trail: list[dict[str, Any]]) -> str:
    tables = [
        {
            "title": label.rpartition(".")[2],
            "columns": list(rows[0]),
            "rows": [list(row.values()) for row in rows],
        }
        for label, rows in kept.items()
        if rows
    ]
    given = {"relationship": relationship, "tables": tables, "trail": trail, "made_at": clock.now()}
    return render_to_string("rights/relationship.html", given)
