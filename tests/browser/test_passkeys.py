"""A passkey from first to last: made, used to come in without a password, refused once it is taken away.

Chromium's virtual authenticator stands in for a phone: the ceremony, its cryptography included, is real.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect

from reknit.practice.people.models import User
from tests.browser.conftest import inspect

PASSWORD = "quiet-river-under-stones"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def person(transactional_db: None) -> User:
    from django.core.management import call_command

    call_command("createcachetable", verbosity=0)
    return User.objects.create_user("therapist@example.org", PASSWORD, name="A Therapist")


@pytest.fixture
def device(desk: Page) -> Iterator[tuple[CDPSession, str]]:
    """A device that knows its owner by finger."""
    session = desk.context.new_cdp_session(desk)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield session, made["authenticatorId"]
    session.detach()


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("therapist@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: Page) -> None:
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)  # is it still you?
    page.get_by_role("button").last.click()
    inspect(page)
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda address: "/2fa/" in address and not address.endswith("/add/"))


def test_a_passkey_lets_its_owner_in_without_a_password(
    desk: Page, person: User, device: tuple[CDPSession, str]
) -> None:
    session, authenticator = device
    sign_in(desk)
    add_passkey(desk)
    expect(desk.get_by_role("heading", level=1)).to_be_visible()
    held: list[Any] = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})[
        "credentials"
    ]
    assert len(held) == 1
    assert held[0]["rpId"] == "localhost"
    assert Authenticator.objects.filter(user=person, type="webauthn").count() == 1

    desk.get_by_role("button", name="Sign out").click()
    desk.goto("/accounts/login/")
    desk.get_by_role("button", name="Use a passkey").click()
    desk.wait_for_url("**/practice/")
    count = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"][0]
    assert count["signCount"] > held[0]["signCount"]

    desk.get_by_role("button", name="Sign out").click()
    Authenticator.objects.filter(user=person).delete()  # taken away, as after a loss
    desk.goto("/accounts/login/")
    desk.get_by_role("button", name="Use a passkey").click()
    desk.wait_for_timeout(1000)
    desk.goto("/practice/")
    assert "/accounts/login/" in desk.url


def test_a_device_that_does_not_know_its_owner_opens_nothing(
    desk: Page, person: User, device: tuple[CDPSession, str]
) -> None:
    session, authenticator = device
    sign_in(desk)
    add_passkey(desk)
    desk.get_by_role("button", name="Sign out").click()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    desk.goto("/accounts/login/")
    desk.get_by_role("button", name="Use a passkey").click()
    expect(desk.locator("#passkey-trouble")).to_be_visible()
    desk.goto("/practice/")
    assert "/accounts/login/" in desk.url
