"""Every account page: ours, one heading, and nothing that the security policy forbids."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from django.test import Client

from reknit.practice.people.models import User

pytestmark = pytest.mark.django_db

OUTSIDE = ["login/", "signup/", "password/reset/", "password/reset/done/", "inactive/", "confirm-email/"]
OUTSIDE += ["password/reset/key/done/", "password/reset/key/1-set-password/", "confirm-email/nonsense/"]
OUTSIDE += ["3rdparty/login/cancelled/", "3rdparty/login/error/"]
INSIDE = [
    "email/",
    "password/change/",
    "logout/",
    "reauthenticate/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/",
]
INSIDE += ["2fa/webauthn/add/", "3rdparty/"]
WITH_SECOND_STEP = ["2fa/", "2fa/recovery-codes/generate/", "2fa/totp/deactivate/", "2fa/reauthenticate/"]
WITH_SECOND_STEP += ["2fa/webauthn/", "2fa/webauthn/keys/{key}/edit/", "2fa/webauthn/keys/{key}/remove/"]


def check(page: str) -> None:
    assert "Reknit</title>" in page
    assert page.count("<h1") == 1
    assert 'name="viewport"' in page
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page)
    for attributes in re.findall(r"<script([^>]*)>", page):
        assert "src=" in attributes or 'type="application/json"' in attributes


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_page_for_anybody(path: str, client: Client) -> None:
    answer = client.get(f"/accounts/{path}")
    assert answer.status_code == (401 if "error" in path else 200)
    check(answer.content.decode())


@pytest.mark.parametrize("path", INSIDE)
def test_a_page_for_somebody_signed_in(path: str, sure: Client) -> None:
    answer = sure.get(f"/accounts/{path}")
    assert answer.status_code == 200
    check(answer.content.decode())


@pytest.mark.parametrize("path", INSIDE)
def test_nobody_else_sees_it(path: str, client: Client) -> None:
    answer = client.get(f"/accounts/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith(("/accounts/login/", "/"))


@pytest.mark.parametrize("path", WITH_SECOND_STEP)
def test_a_page_for_somebody_with_a_second_step(path: str, sure: Client, person: User) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(person, generate_totp_secret())
    key = Authenticator.objects.create(user=person, type="webauthn", data={"name": "My phone"})
    answer = sure.get(f"/accounts/{path.format(key=key.pk)}")
    assert answer.status_code == 200
    check(answer.content.decode())


def test_confirming_an_address(person: User, client: Client) -> None:
    address = EmailAddress.objects.create(user=person, email=person.email, primary=True)
    page = f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/"
    check(client.get(page).content.decode())
    client.post(page)
    address.refresh_from_db()
    assert address.verified
