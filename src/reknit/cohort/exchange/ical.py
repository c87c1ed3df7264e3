"""A calendar feed that reveals nothing: initials, the time, and no word of what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reknit.cohort.exchange.records import ExchangeError

LASTS = timedelta(minutes=50)


@dataclass(frozen=True)
class Appointment:
    """One planned session. `initials` is all that is shown of the client."""

    uid: str
    starts_at: datetime
    initials: str
    changed_at: datetime
    times_moved: int = 0


def initials(name: str) -> str:
    """The first letters of a name's parts, two at most: `J. D.`; a dot alone where there is no letter."""
    letters = [part[0].upper() for part in name.split() if part[0].isalpha()]
    return " ".join(f"{letter}." for letter in letters[:2]) or "."


def feed(appointments: Iterable[Appointment], *, name: str, lasts: timedelta = LASTS) -> bytes:
    """The appointments as iCalendar (RFC 5545).

    Args:
        appointments: times with a zone.
        name: of the calendar, as calendar programs show it.
        lasts: how long a session is taken to last.

    Raises:
        ExchangeError: the calendar library is not installed.
    """
    try:
        from icalendar import Calendar, Event
    except ImportError as error:
        raise ExchangeError("a calendar needs the extra packages of `reknit[exchange]`") from error
    calendar = Calendar()
    for key, value in (("prodid", "-//Reknit//EN"), ("version", "2.0"), ("x-wr-calname", name)):
        calendar.add(key, value)
    for each in appointments:
        event = Event()
        event.add("uid", each.uid)
        event.add("summary", each.initials)
        event.add("dtstart", each.starts_at)
        event.add("dtend", each.starts_at + lasts)
        event.add("dtstamp", each.changed_at)
        event.add("sequence", each.times_moved)
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
