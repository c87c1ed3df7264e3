"""Two clients of one therapist, with all that a client can meet; and somebody with no link."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from reknit.practice import clock, loop
from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import LinkKind
from reknit.practice.demo.stage import Pair, hold, meet, say
from reknit.practice.people.models import Membership, Relationship, Role, User

WEEK = timedelta(days=7)
ITEMS = ["understood", "matters", "way", "say", "trust"]


@dataclass
class Person:
    """A client, their links, and what there is of theirs."""

    pair: Pair
    home: str = ""
    check_in: str = ""
    session: Session | None = None
    things: dict[str, Any] = field(default_factory=dict)

    @property
    def relationship(self) -> Relationship:
        return self.pair.relationship

    def at(self, name: str = "door", token: str = "", **parts: Any) -> str:
        return reverse(f"client:{name}", kwargs={"token": token or self.home, **parts})


@pytest.fixture
def therapist(db: None) -> User:
    user = User.objects.create_user("ana@example.org", name="Ana Ruiz")
    clinic = loop.open_clinic(user, "Elm Street", crisis_contacts="Helpline: 116 123")
    clinic.memberships.exclude(role=Role.THERAPIST).delete()
    lead = User.objects.create_user("lead@example.org", name="Mo Berg")
    for role in (Role.LEAD, Role.SAFEGUARDING):
        Membership.objects.create(user=lead, clinic=clinic, role=role)
    return user


def a_person(therapist: User, name: str) -> Person:
    """Four weeks in: three check-ins with their audiences, a reply, and a session just held."""
    first = clock.now() - 4 * WEEK
    pair = meet(therapist, name, first)
    person = Person(pair)
    audiences = ["therapist_now", "only_me", "clinic"]
    for week, audience in enumerate(audiences):
        session = hold(pair, first + week * WEEK)
        kept = say(pair, session, [7] * 5, bothered=1, words=f"{name} {audience} words", audience=audience)
        person.things[audience] = kept.answers.get(question="words")
    person.session = loop.plan_session(pair.therapist, pair.relationship, clock.now() - timedelta(hours=1))
    person.check_in = loop.record_session(pair.therapist, person.session, "attended") or ""
    person.home = loop.issue_link(pair.client, pair.relationship, LinkKind.HOME)
    _repair(person, name)
    return person


def _repair(person: Person, name: str) -> None:
    therapist, relationship = person.pair.therapist, person.relationship
    episode = loop.open_episode(therapist, relationship, "own_sense")
    loop.understand(therapist, episode, kind="withdrawal", cause="impact", felt="Small", intended="To help")
    person.things |= {
        "answer": person.things["only_me"],
        "reply": loop.share_reply(therapist, episode, f"{name}: I hear that I went too fast."),
        "episode": episode,
        "learning": loop.propose_learning(
            therapist, relationship, sentence=f"{name} hates journaling", topic="journaling",
            polarity="avoid", strength="never", episode=episode,
        ),
        "agreement": loop.propose_agreement(therapist, relationship, f"{name}: no writing", episode=episode),
        "homework": loop.propose_homework(therapist, relationship, f"{name}: walk to the river"),
        "acknowledgement": loop.acknowledge(therapist, relationship, f"{name}: you dared to say it"),
        "session": person.session,
        "owed": loop.say_owed(person.pair.client, "billing", f"{name}: the second bill"),
    }  # fmt: skip


@pytest.fixture
def owner(therapist: User) -> Person:
    return a_person(therapist, "Robin")


@pytest.fixture
def other(therapist: User) -> Person:
    return a_person(therapist, "Kim")


@pytest.fixture
def phone() -> Browser:
    """A browser with no cookie, which insists on the forgery check as a real one would meet it."""
    return Browser(enforce_csrf_checks=True)


def filled(**changes: Any) -> dict[str, Any]:
    """A check-in as a browser sends it."""
    sent = {"key": "8f0e9a54-5f0b-4a65-9d2e-0d1f6f6f0001", "started": "0", **dict.fromkeys(ITEMS, "7")}
    sent |= {
        "bothered": "0",
        "words": "",
        "words_audience": "therapist_now",
        "ratings_audience": "therapist_now",
    }
    return {key: value for key, value in (sent | changes).items() if value is not None}
