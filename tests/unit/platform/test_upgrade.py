"""A house that the earliest version filled is backed up, brought to this version and worked in."""

from __future__ import annotations

import gzip
import json
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

EARLIEST = Path(__file__).parents[2] / "data" / "earliest_house"

BEGIN = """
import json, sys
from pathlib import Path
from reknit.practice.launch import CannotStart, prepare, setup
setup()
from django.db import connection
from reknit.practice.rights.backup import BackupError, backup, restore
from reknit.practice.rights.databases import count_rows, migrations_done, unknown_here
SECRET, FILE = b"a long enough passphrase", Path(sys.argv[1])
def whole():
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
        return found
def tell(**what): print(json.dumps(what))
"""

BACKED_UP_FIRST = """
before = whole()
rows = backup(FILE, SECRET).rows
after = whole()
tell(changed=sorted(t for t in after if after[t] != before.get(t)), gone=sorted(set(before) - set(after)),
     complete=rows == {t: len(of_it) for t, of_it in before.items()})
"""

WORKED_IN = """
prepare()
import re
from datetime import timedelta
from uuid import uuid4
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.db.migrations.executor import MigrationExecutor
from django.test import Client as Browser
from reknit.practice import clock, loop
from reknit.practice.checkins.models import CheckIn, LinkKind
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship, User
from reknit.practice.trail import verify
settings.ALLOWED_HOSTS = ["testserver"]
SIGN_IN = {"password": "an old house stands"}

def texts_on(pages, seen, todo=("/",)):
    todo, been, bad = list(todo), set(), []
    while todo:
        path = todo.pop()
        been.add(path)
        answer = pages.get(path, follow=True)
        page = answer.content.decode(errors="replace")
        if answer.status_code != 200: bad.append(path)
        seen |= set(re.findall(r"(?:anna|bert)-([a-z-]+)-text", page))
        links = set(re.findall(r'href="(/(?:practice|supervision|clinic|c)/[^"#?]*)"', page))
        todo += links - been - set(todo)
    return bad

seen, therapist = set(), Browser()
signed_in = therapist.post("/accounts/login/", SIGN_IN | {"login": "therapist.of.anna@x.example"}).status_code
bad = texts_on(therapist, seen)

lead = Browser()
lead.post("/accounts/login/", SIGN_IN | {"login": "lead@x.example"})
counter = next(yield_hotp_counters_from_time())
code = format_hotp_value(hotp_value("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", counter))
second_step = lead.post("/accounts/2fa/authenticate/", {"code": code}).status_code

pair = Relationship.objects.get(therapist__email="therapist.of.anna@x.example")
who = Visitor(user=pair.therapist)
session = loop.plan_session(who, pair, clock.now() - timedelta(hours=1))
loop.record_session(who, session, "attended")
token = loop.issue_link(who, pair, LinkKind.CHECK_IN, session)
ratings = dict.fromkeys(("matters", "way", "say", "trust"), "7")
sent = Browser().post(f"/c/{token}/", ratings | {"key": str(uuid4()), "understood": "5", "bothered": "1",
    "words": "anna-since-text", "words_audience": "therapist_now", "ratings_audience": "therapist_now"})
of_client = set()
home = loop.issue_link(Visitor.client(pair), pair, LinkKind.HOME)
bad += texts_on(Browser(), of_client, [f"/c/{home}/"])
texts_on(therapist, seen)
left = MigrationExecutor(connection)
tell(signed_in=signed_in, bad=bad, second_step=second_step, sent=sent.status_code, seen=sorted(seen),
     of_client=sorted(of_client), check_ins=CheckIn.objects.count(), broken=len(verify()),
     left=len(left.migration_plan(left.loader.graph.leaf_nodes())))
"""

PUT_BACK = """
made = restore(FILE, SECRET)
from reknit.practice.people.models import User
from reknit.practice.repairs.models import Reflection
tell(people=User.objects.count(), reflection=Reflection.objects.earliest("pk").text,
     unknown=unknown_here(migrations_done(connection)))
"""

