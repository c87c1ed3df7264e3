"""What time it is: the one clock of the house, which the demonstration and the tests can set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The time, aware, in UTC."""
    return _set_to.get() or timezone.now()


def today() -> date:
    """The date in the zone of whoever is looking."""
    return timezone.localtime(now()).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside the block it is `moment`. Used to play a story that takes months."""
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)
