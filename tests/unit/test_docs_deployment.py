"""The deployment guide names every setting, and its service is one that systemd takes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_guide() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/reknit/practice").glob("*.py"))
    read = set(re.findall(r"\bREKNIT_[A-Z_]+[A-Z]\b", code))
    assert len(read) > 20
    assert read - set(re.findall(r"`(REKNIT_[A-Z_]+)`", GUIDE)) == set()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here")
def test_systemd_takes_the_services(tmp_path: Path) -> None:
    units = re.findall(r"```ini\n# /etc/systemd/system/([\w-]+\.service).*?\n(.*?)```", GUIDE, re.S)
    assert [name for name, _unit in units] == ["reknit.service", "reknit-backup.service"]
    for name, unit in units:
        file = tmp_path / name
        file.write_text(
            unit.replace("/opt/reknit/.venv/bin/reknit", "/bin/true").replace("User=reknit", "User=root")
        )
        said = subprocess.run(
            ["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False, timeout=60
        )
        about_it = [line for line in said.stderr.splitlines() if name in line]
        assert about_it == [], about_it
