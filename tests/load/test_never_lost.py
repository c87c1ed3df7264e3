"""The server is killed while check-ins come in: what was said to be received is there, once, and whole.

`bench/crash.py` and `bench/faults.py` do the same two hundred times and on both databases.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "script", [["crash.py", "--kills", "3"], ["faults.py"]], ids=lambda command: command[0]
)
def test_nothing_that_was_received_is_lost_or_doubled(script: list[str]) -> None:
    command = [sys.executable, str(ROOT / "bench" / script[0]), *script[1:]]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REKNIT_", "DJANGO_"))}
    kept.pop("DATABASE_URL", None)
    done = subprocess.run(
        command, cwd=ROOT / "bench", env=kept, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong: 0" in done.stdout
