"""The script that updates a server: a backup before anything changes, the old version when there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

SCRIPT = Path(__file__).parents[3] / "deploy" / "upgrade.sh"
SYSTEMD = {  # what the machine does is written down; the rest is as it would be
    "systemctl": 'echo "$1" >>"$DONE"',
    "systemd-run": 'while [ "${1#--}" != "$1" ]; do shift; done; exec "$@"',
}
REKNIT = 'echo "$1 $2 by $(cat version)" >>"$DONE"; [ "$(cat version)" != "no backup" ]'

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")

Run = Callable[[str, str], tuple[subprocess.CompletedProcess[str], list[str]]]


def program(path: Path, code: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=x", "-c", "user.email=x@x.example", "-c", "protocol.file.allow=always")
    return subprocess.check_output(["git", *who, *arguments], cwd=folder, text=True).strip()


@pytest.fixture
def server(tmp_path: Path) -> Run:
    """A server of version `old`; called with the newest version it gives what the script said and did."""
    source, here = tmp_path / "source", tmp_path / "opt"
    program(source / "requirements" / "install.sh", 'echo "install $(cat version)" >>"$DONE"')
    (source / "deploy").mkdir()
    shutil.copy(SCRIPT, source / "deploy")
    (source / ".gitignore").write_text(".venv\n")
    (source / "version").write_text("old")
    git(source, "init", "-q", "-b", "main")
    git(source, "add", ".")
    git(source, "commit", "-q", "-m", "old")
    git(tmp_path, "clone", "-q", str(source), str(here))
    program(here / ".venv" / "bin" / "reknit", REKNIT)
    program(here / ".venv" / "bin" / "python", f'exec {sys.executable} "$@"')
    for name, code in SYSTEMD.items():
        program(tmp_path / "bin" / name, code)

    def run(newest: str, health: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        (source / "version").write_text(newest)
        git(source, "commit", "-q", "-a", "-m", newest)
        around = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "DONE": str(tmp_path / "done")}
        said = subprocess.run(
            [here / "deploy" / "upgrade.sh", "/backups/today", "/etc/key"],
            env=os.environ | around | {"REKNIT_HEALTH": health, "REKNIT_PATIENCE": "2"},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        return said, (tmp_path / "done").read_text().splitlines()

    return run


@pytest.fixture
def healthy() -> str:
    """An address that answers 200."""

    class Fine(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    listening = HTTPServer(("127.0.0.1", 0), Fine)
    Thread(target=listening.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{listening.server_port}/healthz"


def test_it_stops_backs_up_with_the_new_version_and_starts(server: Run, healthy: str) -> None:
    said, done = server("new", healthy)
    assert said.returncode == 0, said.stderr
    assert done == ["stop", "install new", "backup /backups/today by new", "start"]


def test_without_a_proved_backup_the_old_version_runs_again(server: Run, healthy: str) -> None:
    said, done = server("no backup", healthy)
    assert said.returncode == 1
    assert "nothing was changed" in said.stderr
    assert done[-2:] == ["install old", "start"]


def test_a_version_that_does_not_answer_is_said_with_the_way_back(server: Run) -> None:
    said, done = server("new", "http://127.0.0.1:9/healthz")
    assert said.returncode == 1
    assert "restore /backups/today --replace" in said.stderr
    assert done[-1] == "start"
