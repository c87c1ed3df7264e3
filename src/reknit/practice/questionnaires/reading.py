"""Who may read which questionnaire, by the same rule as the answers of a check-in."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from reknit.practice.appointments.models import Session, Status
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.audience import Audience
from reknit.practice.questionnaires.models import Response, RiskAlert


def readable_responses(visitor: Visitor, responses: QuerySet[Response]) -> QuerySet[Response]:
    """The questionnaires that this visitor may read now; what was not sent is read by the client alone."""
    if visitor.is_client:
        own = responses.filter(relationship=visitor.client_relationship)
        if visitor.closed_until is None:
            return own
        return own.filter(_visible_to_therapist() | Q(begun_at__gte=visitor.closed_until))
    if visitor.user is None:
        return responses.none()
    mine = Q(relationship__in=access.relationships(visitor)) & _visible_to_therapist()
    heard = Q(relationship__clinic__in=access.clinics_listened_for(visitor), audience=Audience.CLINIC)
    clinic = heard & ~Q(relationship__therapist=visitor.user)  # never what one's own clients said
    return responses.filter(mine | clinic, sent_at__isnull=False)


def for_therapists(responses: QuerySet[Response]) -> QuerySet[Response]:
    """Those sent that a therapist may read, whoever the therapist is by now: what research may have."""
    return responses.filter(_visible_to_therapist(), sent_at__isnull=False)


def _visible_to_therapist() -> Q:
    met_since = Session.objects.filter(
        relationship=OuterRef("relationship"), status=Status.ATTENDED,
        starts_at__gt=OuterRef("session__starts_at"),
    )  # fmt: skip
    return Q(audience=Audience.THERAPIST_NOW) | Q(Exists(met_since), audience=Audience.IN_THE_ROOM)


def risk_alerts(visitor: Visitor) -> QuerySet[RiskAlert]:
    """The alerts of danger that are this person's: as owner, or as stand-in once the time is up."""
    if visitor.user is None:
        return RiskAlert.objects.none()
    mine = Q(owner=visitor.user) | Q(stands_in=visitor.user, escalated_at__isnull=False)
    seats = visitor.user.memberships.values("clinic")
    return RiskAlert.objects.filter(mine, response__relationship__clinic__in=seats)
