"""What a story needs: a relationship that begins on a given day, and sessions that take place as time
goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from reknit.measures import load
from reknit.practice import clock, loop
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import CheckIn
from reknit.practice.loop import CheckInData
from reknit.practice.people.access import Visitor
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Relationship, User

ITEMS = [item.key for item in load("check_in").ratings]
STAGE = UUID("6f1d2c1e-3d0a-4a52-9a0e-1d6b6a0f7c11")


@dataclass
class Pair:
    """A therapist and a client on the stage, each able to act as themselves."""

    relationship: Relationship
    therapist: Visitor
    client: Visitor


def meet(therapist: User, called: str, first: datetime) -> Pair:
    """The therapist takes on a client two days before the first session, and the client consents."""
    with clock.at(first - timedelta(days=2)):
        visitor = Visitor(user=therapist)
        relationship, _token = loop.open_relationship(visitor, called=called, started_on=first.date())
        pair = Pair(relationship, visitor, Visitor.client(relationship))
        loop.give_consent(pair.client)
    return pair


def hold(pair: Pair, starts_at: datetime, status: Status = Status.ATTENDED) -> Session:
    """A session is planned a week ahead and recorded an hour after it began."""
    with clock.at(starts_at - timedelta(days=7)):
        session = loop.plan_session(pair.therapist, pair.relationship, starts_at)
    with clock.at(starts_at + timedelta(hours=1)):
        loop.record_session(pair.therapist, session, status)
    return session


def say(
    pair: Pair,
    session: Session,
    ratings: Sequence[float],
    *,
    bothered: int | None = 0,
    words: str = "",
    audience: str = Audience.THERAPIST_NOW,
) -> CheckIn:
    """The client checks in on the evening after a session."""
    data = CheckInData(
        key=uuid5(STAGE, f"{pair.relationship.pk}/{session.number}"),
        ratings=dict(zip(ITEMS, ratings, strict=True)),
        bothered=bothered,
        words=words,
        words_audience=audience,
        seconds_taken=40,
    )
    with clock.at(session.starts_at + timedelta(hours=5)):
        return loop.receive_check_in(pair.client, session, data)
