"""Records of the practice as dossiers for exchange, and dossiers back into records.

The plain half of exchange, which knows no records, is `reknit.cohort.exchange`; what the doors need of it is
offered here.
"""

from reknit.cohort.exchange import ExchangeError, bundle, from_bundle, require_valid, resources
from reknit.cohort.exchange.history import (
    DATES,
    NEEDED,
    ROLES,
    Checked,
    Fault,
    Plan,
    check,
    guess,
    guess_dates,
    guess_scale,
    read_upload,
)
from reknit.cohort.exchange.ical import Appointment, CalendarEntry, entries, feed, initials

__all__ = [
    "DATES",
    "NEEDED",
    "ROLES",
    "Appointment",
    "CalendarEntry",
    "Checked",
    "ExchangeError",
    "Fault",
    "Plan",
    "bundle",
    "check",
    "entries",
    "feed",
    "from_bundle",
    "guess",
    "guess_dates",
    "guess_scale",
    "initials",
    "read_upload",
    "require_valid",
    "resources",
]
