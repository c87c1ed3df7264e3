"""Sessions from a therapist's own calendar: read it, say who is who, plan and move; and take it back."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice import clock, loop
from reknit.practice.appointments.models import Session, Status
from reknit.practice.doors.history.models import FromCalendar
from reknit.practice.exchange import CalendarEntry, ExchangeError, entries, initials
from reknit.practice.exchange.history import take_back
from reknit.practice.loop import NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Ending, Relationship

LOOKS_BACK, LOOKS_AHEAD = timedelta(days=1), timedelta(days=92)
MOST_BYTES = 5_000_000


@dataclass(frozen=True)
class Occurrence:
    """One time of a series. `name` stays the same when it is moved."""

    name: str
    starts_at: datetime
    is_cancelled: bool


@dataclass(frozen=True)
class Series:
    """The occurrences of one event, which are all with the same person."""

    key: str
    text: str
    times: list[Occurrence]
    guessed: int | None

    @property
    def first(self) -> datetime:
        return self.times[0].starts_at


def running(visitor: Visitor) -> dict[int, Relationship]:
    """The relationships that sessions may be planned in."""
    own = access.relationships(visitor).filter(ending=Ending.RUNNING).select_related("client")
    return {relationship.pk: relationship for relationship in own}


def read(visitor: Visitor, data: bytes, zone: ZoneInfo) -> list[Series]:
    """The appointments of the next three months, series by series. Nothing is kept.

    Raises:
        NotNow: the file is too large or no calendar.
    """
    if len(data) > MOST_BYTES:
        raise NotNow(_("This file is too large for a calendar."))
    now = clock.now()
    try:
        found = entries(data, now - LOOKS_BACK, now + LOOKS_AHEAD, zone)
    except ExchangeError as error:
        raise NotNow(str(error)) from error
    by_series: dict[str, list[CalendarEntry]] = {}
    for entry in found:
        by_series.setdefault(entry.series, []).append(entry)
    known = _known(visitor, by_series)
    return [_series(name, own, known) for name, own in by_series.items()]


def _known(visitor: Visitor, names: Iterable[str]) -> dict[str, int]:
    """Whom a series stands for: as last time, else whoever alone has this name or these initials."""
    called = {pk: each.client.called for pk, each in running(visitor).items()}
    texts = {(pk, plain(text)) for pk, name in called.items() for text in (name, initials(name))}
    often = Counter(text for _pk, text in texts)
    known = {text: pk for pk, text in texts if text and often[text] == 1}
    earlier = FromCalendar.objects.filter(user=visitor.user, series__in=[hashed(name) for name in names])
    return known | dict(earlier.values_list("series", "session__relationship"))


def _series(name: str, own: list[CalendarEntry], known: dict[str, int]) -> Series:
    text = own[0].text
    guessed = known.get(hashed(name), known.get(plain(text)))
    times = [Occurrence(hashed(each.name), each.starts_at, each.is_cancelled) for each in own]
    return Series(hashed(name), text, times, guessed)


def plain(text: str) -> str:
    """Letters and digits alone: `J. D.`, `JD` and `j.d.` are one."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def hashed(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


@transaction.atomic
def plan(visitor: Visitor, read_series: list[Series], whose: dict[str, int]) -> Counter[str]:
    """Plan and move sessions of the series that somebody was named for, all or none.

    Returns:
        how many were `planned`, `moved`, already `there`, and `called_off` though planned here.
    """
    done: Counter[str] = Counter()
    now, relationships = clock.now(), running(visitor)
    for series in read_series:
        relationship = relationships.get(whose.get(series.key, 0))
        for each in series.times if relationship else ():
            assert relationship is not None
            known = FromCalendar.objects.filter(user=visitor.user, name=each.name).first()
            if known is not None:
                done[_again(visitor, known.session, each)] += 1
            elif each.is_cancelled or relationship.sessions.filter(starts_at=each.starts_at).exists():
                done["there"] += 1
            else:
                session = loop.plan_session(visitor, relationship, each.starts_at)
                FromCalendar.objects.create(
                    session=session, user=session.relationship.therapist, series=series.key,
                    name=each.name, read_at=now,
                )  # fmt: skip
                done["planned"] += 1
    return done


def _again(visitor: Visitor, session: Session, each: Occurrence) -> str:
    """The calendar is read once more: what became of a session that it planned before."""
    if session.is_over:
        return "there"
    if each.is_cancelled:
        return "called_off"
    if session.starts_at == each.starts_at:
        return "there"
    loop.move_session(visitor, session, each.starts_at)
    return "moved"


def readings(visitor: Visitor) -> list[dict[str, Any]]:
    """Earlier readings that can still be taken back: when, and how many sessions are still ahead."""
    ahead = FromCalendar.objects.filter(user=visitor.user, session__in=_untouched())
    counts = Counter(ahead.values_list("read_at", flat=True))
    return [
        {"at": at, "key": at.isoformat(), "sessions": n} for at, n in sorted(counts.items(), reverse=True)
    ]


def _untouched() -> Any:
    return Session.objects.filter(status=Status.PLANNED, starts_at__gt=clock.now(), times_moved=0)


@transaction.atomic
def undo(visitor: Visitor, at: datetime) -> int:
    """Take back what one reading planned and nobody has touched since; return how many sessions went."""
    made = FromCalendar.objects.filter(user=visitor.user, read_at=at, session__in=_untouched())
    by_relationship: dict[int, list[int]] = {}
    for pk, number in made.values_list("session", "session__relationship"):
        by_relationship.setdefault(number, []).append(pk)
    for relationship in access.relationships(visitor).filter(pk__in=by_relationship):
        take_back(visitor.trail_name, relationship, by_relationship[relationship.pk], is_new=False)
    return sum(map(len, by_relationship.values()))
