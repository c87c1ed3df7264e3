"""Django's SQLite backend; a transaction that writes waits for its turn in a queue instead of knocking again.

SQLite lets one writer in at a time, and whoever finds the door closed sleeps for up to a tenth of a second
before knocking again: with several server processes turns are missed and some wait long. Here a writer first
takes a lock on a file beside the database, in which the operating system wakes the next at once. SQLite's own
lock still decides; other programs that know nothing of the queue are waited for as before.
"""

from __future__ import annotations

import os
from typing import Any

from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite

try:
    import fcntl
except ImportError:  # Windows: writers knock, as SQLite has them do
    fcntl = None  # type: ignore[assignment]


class DatabaseWrapper(SQLite):
    """One connection, with its place in the queue."""

    transaction_mode: str | None
    _queue: int | None = None
    _holds = False

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()
            if self._queue is not None:
                os.close(self._queue)
                self._queue = None

    def _take_turn(self) -> None:
        if fcntl is None or self.transaction_mode != "IMMEDIATE" or self.is_in_memory_db():
            return
        if self._queue is None:
            beside = f"{self.settings_dict['NAME']}-queue"
            self._queue = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._queue, fcntl.LOCK_EX)
        self._holds = True

    def _end_turn(self) -> None:
        if self._holds and self._queue is not None:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
        self._holds = False
