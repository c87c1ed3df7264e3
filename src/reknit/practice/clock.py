"""What time it is: the one clock of the house, which the demonstration and the tests can set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.utils import timezone

_set_to: datetime | None = None  # for the whole process, so that a server under test sees it too


def now() -> datetime:
    """The time, aware, in UTC."""
    return _set_to or timezone.now()


def today() -> date:
    """The date in the zone of whoever is looking."""
    return timezone.localtime(now()).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Inside the block it is `moment`. Used to play a story that takes months."""
    global _set_to  # noqa: PLW0603
    before, _set_to = _set_to, moment
    try:
        yield
    finally:
        _set_to = before
