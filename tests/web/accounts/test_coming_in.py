"""Opening an account, signing in, being kept out, and getting back in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from reknit.practice.people.models import Clinic, Membership, Role, User
from reknit.practice.trail import verify
from reknit.practice.trail.models import Entry
from tests.web.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW = {"name": "Ada Example", "email": "ada@example.org", "password1": PASSWORD}


def sign_up(client: Client, **changed: str) -> Any:
    return client.post("/accounts/signup/", NEW | changed)


def sign_in(client: Client, password: str = PASSWORD, email: str = "therapist@example.org") -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_first_person_opens_the_house_and_leads_a_practice_of_one(client: Client) -> None:
    answer = sign_up(client)
    assert answer.status_code == 302
    assert is_in(client)
    user = User.objects.get()
    assert (user.name, user.email) == ("Ada Example", "ada@example.org")
    roles = Membership.objects.filter(user=user, clinic=Clinic.objects.get()).values_list("role", flat=True)
    assert set(roles) == {Role.THERAPIST, Role.LEAD, Role.ADMINISTRATOR}
    assert Entry.objects.filter(actor=f"user:{user.pk}", verb="created").exists()
    assert verify() == []


def test_after_that_accounts_are_by_invitation(person: User, client: Client) -> None:
    assert "invitation" in client.get("/accounts/signup/").content.decode()
    sign_up(client)
    assert User.objects.count() == 1


def test_an_open_house_takes_another_person_with_a_practice_of_their_own(
    person: User, client: Client, open_house: None
) -> None:
    sign_up(client)
    assert is_in(client)
    assert Clinic.objects.count() == 1
    assert User.objects.get(email="ada@example.org").memberships.count() == 3


@pytest.mark.parametrize(
    "bad", [{"email": "no address"}, {"password1": "short"}, {"password1": "ada@example.org"}, {"name": ""}]
)
def test_a_bad_sign_up_says_why_and_keeps_what_was_typed(client: Client, bad: dict[str, str]) -> None:
    page = sign_up(client, **bad)
    assert page.status_code == 200
    assert 'class="field__errors"' in page.content.decode() or "field--wrong" in page.content.decode()
    kept = next(name for name in ("name", "email") if name not in bad)
    assert NEW[kept] in page.content.decode()
    assert not User.objects.exists()


def test_signing_in_and_out(person: User, client: Client) -> None:
    assert sign_in(client).status_code == 302
    assert is_in(client)
    client.post("/accounts/logout/")
    assert not is_in(client)


def test_a_get_does_not_sign_out(signed_in: Client) -> None:
    signed_in.get("/accounts/logout/")
    assert is_in(signed_in)


def test_a_wrong_password_and_an_unknown_address_are_told_alike(person: User, client: Client) -> None:
    told = [
        re.sub(r'value="[^"]*"', "", sign_in(client, **wrong).content.decode())
        for wrong in ({"password": "not the password"}, {"email": "nobody@example.org"})
    ]
    assert told[0] == told[1]


def test_guessing_is_stopped_even_with_the_right_password_and_another_browser(person: User) -> None:
    for _ in range(5):
        sign_in(Client(), "a guess")
    after = Client()
    sign_in(after)
    assert not is_in(after)


def test_the_stop_is_kept_in_the_database_and_so_outlives_a_restart(person: User, settings: Any) -> None:
    from django.core.cache.backends.db import DatabaseCache

    sign_in(Client(), "a guess")
    fresh = DatabaseCache(settings.CACHES["default"]["LOCATION"], {})  # what a new process would open
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {fresh._table} WHERE cache_key LIKE '%%login%%'")
        assert cursor.fetchone()[0] >= 1


def test_a_forgotten_password(person: User, client: Client) -> None:
    client.post("/accounts/password/reset/", {"email": person.email})
    assert len(mail.outbox) == 1
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link
    form = client.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    client.post(address, {"password1": "another-quiet-river", "password2": "another-quiet-river"})
    sign_in(client, "another-quiet-river")
    assert is_in(client)
    assert "no longer good" in Client().get(link[1], follow=True).content.decode()


def test_asking_for_an_unknown_address_tells_nothing(person: User, client: Client) -> None:
    known = client.post("/accounts/password/reset/", {"email": person.email}, follow=True)
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert known.content == unknown.content


def test_a_form_from_another_site_is_refused(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403


def test_where_to_next_never_leads_off_the_site(person: User, client: Client) -> None:
    answer = client.post(
        "/accounts/login/",
        {"login": person.email, "password": PASSWORD, "next": "https://elsewhere.example/"},
    )
    assert "elsewhere" not in answer["Location"]
