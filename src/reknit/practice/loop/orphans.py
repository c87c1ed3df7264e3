"""An alert of danger never stays with somebody who is gone: it moves on at once, at the latest to a lead."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_noop

from reknit.practice import clock
from reknit.practice.loop.letters import tell
from reknit.practice.people.models import Membership, Role, User
from reknit.practice.questionnaires.models import RiskAlert
from reknit.practice.trail import record


@transaction.atomic
def hand_on_orphans() -> int:
    """Hand on every open alert whose owner left; returns how many. Called every minute.

    1. The owner left: the stand-in has it now, before the time is up.
    2. The stand-in left too: a safeguarding person, or else a lead, owns it. The last of those cannot leave.
    """
    moved = 0
    for alert in RiskAlert.objects.filter(resolved_at=None).select_related(
        "owner", "stands_in", "response__relationship"
    ):
        if _works_here(alert.owner, alert):
            continue
        if _works_here(alert.stands_in, alert):
            if alert.escalated_at is None:
                alert.escalated_at = clock.now()
                alert.save(update_fields=["escalated_at"])
                moved += _note(alert, alert.stands_in, "escalated")
        elif (found := _next(alert)) is not None:
            alert.owner = found
            alert.save(update_fields=["owner"])
            moved += _note(alert, found, "alerted")
    return moved


def _works_here(user: User | None, alert: RiskAlert) -> bool:
    clinic = alert.response.relationship.clinic_id
    return user is not None and user.is_active and user.memberships.filter(clinic=clinic).exists()


def _next(alert: RiskAlert) -> User | None:
    clinic = alert.response.relationship.clinic_id
    for role in (Role.SAFEGUARDING, Role.LEAD):
        seats = Membership.objects.filter(clinic=clinic, role=role, user__is_active=True).order_by("pk")
        seat = seats.select_related("user").first()
        if seat is not None:
            return seat.user
    return None


def _note(alert: RiskAlert, user: User | None, verb: str) -> int:
    assert user is not None
    record(
        "system", verb, f"risk:{alert.pk}:user:{user.pk}", relationship_id=alert.relationship_id,
        detail="the one before is gone",
    )  # fmt: skip
    tell(
        user,
        gettext_noop("Please sign in and open “Alerts”. This letter says nothing more on purpose."),
        gettext_noop("Something in Reknit needs you today"),
    )
    return 1
