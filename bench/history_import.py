"""How long a clinic's old ratings take: upload, going through, importing in steps, taking back.

    python bench/history_import.py [RELATIONSHIPS] [SESSIONS]      (5,000 x 20 = 100,000 rows)

Runs over a throw-away folder with the settings of an installation: SQLite, synchronous=FULL, encryption, the
trail and the estimate on. Target: 100,000 rows in under 60 seconds on two cores.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta


def old_ratings(relationships: int, sessions: int) -> bytes:
    """A file of old ratings on 1 to 7, one a week."""
    first = date(2015, 1, 5)
    rows = [
        f"case {n},{first + timedelta(weeks=week)},{1 + (n + week) % 7}"
        for n in range(relationships)
        for week in range(sessions)
    ]
    return "\n".join(["client,date,score", *rows]).encode()


def timed(what: str, act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    seconds = time.perf_counter() - start
    print(f"{what:>12}: {seconds:6.1f} s")
    return seconds


def main(relationships: int = 5_000, sessions: int = 20) -> None:
    from reknit.practice import loop
    from reknit.practice.doors.history import steps
    from reknit.practice.doors.history.models import HistoryImport
    from reknit.practice.exchange import Plan
    from reknit.practice.people.access import Visitor
    from reknit.practice.people.models import User

    user = User.objects.create_user(email="bench@x.example")
    loop.open_clinic(user, "Bench")
    visitor, data = Visitor(user=user), old_ratings(relationships, sessions)

    def all_steps(begin: Callable[[HistoryImport], None]) -> None:
        begin(HistoryImport.objects.get())
        while HistoryImport.objects.get().is_moving:
            steps.step(visitor, HistoryImport.objects.get())

    plan = Plan({"client": "client", "date": "date", "rating": "score"}, 1, 7)
    print(f"{relationships * sessions:,} rows of {relationships:,} relationships")
    took = timed("upload", lambda: steps.upload(visitor, "old.csv", data))
    took += timed("go through", lambda: steps.go_through(visitor, HistoryImport.objects.get(), plan))
    took += timed("import", lambda: all_steps(steps.begin))
    print(f"{'together':>12}: {took:6.1f} s")
    timed("take back", lambda: all_steps(steps.undo))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="reknit-bench-") as home:
        os.environ |= {"REKNIT_HOME": home, "REKNIT_LOG_LEVEL": "ERROR"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "reknit.practice.settings"
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        main(*(int(word) for word in sys.argv[1:3]))
