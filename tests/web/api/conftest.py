"""A therapist with a client and a story, their tokens, and a colleague with another client."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reknit.practice import clock, loop
from reknit.practice.demo.stage import hold, meet, say
from reknit.practice.doors.api.models import Scope, Token
from reknit.practice.people.models import Membership, Role, User


def member(email: str, *roles: str, clinic=None) -> User:
    user = User.objects.create_user(email=email, name=email.split("@", maxsplit=1)[0].title())
    for role in roles:
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.fixture
def clinic(db):
    return loop.open_clinic(member("founder@x.example"), "A clinic", crisis_contacts="Night line: 0800 000")


@pytest.fixture
def first():
    return (clock.now() - timedelta(days=30)).replace(microsecond=0)


@pytest.fixture
def jo(clinic, first):
    pair = meet(member("robin@x.example", Role.THERAPIST, clinic=clinic), "Jo", first)
    for week, words in enumerate(["it helped", ""]):
        say(pair, hold(pair, first + timedelta(weeks=week)), [7, 8, 7, 8, 7], words=words)
    say(
        pair,
        hold(pair, first + timedelta(weeks=2)),
        [2] * 5,
        bothered=2,
        words="only mine",
        audience="only_me",
    )
    loop.open_episode(pair.therapist, pair.relationship, "own_sense")
    return pair


@pytest.fixture
def other(clinic, first):
    return meet(member("colleague@x.example", Role.THERAPIST, clinic=clinic), "Max", first)


@pytest.fixture
def ask(client, jo):
    """`ask("GET", "/relationships", "relationships:read")`: a request with a token of these scopes."""

    def asked(method: str, path: str, *scopes: str, body=None, user=None, secret=None):
        secret = secret or Token.issue(user or jo.therapist.user, "test", list(scopes))
        headers = {"authorization": f"Bearer {secret}"}
        kind = {"content_type": "application/json"} if body is not None else {}
        return client.generic(method, f"/api/v1{path}", as_json(body), headers=headers, **kind)

    return asked


def as_json(body) -> str:
    import json

    return "" if body is None else body if isinstance(body, str) else json.dumps(body)


ALL = [scope.value for scope in Scope]
