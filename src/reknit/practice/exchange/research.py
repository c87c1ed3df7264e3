"""What a researcher takes away: tables without words, names or dates, of those who agreed to it."""

from __future__ import annotations

import hashlib
import hmac
import io
import zipfile

from reknit.cohort.exchange.tables import extract
from reknit.practice.exchange.gather import gather_for_research
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic
from reknit.practice.trail import record
from reknit.practice.vault.rings import sealing_key


def research_extract(visitor: Visitor, clinic: Clinic) -> bytes:
    """A ZIP file with `sessions.csv`, `answers.csv` and `codebook.csv`.

    The same client has the same made-up name in every extract of a clinic; only the house's own key, which
    never leaves it, leads back.

    Raises:
        PermissionDenied: the visitor is neither researcher nor lead of the clinic.
    """
    secret = hmac.new(sealing_key(), f"research:{clinic.pk}".encode(), hashlib.sha256).digest()
    tables = extract(gather_for_research(visitor, clinic), secret)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, table in tables.items():
            file.writestr(f"{name}.csv", table.write_csv())
    record(visitor.trail_name, "exported", f"research:clinic:{clinic.pk}")
    return out.getvalue()
