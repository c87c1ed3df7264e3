"""Django's SQLite backend; a transaction that writes waits for its turn in a queue instead of knocking again.

SQLite lets one writer in at a time, and whoever finds the door closed sleeps for up to a tenth of a second
before knocking again: with several server processes turns are missed and some wait long. Here a writer first
takes a lock on a file beside the database, in which the operating system wakes the next at once. SQLite's own
lock still decides; other programs that know nothing of the queue are waited for as before.

A turn holds no more than the writing. To flush the journal, and to carry it into the database every so often,
is done after the turn and before anybody is answered (`docs/decisions/0025`).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from reknit.practice.sqlite.journal import journal_of

try:
    import fcntl
except ImportError:  # Windows: writers knock, as SQLite has them do
    fcntl = None  # type: ignore[assignment]


CARRIED_EVERY = 256  # commits of a process


class Cursor(SQLiteCursorWrapper):
    """Django's cursor, which turns `%s` into `?` once a query and not each time."""

    def convert_query(self, query: str, *, param_names: Any = None) -> Any:
        if param_names is not None:
            return super().convert_query(query, param_names=param_names)
        return _with_question_marks(query)


@lru_cache(maxsize=512)
def _with_question_marks(query: str) -> str:
    converted: str = SQLiteCursorWrapper.convert_query(None, query)  # type: ignore[arg-type]
    return converted


class DatabaseWrapper(SQLite):
    """One connection, with its place in the queue."""

    transaction_mode: str | None
    _queue: int | None = None
    _journal: int | None = None
    _has_journal = False
    _holds = False

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            if self._holds and self._has_journal:
                self._flushes("by us")
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        is_ours = self._holds and self._has_journal
        try:
            super()._commit()  # type: ignore[misc]
            self._flushes("by SQLite")
        finally:
            self._end_turn()
        if is_ours:
            self._reach_the_disk()

    def _rollback(self) -> Any:
        try:
            super()._rollback()  # type: ignore[misc]
            self._flushes("by SQLite")
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()
            for file in (self._queue, self._journal):
                if file is not None:
                    os.close(file)
            self._queue = self._journal = None

    def _take_turn(self) -> None:
        if fcntl is None or self.transaction_mode != "IMMEDIATE" or self.is_in_memory_db():
            return
        if self._queue is None:
            beside = f"{self.settings_dict['NAME']}-queue"
            self._queue = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._has_journal = self.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        fcntl.flock(self._queue, fcntl.LOCK_EX)
        self._holds = True

    def _end_turn(self) -> None:
        if self._holds and self._queue is not None:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
        self._holds = False

    def _flushes(self, whose: str) -> None:
        """Who flushes the journal when a transaction ends; SQLite, for all that come without queueing."""
        if self._has_journal and self.connection is not None:
            self.connection.execute(_FLUSHES[whose])

    def _reach_the_disk(self) -> None:
        name = str(self.settings_dict["NAME"])
        if self._journal is None:
            self._journal = os.open(f"{name}-wal", os.O_RDWR | os.O_CLOEXEC)
        journal = journal_of(name)
        journal.flush(self._journal)
        if journal.is_due(CARRIED_EVERY):
            self._carry()

    def _carry(self) -> None:
        """Copy the journal into the database: most of it while others write, the rest in a turn of our own.

        Only when nothing is left may the next writer begin the journal from its start.
        """
        carry = "PRAGMA wal_checkpoint(PASSIVE)"
        with contextlib.suppress(sqlite3.OperationalError):  # somebody else does, or another day
            self.connection.execute(carry).fetchall()
            self._take_turn()
            try:
                self.connection.execute(carry).fetchall()
            finally:
                self._end_turn()


_FLUSHES = {"by us": "PRAGMA synchronous=NORMAL", "by SQLite": "PRAGMA synchronous=FULL"}
