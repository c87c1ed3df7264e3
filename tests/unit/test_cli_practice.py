"""The practice's commands answer in one line where they cannot do what was asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
    (folder / "other.txt").write_text(STRONG[::-1])
    command = [sys.executable, "-m", "reknit.practice.manage", "migrate", "--verbosity", "0"]
    subprocess.run(command, check=True, env=at(folder), cwd=folder)
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
        (["restore", "none.sealed", "--key-file", "key.txt"], 1, "none.sealed: No such file"),
        (["export", "7", "-o", "x.zip"], 2, "there is no relationship 7"),
        (["erase", "7", "--yes"], 2, "there is no relationship 7"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    home: Path, arguments: list[str], status: int, said: str
) -> None:
    code, out, err = reknit(home, *arguments)
    assert (code, out, err.count("\n")) == (status, "", 1)
    assert said in err
    assert not (home / "x.zip").exists()
