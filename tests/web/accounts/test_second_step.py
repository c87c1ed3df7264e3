"""The second step: one-time codes, recovery codes, passkeys, and asking again before changing them."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from reknit.practice.people.models import User
from tests.web.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def code_for(secret: str, steps: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def set_up(client: Client) -> str:
    """Go through the page that sets up an authenticator app; returns its secret."""
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'class="copy">([A-Z2-7]+)<', page)
    assert secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret[1])})
    assert answer.status_code == 302
    return secret[1]


def in_again(person: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_secret_is_kept_closed(sure: Client) -> None:
    secret = set_up(sure)
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored
    assert stored.startswith("gAAAA")


def test_a_password_alone_is_not_enough_any_more(sure: Client, person: User) -> None:
    secret = set_up(sure)
    client = in_again(person)
    assert not is_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_for(secret, steps=1)})
    assert is_in(client)


def test_a_recovery_code_works_once(sure: Client, person: User) -> None:
    set_up(sure)
    page = sure.get("/accounts/2fa/recovery-codes/").content.decode()
    code = re.findall(r'<li class="copy">([^<]+)</li>', page)[0]
    for expected in (True, False):
        client = in_again(person)
        client.post("/accounts/2fa/authenticate/", {"code": code})
        assert is_in(client) is expected


@pytest.mark.parametrize("path", ["totp/activate/", "webauthn/add/"])
def test_changing_the_way_in_asks_again_whether_it_is_still_you(path: str, signed_in: Client) -> None:
    answer = signed_in.get(f"/accounts/2fa/{path}")
    assert answer.status_code == 302
    assert "Is it still you?" in signed_in.get(answer["Location"]).content.decode()
    signed_in.post(answer["Location"], {"password": "not the password"})
    assert signed_in.get(f"/accounts/2fa/{path}").status_code == 302
    signed_in.post(answer["Location"], {"password": PASSWORD})
    assert signed_in.get(f"/accounts/2fa/{path}").status_code == 200


def test_it_asks_again_after_a_while(sure: Client, settings: Any) -> None:
    assert sure.get("/accounts/2fa/totp/activate/").status_code == 200
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    assert sure.get("/accounts/2fa/totp/activate/").status_code == 302


def test_a_forged_passkey_is_refused_with_words(sure: Client) -> None:
    sure.get("/accounts/2fa/webauthn/add/")
    answer = sure.post("/accounts/2fa/webauthn/add/", {"name": "x", "credential": '{"forged": true}'})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()
