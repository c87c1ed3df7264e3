"""At the therapist's door: the owner of a relationship, a colleague, a stranger; and the client Jo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.appointments.models import Session
from reknit.practice.demo.stage import Pair, hold, meet, say
from reknit.practice.people.models import Clinic, Membership, Role, User

NOW = datetime(2026, 3, 24, 9, 0, tzinfo=UTC)  # a Tuesday morning
WEEK = timedelta(days=7)
HURT = "I almost didn't come back. I hate journaling."


def member(email: str, clinic: Clinic | None = None, **extra: str) -> User:
    user = User.objects.create_user(email=email, name=email.split("@", maxsplit=1)[0].title(), **extra)
    if clinic:
        Membership.objects.create(user=user, clinic=clinic, role=Role.THERAPIST)
    return user


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def clinic(db: None) -> Clinic:
    return loop.open_clinic(member("founder@x.example"), "A clinic")


@pytest.fixture
def owner(clinic: Clinic) -> User:
    return member("robin@x.example", clinic, time_zone="Europe/Berlin")


@pytest.fixture
def desk(owner: User) -> Client:
    return browser_of(owner)


@pytest.fixture
def colleague(clinic: Clinic) -> Client:
    return browser_of(member("colleague@x.example", clinic))


@pytest.fixture
def stranger(db: None) -> Client:
    return browser_of(member("stranger@y.example"))


@pytest.fixture
def jo(owner: User) -> Pair:
    """Three weeks with Jo; in the last session something hurt, and they said so."""
    pair = meet(owner, "Jo", NOW - 3 * WEEK)
    say(pair, hold(pair, NOW - 3 * WEEK), [7] * 5)
    say(pair, hold(pair, NOW - 2 * WEEK), [7] * 5)
    say(pair, hold(pair, NOW - WEEK), [2, 3, 2, 3, 2], bothered=2, words=HURT)
    return pair


@pytest.fixture
def home(jo: Pair) -> str:
    return f"/practice/with/{jo.relationship.pk}/"


@pytest.fixture
def last(jo: Pair) -> Session:
    return jo.relationship.sessions.get(number=3)


@pytest.fixture
def due(jo: Pair) -> Session:
    """A session that was to begin an hour ago."""
    return loop.plan_session(jo.therapist, jo.relationship, NOW - timedelta(hours=1))
