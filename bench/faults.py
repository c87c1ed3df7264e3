"""Check-ins while the disk is full, and while somebody else holds the database; then count what arrived.

The disk: the processes that write may no longer make a file longer (RLIMIT_FSIZE, Linux), as when it is full:
on SQLite the server's own, on PostgreSQL all of its own, which then stops and is started once there is room.
The database: another program holds SQLite's write lock, first briefly, then (``--long``) for longer than a
writer waits (20 seconds). Each time the phones must be told that it could not be kept, with their words still
on the page, and go through once it is over. Needs no rights. PostgreSQL cut off: `crash.py --what postgres`.

    python bench/faults.py [--database sqlite|postgres] [--long]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import subprocess
import time
from pathlib import Path

import house as bench
from crash import Phones

PATIENCE = 60.0


def _wait(phones: Phones, answered: int) -> None:
    """Until so many check-ins were received."""
    until = time.monotonic() + PATIENCE
    while len(phones.accepted) < answered:
        if time.monotonic() > until:
            raise SystemExit(f"only {len(phones.accepted)} of {answered} were received; {phones.refused}")
        time.sleep(0.01)


def fill_disk(house: bench.House, phones: Phones, postgres: int | None) -> None:
    """No file may grow for a while."""
    _wait(phones, 8)
    _may_grow(house, postgres, "4096")
    until = time.monotonic() + PATIENCE
    while not phones.refused.get(503) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    had = len(phones.accepted)
    _may_grow(house, postgres, "unlimited")
    if postgres is not None:
        subprocess.run([bench.POSTGRES, "restart"], check=True)
    if not phones.refused.get(503):
        raise SystemExit("nobody was told that the disk is full")
    _wait(phones, had + 8)


def _may_grow(house: bench.House, postgres: int | None, to: str) -> None:
    """How long a file the writers may make, in bytes or `unlimited`; whoever owns them may say so."""
    owner = ["runuser", "-u", "postgres", "--"] if postgres is not None and os.geteuid() == 0 else []
    for pid in _writers(house, postgres):
        command = [*owner, "prlimit", "--pid", str(pid), f"--fsize={to}:"]
        subprocess.run(command, check=False, cwd="/", stderr=subprocess.DEVNULL)  # one that has just ended


def _writers(house: bench.House, postgres: int | None) -> list[int]:
    """The processes that write to the database's files: the server's, or PostgreSQL's."""
    return list(house.processes()) if postgres is None else [postgres, *_children(postgres)]


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def _postgres() -> int:
    """The first process of the PostgreSQL that is spoken to here, the parent of the one that answers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (answering,) = cursor.fetchone()
    return int(Path(f"/proc/{answering}/stat").read_text().rpartition(")")[2].split()[1])


def hold(home: Path, phones: Phones, seconds: float) -> None:
    """Hold the database's write lock, as a foreign program might."""
    other = sqlite3.connect(home / "reknit.sqlite3", isolation_level=None, timeout=20)
    other.execute("BEGIN IMMEDIATE")
    had = len(phones.accepted)
    time.sleep(seconds)
    other.execute("ROLLBACK")
    other.close()
    _wait(phones, had + 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--long", action="store_true", help="also hold the database for 25 seconds")
    given = parser.parse_args()
    with bench.house(given.database) as house:
        bench.prepare()
        due = bench.people(4000)
        postgres = _postgres() if given.database == "postgres" else None
        bench.close_connections()
        house.start()
        phones = Phones(house.port, due[::-1])
        threads = phones.start()
        try:
            fill_disk(house, phones, postgres)
            if postgres is None:
                hold(house.home, phones, 2.0)
            if postgres is None and given.long:
                hold(house.home, phones, 25.0)
        finally:
            phones.stop.set()
            for thread in threads:
                thread.join()
        if 500 in phones.refused:
            print((house.home / "server.log").read_text()[-6000:])
        house.__exit__(None, None, None)
        wrong = bench.check(phones.accepted, phones.begun)
    print(
        f"{given.database}: {len(phones.accepted)} received | wrong: {len(wrong)} | refused: {phones.refused}"
    )
    if wrong:
        raise SystemExit("\n".join(wrong[:20]))


if __name__ == "__main__":
    main()
