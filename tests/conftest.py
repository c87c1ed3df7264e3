"""What every test may rely on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the test's own thread


DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "client", "admin_client"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-only", action="store_true", help="run only the tests that use the database")
    parser.addoption(
        "--hostile", default="400", help="how many harmful bodies are sent (tests/web/test_hostile_input.py)"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second database only what speaks to a database is worth running again."""
    if config.getoption("--database-only"):
        items[:] = [
            item
            for item in items
            if item.get_closest_marker("django_db")
            or DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
        ]


@pytest.fixture(scope="session", autouse=True)
def requests_leave_the_connection_open() -> None:
    """A request driven straight through WSGI must not close the connection of the test's transaction."""
    from django.db.backends.base.base import BaseDatabaseWrapper

    close = BaseDatabaseWrapper.close_if_unusable_or_obsolete

    def unless_in_a_transaction(self: BaseDatabaseWrapper) -> None:
        if not self.in_atomic_block:
            close(self)

    BaseDatabaseWrapper.close_if_unusable_or_obsolete = unless_in_a_transaction  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests with a live server empty their tables, which the trail's triggers would refuse on SQLite."""
    from django.db import connection

    from reknit.practice.trail import triggers

    if connection.vendor == "sqlite":
        with django_db_blocker.unblock():
            triggers.remove(connection)


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """Debian's Chromium where there is one; otherwise the browser that Playwright brought itself, if any."""
    return os.environ.get("REKNIT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], chromium_path: str | None
) -> dict[str, Any]:
    """Launch the system's Chromium; its sandbox cannot start when everything runs as root."""
    args = {**browser_type_launch_args}
    if chromium_path:
        args["executable_path"] = chromium_path
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        args["args"] = [*args.get("args", []), "--no-sandbox"]
    return args


@pytest.fixture
def keys(tmp_path: Path, settings: Any) -> Path:
    """A folder of fresh keys that the test may change."""
    from reknit.practice.vault.rings import create_missing_rings

    folder = tmp_path / "keys"
    create_missing_rings(folder)
    settings.VAULT_KEYS = folder
    return folder
