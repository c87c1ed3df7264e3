"""A clinic that uses some questionnaires, a therapist with a client, and the client's links."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reknit.practice import clock, loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.demo.stage import hold, meet
from reknit.practice.loop import questionnaires as steps
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Membership, Role, User


def member(email: str, *roles: str, clinic=None) -> User:
    user = User.objects.create_user(email=email, name=email.split("@", maxsplit=1)[0].title())
    for role in roles:
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.fixture
def now():
    return clock.now().replace(microsecond=0)


@pytest.fixture
def clinic(db):
    return loop.open_clinic(member("founder@x.example"), "A clinic", crisis_contacts="Night line: 0800 000")


@pytest.fixture
def lead(clinic):
    return Visitor(user=member("lead@x.example", Role.LEAD, clinic=clinic))


@pytest.fixture
def guard(clinic):
    return member("guard@x.example", Role.SAFEGUARDING, clinic=clinic)


@pytest.fixture
def therapist(clinic):
    return member("robin@x.example", Role.THERAPIST, clinic=clinic)


@pytest.fixture
def jo(therapist, now):
    return meet(therapist, "Josephine", now - timedelta(days=40))


@pytest.fixture
def other(clinic, now):
    colleague = member("colleague@x.example", Role.THERAPIST, clinic=clinic)
    return meet(colleague, "Max", now - timedelta(days=40))


@pytest.fixture
def phq(lead, clinic, guard):
    """PHQ-9, with somebody to alert and somebody to take over."""
    return steps.choose_measure(
        lead, clinic, "phq-9", is_on=True, alerted=guard, stands_in=lead.user, hours=4
    )


@pytest.fixture
def scheduled(jo, phq, now):
    """PHQ-9 after every session; the last one was two days ago."""
    schedule = steps.schedule_measure(jo.therapist, jo.relationship, "phq-9", every=1)
    hold(jo, now - timedelta(days=2))
    return schedule


@pytest.fixture
def home(jo):
    return f"/c/{loop.issue_link(jo.client, jo.relationship, LinkKind.HOME)}/"


@pytest.fixture
def check_in_link(jo, scheduled):
    session = jo.relationship.sessions.get()
    return f"/c/{loop.issue_link(jo.therapist, jo.relationship, LinkKind.CHECK_IN, session)}/"
