"""Calendars: a feed that reveals nothing but initials and times, and the appointments of somebody's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import Any

from reknit.cohort.exchange.records import ExchangeError

LASTS = timedelta(minutes=50)
MOST_EVENTS, MOST_ENTRIES = 5_000, 1_000
TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}


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


@dataclass(frozen=True)
class CalendarEntry:
    """One appointment found in a calendar.

    Attributes:
        series: the same for every occurrence of one event.
        name: the same for this occurrence whenever the calendar is read again, even when it was moved.
        starts_at: with a zone.
        text: what the calendar calls it.
        is_cancelled: whether the calendar says that it will not take place.
    """

    series: str
    name: str
    starts_at: datetime
    text: str
    is_cancelled: bool


def entries(data: bytes, since: datetime, until: datetime, zone: tzinfo) -> list[CalendarEntry]:
    """The appointments of a calendar file (RFC 5545), each occurrence of a series by itself.

    Args:
        data: the file.
        since, until: with a zone; entries that start in between.
        zone: for times that the file gives without one.

    Raises:
        ExchangeError: it is no calendar, it repeats something within the hour, or it holds too much.
    """
    try:
        import recurring_ical_events
        from icalendar import Calendar
    except ImportError as error:
        raise ExchangeError("a calendar needs the extra packages of `reknit[exchange]`") from error
    try:
        calendar = Calendar.from_ical(data)
        events = calendar.walk("VEVENT")
        _refuse_floods(events)
        repeated = {str(event["UID"]) for event in events if "RRULE" in event or "RDATE" in event}
        found = recurring_ical_events.of(calendar, skip_bad_series=True).between(since, until)
        read = [
            entry for event in islice(found, MOST_ENTRIES + 1) if (entry := _entry(event, zone, repeated))
        ]
    except ExchangeError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ExchangeError("this is not a calendar file that can be read") from error
    if len(read) > MOST_ENTRIES:
        raise ExchangeError(f"the calendar holds more than {MOST_ENTRIES} appointments in this time")
    return sorted((e for e in read if since <= e.starts_at < until), key=lambda e: (e.starts_at, e.name))


def _refuse_floods(events: list[Any]) -> None:
    if len(events) > MOST_EVENTS:
        raise ExchangeError(f"the calendar holds more than {MOST_EVENTS} events")
    for event in events:
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            if TOO_OFTEN & {str(word).upper() for word in rule.get("FREQ", [])}:
                raise ExchangeError("the calendar repeats something every hour or more often")


def _entry(event: Any, zone: tzinfo, repeated: set[str]) -> CalendarEntry | None:
    """An event with a time of day; whole days are no appointments."""
    starts_at = event["DTSTART"].dt
    if not isinstance(starts_at, datetime):
        return None
    starts_at = starts_at if starts_at.tzinfo else starts_at.replace(tzinfo=zone)
    series = str(event["UID"])
    first = event["RECURRENCE-ID"].dt if series in repeated and "RECURRENCE-ID" in event else None
    return CalendarEntry(
        series=series,
        name=f"{series} {first.isoformat()}" if first else series,
        starts_at=starts_at,
        text=" ".join(str(event.get("SUMMARY", "")).split())[:120],
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )
