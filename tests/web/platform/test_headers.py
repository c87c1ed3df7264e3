"""What every answer forbids the browser, and what a production installation promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PATHS = ["/", "/healthz", "/accounts/login/", "/no/such/page", "/c/no-such-link/"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_strict(path: str, client: Client) -> None:
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "microphone=()" in headers["Permissions-Policy"]
    assert "public" not in headers["Cache-Control"]


def test_a_page_behind_a_sign_in_is_not_kept(client: Client) -> None:
    client.cookies["reknit_session"] = "anything"
    assert client.get("/no/such/page")["Cache-Control"] == "no-store"


def test_another_host_is_refused(client: Client) -> None:
    assert client.get("/", HTTP_HOST="elsewhere.example").status_code == 400


def test_healthz_tells_nothing_else(client: Client) -> None:
    assert set(client.get("/healthz").json()) == {"status", "version"}


def in_production(tmp_path: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run Django's own command, or a line of Python, with the settings of a clinic's server."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("REKNIT_", "DATABASE_", "DJANGO_"))
    }
    env = {
        **clean,
        "REKNIT_HOME": str(tmp_path),
        "REKNIT_URL": "https://reknit.example.org",
        "DJANGO_SETTINGS_MODULE": "reknit.practice.settings",
        **more,
    }
    return subprocess.run([sys.executable, *command], env=env, capture_output=True, text=True, check=False)


def test_djangos_own_deployment_check_finds_nothing(tmp_path: Path) -> None:
    done = in_production(
        tmp_path, "-m", "reknit.practice.manage", "check", "--deploy", "--fail-level", "INFO"
    )
    assert done.returncode == 0, done.stderr


ASK = """
import django; django.setup()
from django.test import Client
from django.core.management import call_command
call_command("migrate", verbosity=0); call_command("createcachetable", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
secure = Client(SERVER_NAME="reknit.example.org")
plain = secure.get("/accounts/login/")
print(plain.status_code, plain["Location"])
page = secure.get("/accounts/login/", HTTP_X_FORWARDED_PROTO="https")
print(page.status_code, page["Strict-Transport-Security"])
cookie = page.cookies["__Host-reknit_csrf"]
print(bool(cookie["secure"]), bool(cookie["httponly"]), cookie["path"], cookie["samesite"], cookie["domain"])
print(secure.get("/healthz").status_code)
"""


def test_behind_tls_cookies_are_secure_and_plain_http_is_sent_away(tmp_path: Path) -> None:
    done = in_production(tmp_path, "-c", ASK)
    assert done.stdout.splitlines() == [
        "301 https://reknit.example.org/accounts/login/",
        "200 max-age=31536000; includeSubDomains; preload",
        "True True / Lax ",
        "200",
    ], done.stderr


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    show = ("-c", "from django.conf import settings; print(settings.SECRET_KEY)")
    first, second = (in_production(tmp_path, *show).stdout for _ in range(2))
    assert first == second
    assert len(first) > 60
    if os.name == "posix":
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


@pytest.mark.parametrize(
    ("name", "value"),
    [("REKNIT_URL", "reknit.example.org"), ("REKNIT_DEBUG", "perhaps"), ("REKNIT_SMTP_PORT", "many")],
)
def test_a_bad_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    done = in_production(tmp_path, "-m", "reknit.practice.manage", "check", **{name: value})
    assert done.returncode != 0
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith("django.core.exceptions.ImproperlyConfigured: " + name)
    )
