"""A backup and a change of keys while check-ins arrive; then the backup in an empty house; then count.

Every check-in that was received before the backup began is in what was restored, once and whole; every one
that was received at all is in the house itself, under the new keys; both trails verify.

    python bench/operation.py [--database sqlite|postgres]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import house as bench
from crash import Phones

REKNIT = [sys.executable, "-c", "from reknit.cli import app; app()"]
LOOK = """
import json, sys
import house as bench
from reknit.practice import launch
launch.setup()
due = [bench.Due(**each) for each in json.load(sys.stdin)]
print(json.dumps(bench.check(due, due)))
"""


def reknit(*words: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run([*REKNIT, *words], env=env, capture_output=True, text=True, check=False)
    print(f"reknit {' '.join(words[:2])}: {done.returncode}", flush=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def while_they_write(phones: Phones, backup: Path, key: Path) -> list[bench.Due]:
    """Back up and rotate; return what had been received before that."""
    while len(phones.accepted) < 20:
        time.sleep(0.05)
    before = list(phones.accepted)
    reknit("backup", str(backup), "--key-file", str(key))
    reknit("keys", "rotate")
    had = len(phones.accepted)
    while len(phones.accepted) < had + 20:
        time.sleep(0.05)
    return before


def elsewhere(url: str) -> dict[str, str]:
    """The environment of an empty house, with a database of its own."""
    env = dict(os.environ) | {"REKNIT_HOME": tempfile.mkdtemp(prefix="reknit-restored-")}
    if url:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE restored")
        env["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path="/restored"))
    return env


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    given = parser.parse_args()
    with bench.house(given.database) as house, tempfile.TemporaryDirectory() as place:
        bench.prepare()
        due = bench.people(4000)
        bench.close_connections()
        backup, key = Path(place) / "backup", Path(place) / "key"
        key.write_text("stones under a quiet river")
        house.start()
        phones = Phones(house.port, due[::-1])
        threads = phones.start()
        try:
            before = while_they_write(phones, backup, key)
        finally:
            phones.stop.set()
            for thread in threads:
                thread.join()
        house.__exit__(None, None, None)
        reknit("trail", "verify")
        env = elsewhere(house.database_url)
        reknit("restore", str(backup), "--key-file", str(key), env=env)
        reknit("trail", "verify", env=env)
        asked = json.dumps([asdict(each) | {"key": str(each.key)} for each in before])
        look = subprocess.run([sys.executable, "-c", LOOK], input=asked, env=env, text=True,
                              capture_output=True, check=True)  # fmt: skip
        lost = json.loads(look.stdout.splitlines()[-1])
        wrong = bench.check(phones.accepted, phones.begun)
    print(
        f"{given.database}: {len(before)} received before the backup, wrong when restored: {len(lost)}; "
        f"{len(phones.accepted)} received in all, wrong: {len(wrong)}; refused: {phones.refused}"
    )
    if lost or wrong:
        raise SystemExit("\n".join([*lost, *wrong][:20]))


if __name__ == "__main__":
    main()
