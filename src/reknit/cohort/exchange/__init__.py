"""Exchange with other systems: FHIR R4, REDCap, tables, calendars. Plain records in, text and tables out."""

from reknit.cohort.exchange.fhir_in import dossiers, from_bundle
from reknit.cohort.exchange.fhir_out import bundle, resources
from reknit.cohort.exchange.ndjson import read_bulk, write_bulk
from reknit.cohort.exchange.records import (
    Answer,
    Consent,
    Dossier,
    Episode,
    ExchangeError,
    Form,
    Letter,
    Meeting,
    Step,
    Trust,
)
from reknit.cohort.exchange.validate import problems, require_valid

__all__ = [
    "Answer",
    "Consent",
    "Dossier",
    "Episode",
    "ExchangeError",
    "Form",
    "Letter",
    "Meeting",
    "Step",
    "Trust",
    "bundle",
    "dossiers",
    "from_bundle",
    "problems",
    "read_bulk",
    "require_valid",
    "resources",
    "write_bulk",
]
