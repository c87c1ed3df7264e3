"""The same client and therapist as in the tests of the client door."""

from __future__ import annotations

import pytest

from reknit.practice.people.models import User
from tests.web.client.conftest import Person, a_person, phone, therapist

__all__ = ["owner", "phone", "therapist"]


@pytest.fixture
def owner(therapist: User) -> Person:
    return a_person(therapist, "Robin")
