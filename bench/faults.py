"""Check-ins while the disk is full, and while somebody else holds the database; then count what arrived.

The disk: the server's processes may no longer make a file longer (RLIMIT_FSIZE, Linux), as when none is left.
The database: another program holds SQLite's write lock, first briefly, then (``--long``) for longer than a
writer waits (20 seconds). Each time the phones must be told that it could not be kept, with their words still
on the page, and go through once it is over. Needs no rights; PostgreSQL is in `crash.py --what postgres`.

    python bench/faults.py [--long]
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
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


def fill_disk(house: bench.House, phones: Phones) -> None:
    """No file may grow for a while."""
    _wait(phones, 8)
    workers = house.processes()
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in workers}
    for pid, (_soft, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
    until = time.monotonic() + PATIENCE
    while not phones.refused.get(503) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    had = len(phones.accepted)
    for pid, limits in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
    if not phones.refused.get(503):
        raise SystemExit("nobody was told that the disk is full")
    _wait(phones, had + 8)


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
    parser.add_argument("--long", action="store_true", help="also hold the database for 25 seconds")
    given = parser.parse_args()
    with bench.house("sqlite") as house:
        bench.prepare()
        due = bench.people(4000)
        bench.close_connections()
        house.start()
        phones = Phones(house.port, due[::-1])
        threads = phones.start()
        try:
            fill_disk(house, phones)
            hold(house.home, phones, 2.0)
            if given.long:
                hold(house.home, phones, 25.0)
        finally:
            phones.stop.set()
            for thread in threads:
                thread.join()
        house.__exit__(None, None, None)
        wrong = bench.check(phones.accepted, phones.begun)
    print(f"{len(phones.accepted)} received | wrong: {len(wrong)} | refused: {phones.refused}")
    if wrong:
        raise SystemExit("\n".join(wrong[:20]))


if __name__ == "__main__":
    main()
