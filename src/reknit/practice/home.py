"""The one folder in which an installation keeps what is its own."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path


def default_home() -> Path:
    """``var`` beside the sources in a checkout, else the folder where this system keeps a user's data."""
    checkout = Path(__file__).resolve().parents[3]
    return (
        checkout / "var" if (checkout / "Makefile").is_file() else user_data_path("reknit", appauthor=False)
    )


def home() -> Path:
    """``REKNIT_HOME``, or the default."""
    return Path(os.environ.get("REKNIT_HOME") or default_home()).expanduser().resolve()
