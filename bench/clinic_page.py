"""How long the clinic's pages take for a clinic of 200 therapists, and a therapist's caseload of 60.

Builds both in a house of its own (SQLite), keeps the quarters as the nightly chore does, and opens each page
through the whole of Django: seconds of processor time, the shortest of several after one that is not counted.

    python bench/clinic_page.py [--therapists 200] [--each 12] [--rounds 7]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta

from common import heading, row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--therapists", type=int, default=200)
    parser.add_argument("--each", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"REKNIT_HOME": home, "DJANGO_SETTINGS_MODULE": "reknit.practice.settings"}
        from reknit.practice import launch

        launch.setup()
        launch.prepare()
        heading(["what", "processor seconds"])
        lead = _clinic(asked.therapists, asked.each)
        for path in ("/clinic/climate/", "/clinic/buys/", "/clinic/board.csv", "/clinic/owed/"):
            row([path, f"{_page(lead, path, asked.rounds):.3f}"])
        therapist = _caseload(60)
        for path in ("/practice/caseload/", "/practice/"):
            row([f"{path}, 60 relationships", f"{_page(therapist, path, asked.rounds):.3f}"])


def _clinic(therapists: int, each: int) -> object:
    from clinic_world import fill

    from reknit.practice import clock
    from reknit.practice.insight.clinic import keep_quarters
    from reknit.practice.people.models import Clinic, Membership, Role, User

    clinic = Clinic.objects.create(name="Bench")
    lead = User.objects.create_user(email="lead@x.example", name="Lead")
    Membership.objects.create(user=lead, clinic=clinic, role=Role.LEAD)
    row([f"{therapists} therapists, {therapists * each} relationships written",
         f"{_seconds(lambda: fill(clinic, therapists, therapists * each, clock.now())):.1f}"])  # fmt: skip
    row(["the quarters kept, once (chore)", f"{_seconds(keep_quarters):.1f}"])
    return lead


def _caseload(relationships: int) -> object:
    from clinic_world import fill

    from reknit.practice import clock
    from reknit.practice.insight.estimates import refresh
    from reknit.practice.people.models import Clinic, Relationship, User

    clinic = Clinic.objects.create(name="One therapist")
    for one in fill(clinic, 1, relationships, clock.now(), seed=2):
        refresh(one)
        one.sessions.create(number=500, starts_at=clock.now() + timedelta(days=one.pk % 6, hours=1))
    return User.objects.get(pk=Relationship.objects.filter(clinic=clinic).values("therapist")[:1])


def _page(user: object, path: str, rounds: int) -> float:
    from django.test import Client

    browser = Client(headers={"host": "localhost"})
    browser.force_login(user)  # type: ignore[arg-type]

    def look() -> None:
        answered = browser.get(path)
        assert answered.status_code == 200, (path, answered.status_code)

    look()
    return min(_seconds(look) for _round in range(rounds))


def _seconds(do: Callable[[], object]) -> float:
    start = time.process_time()
    do()
    return time.process_time() - start


if __name__ == "__main__":
    main()
