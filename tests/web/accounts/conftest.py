"""A person with an account, and somebody signed in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from reknit.practice.people.models import User

PASSWORD = "quiet-river-under-stones"


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("therapist@example.org", PASSWORD, name="A Therapist")


@pytest.fixture
def signed_in(person: User, client: Client) -> Client:
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


@pytest.fixture
def sure(signed_in: Client) -> Client:
    """Somebody signed in who has just shown again that it is them."""
    signed_in.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return signed_in


@pytest.fixture
def open_house(settings: Any) -> None:
    settings.OPEN_SIGNUP = True
