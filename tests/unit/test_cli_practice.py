"""The practice's commands answer in one line where they cannot do what was asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

STORY = """
from reknit.practice import launch
launch.setup()
from reknit.practice import loop
from reknit.practice.demo import journaling
from reknit.practice.people.models import Membership, Role, User
founder = User.objects.create_user(email="founder@x.example")
clinic = loop.open_clinic(founder, "A clinic", crisis_contacts="Night line: 0800 000")
therapist = User.objects.create_user(email="robin@x.example", name="Robin")
Membership.objects.create(user=therapist, clinic=clinic, role=Role.THERAPIST)
journaling.play(therapist)
"""

STRONG = "forty-two quiet herons on the river"


def at(home: Path) -> dict[str, str]:
    """The environment of a practice of its own, on SQLite."""
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "REKNIT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "reknit.practice.settings"}


def reknit(home: Path, *arguments: object) -> tuple[int, str, str]:
    environment = {
        **os.environ,
        "REKNIT_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "reknit.practice.settings",
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "reknit.cli", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=at(home), cwd=home)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "key.txt").write_text(STRONG)
    (folder / "short.txt").write_text("heron")
    (folder / "list.json").write_text("[]")
    (folder / "object.json").write_text("{}")
    (folder / "empty.json").write_text('{"resourceType": "Bundle"}')
    (folder / "other.txt").write_text(STRONG[::-1])
    command = [sys.executable, "-m", "reknit.practice.manage", "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, env=at(folder), cwd=folder)
    subprocess.run([sys.executable, "-c", STORY], check=True, env=at(folder), cwd=folder)
    return folder


def test_a_backup_is_made_proved_and_opened_by_its_key_alone(home: Path) -> None:
    status, out, err = reknit(home, "backup", home / "b.sealed", "--key-file", home / "key.txt")
    assert (status, err) == (0, "")
    assert "proved" in out
    assert reknit(home, "restore", home / "b.sealed", "--check", "--key-file", home / "key.txt")[0] == 0
    status, out, err = reknit(home, "restore", home / "b.sealed", "--check", "--key-file", home / "other.txt")
    assert (status, out, err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["backup", "b.sealed", "--key-file", "none.txt"], 1, "none.txt: No such file"),
        (
            ["backup", "c.sealed", "--key-file", "short.txt"],
            2,
            "short.txt: a backup's passphrase has at least 12",
        ),
        (["restore", "none.sealed", "--key-file", "key.txt"], 1, "none.sealed: No such file"),
        (["export", "7", "-o", "x.zip"], 2, "there is no relationship 7"),
        (["export", "7", "-o", "x.txt"], 2, "x.txt: unknown extension .txt"),
        (["erase", "7", "--yes"], 2, "there is no relationship 7"),
        (["import", "none.json", "--therapist", "robin@x.example"], 1, "none.json: No such file"),
        (["import", "key.txt", "--therapist", "robin@x.example"], 2, "key.txt: not JSON"),
        (["import", "list.json", "--therapist", "robin@x.example"], 2, "list.json: not a FHIR Bundle"),
        (
            ["import", "object.json", "--therapist", "robin@x.example"],
            2,
            "object.json: this is not a FHIR Bundle",
        ),
        (
            ["import", "empty.json", "--therapist", "nobody@x.example"],
            2,
            "there is no account nobody@x.example",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    home: Path, arguments: list[str], status: int, said: str
) -> None:
    code, out, err = reknit(home, *arguments)
    assert (code, out, err.count("\n")) == (status, "", 1)
    assert said in err
    assert not (home / "x.zip").exists()


def test_a_relationship_is_copied_erased_and_taken_in_again(home: Path) -> None:
    for name in ("copy.zip", "bundle.json"):
        status, out, err = reknit(home, "export", 1, "-o", name)
        assert (status, err) == (0, "")
        assert (home / name).stat().st_size > 1000
    status, out, err = reknit(home, "erase", 1, "--yes")
    assert (status, err) == (0, "")
    assert json.loads(out)["left"] == {}
    assert reknit(home, "export", 1, "-o", "again.json")[0] == 2
    status, out, err = reknit(home, "import", "bundle.json", "--therapist", "robin@x.example")
    assert (status, err) == (0, "")
    assert "1 relationships" in out
    status, out, err = reknit(home, "import", "bundle.json", "--therapist", "robin@x.example")
    assert (status, out, err.count("\n")) == (1, "", 1)
