"""A house filled under the first migrations is brought to this version with everything still in it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

FIRST = (
    "people", "appointments", "checkins", "concerns", "homework", "insight", "questionnaires", "repairs",
    "supervision",
)  # fmt: skip

STORY = """
import json, sys
from datetime import datetime, timedelta, UTC
from uuid import UUID
from reknit.practice.launch import prepare, setup
setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

FIRST = json.loads(sys.argv[1])
executor = MigrationExecutor(connection)
ours = {"rights", "owed", "smart", "api", "history", *FIRST}
theirs = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in ours]
then = [(app, "0001_initial") for app in FIRST]
executor.migrate(theirs + then)
old = executor.loader.project_state(theirs + then).apps.get_model

BEGAN = datetime(2026, 3, 2, 15, tzinfo=UTC)
user = old("people", "User").objects.create(email="old@x.example", name="Ana", password="!")
clinic = old("people", "Clinic").objects.create(name="Old Street", crisis_contacts="Line: 116 123")
old("people", "Membership").objects.create(user=user, clinic=clinic, role="therapist")
links = []
for n in range(20):
    client = old("people", "Client").objects.create(clinic=clinic, called=f"Jo {n}", contact=f"{n}@x.example")
    pair = old("people", "Relationship").objects.create(
        therapist=user, client=client, clinic=clinic, started_on=BEGAN.date())
    old("people", "Consent").objects.create(relationship=pair, purpose="check_ins")
    for week in range(4):
        session = old("appointments", "Session").objects.create(
            relationship=pair, number=week + 1, starts_at=BEGAN + timedelta(weeks=week), status="attended")
        if week == 3:
            from reknit.practice.checkins.models import Link
            old("checkins", "Link").objects.create(
                relationship=pair, session=session, kind="check_in", token_hash=Link.hash_of(f"token-{n}"),
                expires_at=datetime.now(UTC) + timedelta(days=9))
            continue
        kept = old("checkins", "CheckIn").objects.create(
            relationship=pair, session=session, key=UUID(int=n * 10 + week))
        for question in ("understood", "trust"):
            old("checkins", "Answer").objects.create(check_in=kept, question=question, value=7.0)
        old("checkins", "Answer").objects.create(
            check_in=kept, question="words", words=f"words {n} {week}", audience="only_me")
    episode = old("repairs", "Episode").objects.create(
        relationship=pair, session=session, origin="own_sense", due_on=BEGAN.date())
    old("repairs", "Reply").objects.create(episode=episode, text=f"reply {n}", shared_at=BEGAN)
    from reknit.practice.trail import record
    record("system", "created", f"relationship:{pair.pk}", relationship_id=pair.pk)

prepare()  # as the next start of a newer version does

from django.apps import apps
from reknit.practice import loop
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.people.models import Client, Relationship
from reknit.practice.repairs.models import Reply
from reknit.practice.trail import verify

connection.check_constraints()
for n in range(20):
    link = loop.open_link(f"token-{n}")
    data = loop.CheckInData(UUID(int=1000 + n), {"trust": 8.0}, words="since the new version")
    loop.receive_check_in(link.visitor, link.session, data)
left = MigrationExecutor(connection)
print(json.dumps({
    "called": [[each.called, each.contact] for each in Client.objects.order_by("pk")],
    "words": sorted(each.words for each in Answer.objects.filter(audience="only_me")),
    "replies": sorted(each.text for each in Reply.objects.all()),
    "check_ins": CheckIn.objects.count(),
    "points": [len(each.trust.points["trust"]) for each in Relationship.objects.all()],
    "broken": len(verify()),
    "left": len(left.migration_plan(left.loader.graph.leaf_nodes())),
}))
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The surroundings of an installation of its own: a folder, and on PostgreSQL a database."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REKNIT_", "DATABASE_", "DJANGO_"))}
    clean["REKNIT_HOME"] = str(tmp_path)
    if connection.vendor != "postgresql":
        yield clean
        return
    from psycopg import connect

    name, url = f"old_{secrets.token_hex(4)}", os.environ["DATABASE_URL"]
    with connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        yield clean | {"DATABASE_URL": url.rpartition("/")[0] + f"/{name}"}
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[call-overload]


def test_a_filled_house_of_the_first_version_arrives_whole(database: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORY, json.dumps(FIRST)],
        env=database, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {
        "called": [[f"Jo {n}", f"{n}@x.example"] for n in range(20)],
        "words": sorted(f"words {n} {week}" for n in range(20) for week in range(3)),
        "replies": sorted(f"reply {n}" for n in range(20)),
        "check_ins": 80,
        "points": [4] * 20,
        "broken": 0,
        "left": 0,
    }
