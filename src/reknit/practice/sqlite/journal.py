"""How what was committed reaches the disk: one flush of the journal for all who wait, outside the queue.

A transaction that SQLite has committed lies in the journal (`-wal`); it survives the end of the process at
once, and the loss of power once the journal is flushed. Flushing takes longer than writing, and SQLite alone
would do it while the next writer waits. Here the next writer goes on meanwhile, and whoever committed is
answered only after a flush that began after their commit. A later transaction lies behind the earlier ones in
the same file, so none is on the disk without those before it.
"""

from __future__ import annotations

import os
import threading
from functools import cache

from django.db import OperationalError

flush_file = getattr(os, "fdatasync", os.fsync)


class Journal:
    """The journal of one database, as one process sees it."""

    def __init__(self) -> None:
        self._flushing = threading.Lock()
        self._begun = 0  # flushes that have begun, the one that runs included
        self._lost = False
        self._commits = 0

    def flush(self, file: int) -> None:
        """Return once all that was committed before this call is on the disk.

        Args:
            file: the caller's own handle of the journal: each is told of a failure once.

        Raises:
            OperationalError: the disk did not take it; from then on none is believed to be on the disk
                until the server is started anew.
        """
        seen = self._begun
        with self._flushing:
            if self._begun > seen and not self._lost:
                return  # one that began after this call has ended
            self._begun += 1
            try:
                if self._lost:
                    raise OSError("an earlier part of it was lost")
                flush_file(file)
            except OSError as error:
                self._begun, self._lost = seen, True
                raise OperationalError(f"the journal could not be flushed: {error}") from error

    def is_due(self, every: int) -> bool:
        """Whether the caller's commit is the one after which the journal is carried into the database."""
        with self._flushing:
            self._commits += 1
            return self._commits % every == 0


@cache
def journal_of(_database: str) -> Journal:
    return Journal()
