"""Committed means on the disk, though the next writer does not wait for it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.backends.sqlite3.base import DatabaseWrapper as DjangosOwn

from reknit.practice import settings as practice
from reknit.practice.sqlite import base, journal
from reknit.practice.sqlite.base import DatabaseWrapper
from reknit.practice.sqlite.journal import Journal

if not practice.DATABASES["default"]["ENGINE"].endswith("sqlite"):
    pytest.skip("the journal is SQLite's", allow_module_level=True)


@pytest.fixture
def database(tmp_path: Path, django_db_blocker: Any) -> Any:
    """A database in a file of its own, opened as the practice opens it."""
    named = connections["default"].settings_dict | practice.DATABASES["default"]
    made = DatabaseWrapper(named | {"NAME": str(tmp_path / "reknit.sqlite3")}, "another")
    with django_db_blocker.unblock():
        with made.cursor() as cursor:
            cursor.execute("CREATE TABLE said (words text)")
        yield made
        made.close()


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were flushed."""
    seen: list[str] = []
    monkeypatch.setattr(journal, "flush_file", lambda file: seen.append(os.readlink(f"/proc/self/fd/{file}")))
    return seen


def write(database: DatabaseWrapper) -> None:
    database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO said VALUES ('it hurt')")
    database.commit()
    database.set_autocommit(True)


def synchronous(database: DatabaseWrapper) -> int:
    return int(database.connection.execute("PRAGMA synchronous").fetchone()[0])


def test_the_journal_is_flushed_after_the_commit_and_after_the_turn(
    database: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    commit: Any = DjangosOwn._commit  # type: ignore[attr-defined]

    def committed(self: DatabaseWrapper) -> None:
        commit(self)
        order.append("committed")

    def flushed(_self: Journal, _file: int) -> None:
        order.append("flushed in a turn" if database._holds else "flushed")

    monkeypatch.setattr(DjangosOwn, "_commit", committed)
    monkeypatch.setattr(Journal, "flush", flushed)
    write(database)
    assert order == ["committed", "flushed"]


def test_what_does_not_queue_is_flushed_by_sqlite_itself(
    database: DatabaseWrapper, flushes: list[str]
) -> None:
    assert synchronous(database) == 2
    write(database)
    assert flushes == [f"{database.settings_dict['NAME']}-wal"]
    assert synchronous(database) == 2
    database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert synchronous(database) == 1
    database.rollback()
    assert (synchronous(database), len(flushes)) == (2, 1)


def test_nobody_is_told_that_it_was_kept_when_the_disk_did_not_take_it(
    database: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = iter([OSError("no"), None])

    def fail(_file: int) -> None:
        if error := next(taken):
            raise error

    monkeypatch.setattr(journal, "flush_file", fail)
    for _time in range(2):  # what follows lies behind what was lost, so it is not believed either
        with pytest.raises(OperationalError, match="flushed"):
            write(database)
        database.rollback()
        database.set_autocommit(True)


def test_one_flush_serves_all_who_committed_before_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    started, go_on, count = threading.Event(), threading.Event(), []

    def slowly(_file: int) -> None:
        count.append(1)
        started.set()
        go_on.wait(10)

    monkeypatch.setattr(journal, "flush_file", slowly)
    kept = Journal()
    first = threading.Thread(target=kept.flush, args=(0,))
    first.start()
    started.wait(10)
    others = [threading.Thread(target=kept.flush, args=(0,)) for _ in range(5)]
    for thread in others:
        thread.start()
    time.sleep(0.2)  # so that they wait at the door
    go_on.set()
    for thread in [first, *others]:
        thread.join(10)
    assert len(count) == 2  # theirs had to begin after they came


def test_the_journal_is_carried_into_the_database_and_begun_anew(
    database: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "CARRIED_EVERY", 3)
    sizes = []
    for _time in range(30):
        write(database)
        sizes.append(Path(f"{database.settings_dict['NAME']}-wal").stat().st_size)
    assert max(sizes) == sizes[5]
