"""A therapist, a lead, a colleague, and files of old ratings."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reknit.practice import loop
from reknit.practice.people.models import Membership, Role, User


def member(email: str, *roles: str, clinic=None) -> User:
    user = User.objects.create_user(email=email, name=email.split("@", maxsplit=1)[0].title())
    for role in roles:
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.fixture
def clinic(db):
    return loop.open_clinic(member("founder@x.example"), "A clinic")


@pytest.fixture
def therapist(clinic):
    return member("robin@x.example", Role.THERAPIST, clinic=clinic)


@pytest.fixture
def lead(clinic):
    return member("lead@x.example", Role.LEAD, clinic=clinic)


def old_ratings(clients: int, sessions: int, separator: str = ",") -> str:
    """A file of old ratings on 1 to 7, one a week."""
    first, rows = date(2024, 1, 8), [separator.join(("client", "date", "score", "came"))]
    for n in range(clients):
        for week in range(sessions):
            cells = (f"case {n}", str(first + timedelta(weeks=week)), str(1 + (n + week) % 7), "yes")
            rows.append(separator.join(cells))
    return "\n".join(rows)


PLAN = {"client": "client", "date": "date", "rating": "score", "attended": "came", "lo": "1", "hi": "7",
        "dates": "iso"}  # fmt: skip
