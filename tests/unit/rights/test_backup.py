"""Backups of real installations, each in a process and a folder of its own, on the database under test."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db

BEGIN = """
import json, sys
from pathlib import Path
from reknit.practice.launch import setup
setup()
from django.core.management import call_command
call_command("migrate", verbosity=0); call_command("createcachetable", verbosity=0)
from reknit.practice.people.models import Client, Clinic, User
from reknit.practice.rights.backup import BackupError, CannotOpen, backup, check, restore
from reknit.practice.trail import record, verify
SECRET = b"a long enough passphrase"
FILE = Path(sys.argv[1])
def tell(**what): print(json.dumps(what))
def fill():
    clinic = Clinic.objects.create(name="A practice")
    User.objects.create_user("therapist@example.org", "x")
    for n in range(50):
        Client.objects.create(clinic=clinic, called=f"client {n}")
        record("user:1", "created", f"client:{n}", relationship_id=n)
def names(): return [c.called for c in Client.objects.order_by("pk")]
"""

MAKE = """
fill(); made = backup(FILE, SECRET)
tell(rows=made.rows["people_client"], mode=oct(FILE.stat().st_mode & 0o777))
"""
PUT_BACK = "restore(FILE, SECRET); tell(names=names()[:2], n=len(names()), broken=len(verify()))"


class House:
    """An installation of its own: a folder, and on PostgreSQL a database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    def run(self, code: str, file: Path) -> dict[str, Any]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("REKNIT_", "DATABASE_", "DJANGO_"))}
        env = {**clean, "REKNIT_HOME": str(self.folder)} | ({"DATABASE_URL": self.url} if self.url else {})
        done = subprocess.run(
            [sys.executable, "-c", BEGIN + code, str(file)],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        return answer


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[list[House]]:
    made = []
    for number in range(2):
        url = ""
        if connection.vendor == "postgresql":
            where, name = connection.settings_dict, f"reknit_house_{secrets.token_hex(4)}"
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}"')
            url = f"postgres://{where['USER']}@{where['HOST']}:{where['PORT']}/{name}"
        made.append(House(tmp_path / f"house{number}", url))
    yield made
    for house in made:
        if house.url:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{house.url.rpartition("/")[2]}" WITH (FORCE)')


def test_a_backup_restores_elsewhere_with_its_keys(houses: list[House], tmp_path: Path) -> None:
    file = tmp_path / "backup"
    assert houses[0].run(MAKE, file) == {"rows": 50, "mode": "0o600"}
    assert b"client 1" not in file.read_bytes()
    told = houses[1].run(PUT_BACK, file)
    assert told == {"names": ["client 0", "client 1"], "n": 50, "broken": 0}
    assert list(houses[1].folder.glob("keys.before-*"))
    assert not list(tmp_path.rglob(".reknit-*"))


def test_a_house_with_people_is_not_overwritten_unasked(houses: list[House], tmp_path: Path) -> None:
    file = tmp_path / "backup"
    houses[0].run(MAKE, file)
    code = """
Client.objects.all().delete()
try: restore(FILE, SECRET)
except BackupError as error: first = str(error)
n = len(names())
restore(FILE, SECRET, replace=True)
tell(first=first, n=n, after=len(names()), broken=len(verify()))
"""
    told = houses[0].run(code, file)
    assert "already" in told["first"]
    assert (told["n"], told["after"], told["broken"]) == (0, 50, 0)


def test_a_backup_is_made_while_somebody_writes(houses: list[House], tmp_path: Path) -> None:
    file = tmp_path / "backup"
    code = """
import threading
from django.db import connections
fill()
stop, written = threading.Event(), []
def write():
    while not stop.is_set():
        record("user:1", "changed", f"note:{len(written)}", relationship_id=3)
        written.append(1)
    connections.close_all()
writer = threading.Thread(target=write); writer.start()
while len(written) < 20: pass
made = backup(FILE, SECRET)
during = len(written)
stop.set(); writer.join()
tell(rows=made.rows["trail_entry"], during=during, broken=len(verify()), proved=bool(check(FILE, SECRET)))
"""
    told = houses[0].run(code, file)
    assert told["rows"] >= 100 + 20
    assert told["during"] > 20
    assert (told["broken"], told["proved"]) == (0, True)


def test_a_wrong_secret_changes_nothing(houses: list[House], tmp_path: Path) -> None:
    file = tmp_path / "backup"
    houses[0].run(MAKE, file)
    code = """
before = (Path(__import__("os").environ["REKNIT_HOME"]) / "keys" / "records.keys").read_text()
try: restore(FILE, b"quite another passphrase")
except CannotOpen as error: said = str(error)
after = (Path(__import__("os").environ["REKNIT_HOME"]) / "keys" / "records.keys").read_text()
tell(said=said, same=before == after, people=User.objects.count())
"""
    told = houses[1].run(code, file)
    assert "another passphrase" in told["said"]
    assert told["same"]
    assert told["people"] == 0


def test_a_backup_of_a_tampered_trail_is_refused(houses: list[House], tmp_path: Path) -> None:
    file = tmp_path / "backup"
    code = """
from django.db import connection
from reknit.practice.trail import triggers
fill(); triggers.remove(connection)
with connection.cursor() as cursor:
    cursor.execute("UPDATE trail_entry SET actor = 'user:9' WHERE subject = 'client:7'")
try: backup(FILE, SECRET); said = ""
except BackupError as error: said = str(error)
tell(said=said, there=FILE.exists())
"""
    told = houses[0].run(code, file)
    assert "relationship:7" in told["said"]
    assert not told["there"]


def test_erased_words_leave_not_even_their_sealed_form_in_the_file(
    houses: list[House], tmp_path: Path
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the file is SQLite's")
    code = """
from django.db import connection
from reknit.practice.people.models import Relationship
from reknit.practice.rights.erase import erase
fill()
who = Relationship.objects.create(
    therapist=User.objects.get(), client=Client.objects.get(pk=7), clinic=Clinic.objects.get()
)
with connection.cursor() as cursor:
    cursor.execute("SELECT called FROM people_client WHERE id = 7"); token = cursor.fetchone()[0].encode()
def there():
    home = Path(connection.settings_dict["NAME"]).parent
    return any(token in file.read_bytes() for file in home.glob("reknit.sqlite3*"))
before = there()
erase(who)
tell(before=before, after=there(), others=len(names()), broken=len(verify()))
"""
    told = houses[0].run(code, tmp_path / "unused")
    assert told == {"before": True, "after": False, "others": 49, "broken": 0}
