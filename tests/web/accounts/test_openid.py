"""Signing in with the clinic's own OpenID Connect provider, by configuration alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from reknit.practice import loop
from reknit.practice.loop import staff
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Membership, User
from tests.web.accounts.conftest import PASSWORD
from tests.web.accounts.provider import CLIENT, SECRET, Provider, running

pytestmark = pytest.mark.django_db
SHOW = (
    "import json; from reknit.practice import settings; print(json.dumps(settings.SOCIALACCOUNT_PROVIDERS))"
)


@pytest.fixture
def provider(settings: Any, tmp_path: Path) -> Iterator[Provider]:
    """A provider, and the settings that its environment variables make."""
    with running() as found:
        env = {
            "PATH": os.environ["PATH"], "REKNIT_HOME": str(tmp_path), "REKNIT_OIDC_SERVER": found.address,
            "REKNIT_OIDC_NAME": "Northside", "REKNIT_OIDC_CLIENT": CLIENT, "REKNIT_OIDC_SECRET": SECRET,
            "PYTHONPATH": os.pathsep.join(sys.path),
        }  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-c", SHOW], env=env, capture_output=True, text=True, check=True, timeout=60
        )
        settings.SOCIALACCOUNT_PROVIDERS = json.loads(made.stdout)
        found.person = {
            "sub": "42", "name": "Robin Example", "email": "robin@example.org", "email_verified": True,
        }  # fmt: skip
        yield found


@pytest.fixture
def clinic() -> Clinic:
    return loop.open_clinic(User.objects.create_user("lead@example.org", PASSWORD, name="Lead"), "The clinic")


def come_in(browser: Client) -> Any:
    """Press the button, let the provider sign us in, and come back."""
    page = browser.get("/accounts/login/").content.decode()
    assert "Sign in with Northside" in page
    away = browser.post("/accounts/oidc/clinic/login/")
    assert away.status_code == 302, away.content.decode()
    target = urlsplit(away["Location"])
    connection = HTTPConnection(target.netloc, timeout=10)
    connection.request("GET", f"{target.path}?{target.query}")
    back = urlsplit(connection.getresponse().headers["Location"])
    connection.close()
    return browser.get(f"{back.path}?{back.query}", follow=True)


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def invite(clinic: Clinic, email: str) -> str:
    lead = User.objects.get(email="lead@example.org")
    _invitation, token = staff.invite(Visitor(user=lead), clinic, email=email, roles=["therapist"])
    return f"/accounts/invitation/{token}/"


def test_an_unknown_person_is_let_in_nowhere(provider: Provider, clinic: Clinic) -> None:
    browser = Client()
    page = come_in(browser)
    assert not is_in(browser)
    assert "invitation" in page.content.decode()
    assert User.objects.count() == 1


def test_somebody_invited_comes_in_and_comes_back(provider: Provider, clinic: Clinic) -> None:
    browser = Client()
    browser.post(invite(clinic, "robin@example.org"))
    come_in(browser)
    assert is_in(browser)
    user = User.objects.get(email="robin@example.org")
    assert user.name == "Robin Example"
    assert [seat.role for seat in Membership.objects.filter(user=user, clinic=clinic)] == ["therapist"]
    later = Client()  # another day, without any invitation
    come_in(later)
    assert is_in(later)
    assert SocialAccount.objects.get(user=user).uid == "42"


def test_an_invitation_for_somebody_else_lets_nobody_in(provider: Provider, clinic: Clinic) -> None:
    browser = Client()
    browser.post(invite(clinic, "other@example.org"))
    come_in(browser)
    assert not is_in(browser)
    assert User.objects.count() == 1


def test_a_provider_does_not_take_over_an_account_by_claiming_its_address(
    provider: Provider, clinic: Clinic
) -> None:
    provider.person = {"sub": "666", "name": "Mallory", "email": "lead@example.org", "email_verified": True}
    browser = Client()
    come_in(browser)
    assert not is_in(browser)
    assert not SocialAccount.objects.exists()


def test_a_token_for_another_program_is_refused(provider: Provider, clinic: Clinic) -> None:
    provider.audience = "another-program"
    browser = Client()
    browser.post(invite(clinic, "robin@example.org"))
    come_in(browser)
    assert not is_in(browser)


def test_coming_back_with_a_state_that_we_did_not_give_is_refused(provider: Provider, clinic: Clinic) -> None:
    browser = Client()
    browser.post("/accounts/oidc/clinic/login/")
    browser.get("/accounts/oidc/clinic/login/callback/?code=forged&state=forged")
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        ("https://login.elsewhere.example/authorize?x=1", "https://login.elsewhere.example"),
        ("https://x.example; script-src */authorize", None),
        ("javascript:alert(1)", None),
    ],
)
def test_the_page_may_send_its_form_to_where_people_sign_in(
    provider: Provider, endpoint: str, allowed: str | None
) -> None:
    told = provider.discovery() | {"authorization_endpoint": endpoint}
    provider.discovery = lambda: told  # type: ignore[method-assign]
    page = Client().get("/accounts/oidc/clinic/login/")
    assert page.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert policy["form-action"].split()[0] == "'self'"
    assert policy["form-action"].split()[1:] == ([allowed] if allowed else [])
    assert policy["script-src"] == "'self'"
