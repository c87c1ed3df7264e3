"""Sessions: planned, moved, recorded, and taken back when a finger slipped."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import LinkKind, Message, MessageKind
from reknit.practice.insight import estimates
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.noticing import notice
from reknit.practice.loop.people import issue_link
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.trail import record

CHECK_IN_STAYS_OPEN = timedelta(days=14)
REMIND_AFTER = timedelta(days=2)
OUT_OF_THE_WAY = 1_000_000  # added to numbers for a moment, while they change places


@transaction.atomic
def plan_session(visitor: Visitor, relationship: Relationship, starts_at: datetime) -> Session:
    access.require_therapist(visitor, relationship)
    Relationship.objects.select_for_update().get(pk=relationship.pk)
    if relationship.sessions.filter(starts_at=starts_at).exists():
        raise NotNow(_("There is already a session at that time."))
    last = relationship.sessions.aggregate(last=Max("number"))["last"] or 0
    session = Session.objects.create(relationship=relationship, number=last + 1, starts_at=starts_at)
    _number_by_day(relationship)
    session.refresh_from_db(fields=["number"])
    record(visitor.trail_name, "created", f"session:{session.pk}", relationship_id=relationship.pk)
    return session


def _number_by_day(relationship: Relationship) -> None:
    """Sessions still to come are counted in the order of their days; one that is over keeps its number."""
    to_come = list(relationship.sessions.filter(status=Status.PLANNED).order_by("starts_at", "id"))
    numbers = sorted(session.number for session in to_come)
    if [session.number for session in to_come] == numbers:
        return
    relationship.sessions.filter(status=Status.PLANNED).update(number=F("number") + OUT_OF_THE_WAY)
    for session, number in zip(to_come, numbers, strict=True):
        Session.objects.filter(pk=session.pk).update(number=number)


@transaction.atomic
def move_session(visitor: Visitor, session: Session, starts_at: datetime) -> None:
    """Another time for a session that has not been held; how often it moved is remembered."""
    access.require_therapist(visitor, session)
    if session.is_over:
        raise NotNow(_("This session is already recorded. Take that back first to move it."))
    session.starts_at = starts_at
    session.times_moved += 1
    session.save(update_fields=["starts_at", "times_moved"])
    _number_by_day(session.relationship)
    record(
        visitor.trail_name, "changed", f"session:{session.pk}:moved", relationship_id=session.relationship_id
    )


@transaction.atomic
def record_session(visitor: Visitor, session: Session, status: str) -> str | None:
    """What became of a session. An attended one asks for a check-in: its link's token is returned."""
    access.require_therapist(visitor, session)
    if status == Status.PLANNED:
        raise NotNow(_("Say what became of the session."))
    if status != Status.ATTENDED and hasattr(session, "check_in"):
        raise NotNow(_("The client has already sent a check-in for this session."))
    session.status = Status(status)
    session.recorded_at = clock.now()
    session.save(update_fields=["status", "recorded_at"])
    record(
        visitor.trail_name,
        "changed",
        f"session:{session.pk}:{status}",
        relationship_id=session.relationship_id,
    )
    token = _ask_for_check_in(visitor, session) if session.status == Status.ATTENDED else None
    notice(session.relationship, estimates.refresh(session.relationship))
    return token


@transaction.atomic
def unrecord_session(visitor: Visitor, session: Session) -> None:
    """Take a recording back. Not possible once the client has answered for it."""
    access.require_therapist(visitor, session)
    if hasattr(session, "check_in"):
        raise NotNow(_("The client has already sent a check-in for this session."))
    session.status = Status.PLANNED
    session.recorded_at = None
    session.save(update_fields=["status", "recorded_at"])
    session.links.filter(revoked_at=None).update(revoked_at=clock.now())
    session.messages.all().delete()
    session.relationship.alerts.filter(session=session, state="open").delete()
    record(
        visitor.trail_name,
        "changed",
        f"session:{session.pk}:taken_back",
        relationship_id=session.relationship_id,
    )
    estimates.refresh(session.relationship)


def _ask_for_check_in(visitor: Visitor, session: Session) -> str:
    """The link that the therapist shows, and messages for the client's phone where there is an address."""
    client = session.relationship.client
    if client.takes_messages and not session.relationship.has_stopped:
        for kind, wait in ((MessageKind.CHECK_IN, timedelta(0)), (MessageKind.REMINDER, REMIND_AFTER)):
            due = clock.now() + wait
            Message.objects.get_or_create(
                relationship=session.relationship, session=session, kind=kind,
                defaults={"due_at": due, "expires_at": clock.now() + CHECK_IN_STAYS_OPEN},
            )  # fmt: skip
    return issue_link(visitor, session.relationship, LinkKind.CHECK_IN, session)
