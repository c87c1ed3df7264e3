"""An idle sign-in ends; what is kept here needs a second step; coming and going is noted."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from reknit.practice.doors.accounts import staying
from reknit.practice.people.models import User
from reknit.practice.trail.models import Entry

PASSWORD = "quiet-river-under-stones"


def away(browser: Client, seconds: float) -> None:
    session = browser.session
    session[staying.SEEN] = time.time() - seconds
    session.save()


def test_after_an_idle_hour_one_signs_in_again_and_lands_where_one_was(signed_in: Client) -> None:
    assert signed_in.get("/practice/caseload/").status_code != 302
    away(signed_in, 59 * 60)
    assert signed_in.get("/practice/caseload/").status_code != 302
    away(signed_in, 61 * 60)
    answer = signed_in.get("/practice/caseload/")
    assert answer["Location"] == "/accounts/login/?next=/practice/caseload/"
    assert "_auth_user_id" not in signed_in.session


def test_without_a_second_step_only_the_account_is_open(
    signed_in: Client, person: User, settings: Any
) -> None:
    settings.SECOND_STEP = True
    assert signed_in.get("/practice/caseload/")["Location"] == "/accounts/2fa/"
    assert signed_in.get("/accounts/2fa/").status_code == 200
    Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
    assert signed_in.get("/practice/caseload/").status_code != 302


def test_who_comes_by_the_clinics_identity_provider_is_not_asked_again(
    signed_in: Client, settings: Any
) -> None:
    settings.SECOND_STEP = True
    session = signed_in.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": 1.0}]
    session.save()
    assert signed_in.get("/practice/caseload/").status_code != 302


def test_signing_out_leaves_nothing_in_the_browser(signed_in: Client) -> None:
    assert signed_in.post("/accounts/logout/")["Clear-Site-Data"] == '"cache", "storage"'


def test_coming_and_going_is_on_the_trail_by_number(signed_in: Client, person: User) -> None:
    signed_in.post("/accounts/logout/")
    mine = Entry.objects.filter(actor=f"user:{person.pk}", subject="account")
    assert list(mine.order_by("id").values_list("verb", flat=True)) == ["signed_in", "signed_out"]


@pytest.mark.django_db
def test_a_failed_sign_in_is_in_the_log_without_a_name_or_an_address(
    person: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "reknit.sign_in"):
        client.post("/accounts/login/", {"login": person.email, "password": "wrong-but-long-enough"})
    assert "a sign-in failed from 127.0.0.0/24" in caplog.text
    assert person.email not in caplog.text