NEWER = """
from django.db.migrations.recorder import MigrationRecorder
prepare()
MigrationRecorder(connection).record_applied("people", "9999_of_a_later_version")
MigrationRecorder(connection).record_applied("account", "9999_of_somebody_else")
unknown = unknown_here(migrations_done(connection))
try: prepare(); start = ""
except CannotStart as error: start = str(error)
backup(FILE, SECRET)
try: restore(FILE, SECRET, replace=True); put_back = ""
except BackupError as error: put_back = str(error)
tell(unknown=unknown, start=start, put_back=put_back)
"""


class House:
    """An installation of its own: a folder, and on PostgreSQL a database."""

    def __init__(self, home: Path, url: str) -> None:
        self.home, self.url = home, url

    def as_it_was(self) -> House:
        """Filled as the earliest version left it."""
        engine = "postgresql" if self.url else "sqlite"
        (self.home / "keys").mkdir(parents=True, mode=0o700)
        for name, key in json.loads((EARLIEST / "keys.json").read_text())[engine].items():
            (self.home / "keys" / name).write_text(key)
        rows = gzip.decompress((EARLIEST / f"{engine}.sql.gz").read_bytes()).decode()
        if not self.url:
            with closing(sqlite3.connect(self.home / "reknit.sqlite3")) as file:
                file.executescript(rows)
            return self
        from psycopg import connect

        with connect(self.url) as server:
            server.execute(rows.encode())
        return self

    def run(self, code: str, file: Path) -> dict[str, Any]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("REKNIT_", "DATABASE_", "DJANGO_"))}
        env = {**clean, "REKNIT_HOME": str(self.home)} | ({"DATABASE_URL": self.url} if self.url else {})
        done = subprocess.run(
            [sys.executable, "-c", BEGIN + code, str(file)],
            env=env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return answer


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[list[House]]:
    """Two empty installations."""
    if connection.vendor != "postgresql":
        yield [House(tmp_path / f"house{n}", "") for n in range(2)]
        return
    from psycopg import connect

    where, names = os.environ["DATABASE_URL"], [f"house_{secrets.token_hex(4)}" for _ in range(2)]
    with connect(where, autocommit=True) as server:
        for name in names:
            server.execute(f'CREATE DATABASE "{name}"')
        yield [House(tmp_path / name, f"{where.rpartition('/')[0]}/{name}") for name in names]
        for name in names:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_an_old_house_is_backed_up_brought_up_to_date_and_worked_in(
    houses: list[House], tmp_path: Path
) -> None:
    old, elsewhere = houses[0].as_it_was(), houses[1]
    made = old.run(BACKED_UP_FIRST, tmp_path / "backup")
    assert made == {"changed": ["trail_chain", "trail_entry"], "gone": [], "complete": True}
    found = old.run(WORKED_IN, tmp_path / "unused")
    shared = {"answered", "agreed", "called", "felt", "homework", "intended", "learned", "reply", "said-now"}
    assert shared | {"reflection", "draft", "since"} <= set(found.pop("seen"))
    told = shared - {"felt", "intended"}
    assert told | {"said-to-nobody", "since"} <= set(found.pop("of_client"))
    assert found == {
        "signed_in": 302, "bad": [], "second_step": 302, "sent": 303, "check_ins": 9, "broken": 0, "left": 0,
    }  # fmt: skip
    elsewhere.home.mkdir()
    back = elsewhere.run(PUT_BACK, tmp_path / "backup")
    assert back == {"people": 8, "reflection": "anna-reflection-text", "unknown": []}


def test_a_house_of_a_newer_version_is_left_alone(houses: list[House], tmp_path: Path) -> None:
    houses[0].home.mkdir()
    told = houses[0].run(NEWER, tmp_path / "backup")
    assert told["unknown"] == ["people.9999_of_a_later_version"]
    assert "newer version" in told["start"]
    assert "newer version" in told["put_back"]
