"""A therapist, their client Jo, a colleague with a client of their own, and a stranger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reknit.practice import loop
from reknit.practice.demo.stage import Pair, hold, meet
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Membership, Role, User

FIRST = datetime(2026, 3, 2, 15, tzinfo=UTC)
WEEK = timedelta(days=7)


def member(email: str, *roles: str, clinic=None) -> User:
    user = User.objects.create_user(email=email, name=email.split("@", maxsplit=1)[0].title())
    for role in roles:
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.fixture
def clinic(db):
    founder = member("founder@x.example")
    return loop.open_clinic(founder, "A clinic")


@pytest.fixture
def therapist(clinic) -> User:
    return member("robin@x.example", Role.THERAPIST, clinic=clinic)


@pytest.fixture
def jo(therapist) -> Pair:
    return meet(therapist, "Jo", FIRST)


@pytest.fixture
def other(clinic) -> Pair:
    """Another therapist of the same clinic, with another client."""
    return meet(member("colleague@x.example", Role.THERAPIST, clinic=clinic), "Max", FIRST)


@pytest.fixture
def session(jo):
    return hold(jo, FIRST)


@pytest.fixture
def lead(clinic) -> Visitor:
    return Visitor(user=member("lead@x.example", Role.LEAD, clinic=clinic))


@pytest.fixture
def administrator(clinic) -> Visitor:
    return Visitor(user=member("admin@x.example", Role.ADMINISTRATOR, clinic=clinic))


@pytest.fixture
def stranger(db) -> Visitor:
    return Visitor(user=member("stranger@y.example"))
