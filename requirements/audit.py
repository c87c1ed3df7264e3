"""Known vulnerabilities among everything that is installed, by the advisories of the package index.

    python requirements/audit.py

Exit status 1 when one is known, 0 when none is, 3 when the index tells no advisories (mirrors often do not):
then nothing was learned, and it is said.
"""

import json
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parent / "dev.lock"


def main() -> int:
    """Ask for every locked file, and print what was found."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(LOCK), "--require-hashes", "--disable-pip"]
    ran = subprocess.run(
        [*command, "--format=json", "--progress-spinner=off"], capture_output=True, text=True, check=False
    )
    try:
        packages = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        print("LEFT OUT: the advisories could not be asked for:", ran.stderr.strip().splitlines()[-1:])
        return 3
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        print(f"LEFT OUT: the package index tells no advisories for any of {len(packages)} packages")
        return 3
    known = [(package, advisory) for package in asked for advisory in package["vulns"]]
    for package, advisory in known:
        fixed = ", ".join(advisory["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {advisory['id']}, mended in {fixed}")
    print(f"{len(known)} known in {len(asked)} packages; {len(packages) - len(asked)} could not be asked for")
    return 1 if known else 0


if __name__ == "__main__":
    sys.exit(main())
