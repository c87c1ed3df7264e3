"""What somebody tries who wants in, or wants to lead others astray; each is a way that was tried."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from reknit.practice import loop
from reknit.practice.doors.api.models import Scope, Token
from reknit.practice.doors.history.models import HistoryImport
from reknit.practice.doors.smart.protocol import is_safe
from reknit.practice.exchange.caseload import safe_cell
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "quiet-river-under-stones"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


@pytest.fixture
def person() -> User:
    user = User.objects.create_user("therapist@example.org", PASSWORD, name="A Therapist")
    loop.open_clinic(user, "Elm Street")
    return user


def sign_in(browser: Client, **more: str) -> Any:
    return browser.post("/accounts/login/", {"login": "therapist@example.org", "password": PASSWORD, **more})


@pytest.mark.parametrize("length", ["999999999999", "-1", "1e9", "54525953"])
def test_what_is_too_large_is_refused_before_it_is_read(length: str) -> None:
    assert Client().post("/accounts/login/", {}, CONTENT_LENGTH=length).status_code == 413
    assert Client().post("/c/no-such-link/", {}, CONTENT_LENGTH=length).status_code == 413


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/", "//evil.example/", "/\\\\evil.example", "https:evil.example",
        "///evil.example", "javascript:alert(1)", "http://testserver@evil.example/", "\thttps://evil.example",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(person: User, away: str) -> None:
    answer = sign_in(Client(), next=away)
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_a_session_is_a_new_one_after_signing_in(person: User) -> None:
    browser = Client()
    session = browser.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    sign_in(browser)
    assert browser.session["_auth_user_id"] == str(person.pk)
    assert browser.session.session_key != planted
    assert not Client(headers={"cookie": f"reknit_session={planted}"}).session.get("_auth_user_id")


def test_a_page_takes_no_form_of_another_site(person: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    for path in ("/clinic/retention/", "/practice/clients/new/", "/accounts/logout/", "/history/"):
        assert browser.post(path, {"called": "x"}).status_code == 403


def test_a_code_is_good_once(person: User) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(person, secret)
    counter = int(time.time()) // 30
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    first, second = Client(), Client()
    for browser in (first, second):
        assert "/2fa/" in sign_in(browser)["Location"]
        browser.post("/accounts/2fa/authenticate/", {"code": code})
    assert "_auth_user_id" in first.session
    assert "_auth_user_id" not in second.session


@pytest.mark.parametrize("email", ["therapist@example.org", "nobody@example.org"])
def test_an_unknown_address_costs_as_much_time_as_a_known_one(
    person: User, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(encode(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    answer = Client().post("/accounts/login/", {"login": email, "password": "not-this-one-either"})
    assert "_auth_user_id" not in answer.wsgi_request.session
    assert hashed == ["not-this-one-either"]


@pytest.mark.parametrize(
    ("proxies", "header", "seen"),
    [
        (0, "1.2.3.4", "127.0.0.1"), (1, "1.2.3.4, 9.9.9.9", "9.9.9.9"),
        (1, "6.6.6.6, 1.2.3.4, 9.9.9.9", "9.9.9.9"),
    ],
)  # fmt: skip
def test_nobody_chooses_the_network_they_are_counted_under(
    settings: Any, proxies: int, header: str, seen: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=header)
    with context.request_context(request):
        assert get_adapter(request).get_client_ip(request) == seen


def test_guessing_ends_however_often_the_network_is_said_to_change(person: User) -> None:
    answers = [
        Client().post(
            "/accounts/login/", {"login": person.email, "password": f"wrong-{n}"},
            HTTP_X_FORWARDED_FOR=f"10.0.0.{n}",
        )
        for n in range(7)
    ]  # fmt: skip
    assert "Too many" in answers[-1].content.decode() or answers[-1].status_code == 429
    browser = Client()
    sign_in(browser)
    assert "_auth_user_id" not in browser.session  # for a while, not with the right password either


def test_a_letter_leads_home_whatever_host_was_named_and_its_link_works_once(person: User) -> None:
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": person.email}, HTTP_X_FORWARDED_HOST="evil.example")
    body = str(mail.outbox[-1].body)
    assert "evil.example" not in body
    path = re.search(r"http://testserver(/\S+)", body).group(1)  # type: ignore[union-attr]
    asked = browser.get(path, follow=True)
    at, new = asked.redirect_chain[-1][0], "another-river-under-stones"
    assert browser.post(at, {"password1": new, "password2": new}).status_code == 302
    again = Client().get(path, follow=True)
    assert "password1" not in again.content.decode()


def test_the_first_account_is_opened_on_this_machine_alone() -> None:
    far = {"REMOTE_ADDR": "192.168.1.9", "HTTP_HOST": "localhost"}
    given = {"name": "Eve", "email": "eve@evil.example", "password1": PASSWORD}
    Client().post("/accounts/signup/", given, **far)
    assert not User.objects.exists()
    Client().post("/accounts/signup/", given, REMOTE_ADDR="127.0.0.1")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://records.example.org/fhir", True), ("http://records.example.org/fhir", False),
        ("http://127.0.0.1:9200", False), ("https://127.0.0.1", False), ("https://localhost:6379", False),
        ("https://[::1]/", False), ("https://[::ffff:127.0.0.1]/", False), ("https://0.0.0.0/", False),
        ("https://169.254.169.254/", False), ("https://10.0.0.7/fhir", True), ("file:///etc/passwd", False),
        ("", False),
    ],
)  # fmt: skip
def test_a_record_system_is_not_this_machine_in_a_house_that_others_reach(
    settings: Any, url: str, safe: bool
) -> None:
    settings.PUBLIC_URL = "https://reknit.example.org"
    assert is_safe(url) is safe


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_an_export_is_a_formula(text: str, person: User) -> None:
    assert safe_cell(text) == f"'{text}"
    history = HistoryImport.objects.create(
        user=person, clinic=person.memberships.all()[0].clinic, name="x.csv",
        content=f'client,date,rating\n"{text}","{text}","{text}"\n'.encode(), rows_total=1,
        plan={"columns": {"client": "client", "date": "date", "rating": "rating"}, "lo": 0, "hi": 10,
              "dates": "iso", "lower_is_better": False},
    )  # fmt: skip
    browser = Client()
    browser.force_login(person)
    answer = browser.get(f"/history/{history.pk}/faults.csv")
    assert answer.status_code in (200, 404)
    for line in answer.content.decode().splitlines()[1:]:
        assert not re.search(r'(^|,)"?[=+@\t\r]', line)


ODD = ["[" * 200_000, "{" * 50_000, '{"a":' * 100_000, "1" * 10_000, "NaN", '"\\ud800"']


@pytest.mark.parametrize("body", ODD)
def test_deep_or_odd_json_is_refused_and_breaks_nothing(person: User, body: str) -> None:
    secret = Token.issue(person, "x", [scope.value for scope in Scope])
    relationship, _token = loop.open_relationship(Visitor(user=person), called="Ana")
    for path in (reverse("api-v1:plan_session", args=[relationship.pk]), reverse("api-v1:import_bundle")):
        answer = Client().post(
            path, body, content_type="application/json", headers={"authorization": f"Bearer {secret}"}
        )
        assert 400 <= answer.status_code < 500, path


def test_an_odd_way_of_asking_is_answered() -> None:
    asked = ("OPTIONS *", "GET //evil.example/", "TRACE /", "GET /%00", "PROPFIND /c/")
    for method, path in map(str.split, asked):
        assert Client().generic(method, path).status_code < 500


def test_a_problem_is_told_without_the_body_that_made_it(person: User) -> None:
    relationship, _token = loop.open_relationship(Visitor(user=person), called="Ana")
    secret = Token.issue(person, "x", [scope.value for scope in Scope])
    answer = Client().post(
        reverse("api-v1:plan_session", args=[relationship.pk]),
        json.dumps({"starts_at": "words-of-somebody"}),
        content_type="application/json", headers={"authorization": f"Bearer {secret}"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "words-of-somebody" not in answer.content.decode()
