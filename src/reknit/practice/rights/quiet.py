"""Relationships that nobody noted as ended, and when something was last heard of them."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import OuterRef, QuerySet, Subquery

from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import CheckIn
from reknit.practice.people.models import Relationship
from reknit.practice.questionnaires.models import Response

SIGNS = ("last_session", "last_check_in", "last_questionnaire")


def with_signs(found: QuerySet[Relationship]) -> QuerySet[Relationship]:
    """These, each with the times of its last session (planned ones too), check-in and questionnaire."""
    own = {"relationship": OuterRef("pk")}
    sessions = Session.objects.filter(**own).order_by("-starts_at").values("starts_at")
    check_ins = CheckIn.objects.filter(**own).order_by("-received_at").values("received_at")
    answered = Response.objects.filter(**own, sent_at__isnull=False).order_by("-sent_at").values("sent_at")
    return found.annotate(
        last_session=Subquery(sessions[:1]), last_check_in=Subquery(check_ins[:1]),
        last_questionnaire=Subquery(answered[:1]),
    )  # fmt: skip


def last_sign(relationship: Relationship) -> date:
    """The day on which something was last heard of the two: a session, a check-in, a questionnaire."""
    if not hasattr(relationship, SIGNS[0]):
        relationship = with_signs(Relationship.objects.filter(pk=relationship.pk)).get()
    signs: list[datetime | None] = [getattr(relationship, name) for name in SIGNS]
    return max([relationship.started_on, *(sign.date() for sign in signs if sign)])
