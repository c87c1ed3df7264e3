"""A concern about the therapist goes to safeguarding, and the client hears what becomes of it."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.concerns.models import Concern, ConcernState, ConcernStep
from reknit.practice.loop.errors import NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.trail import record

DAYS_FOR = {ConcernState.RECEIVED: 3, ConcernState.ACKNOWLEDGED: 28, ConcernState.ANSWERED: 28}
FOLLOWS = {
    ConcernState.ACKNOWLEDGED: (ConcernState.RECEIVED,),
    ConcernState.ANSWERED: (ConcernState.ACKNOWLEDGED, ConcernState.ANSWERED),
    ConcernState.CLOSED: (ConcernState.ANSWERED,),
}


def next_concern_states(concern: Concern) -> list[ConcernState]:
    """The steps that may follow from where a concern stands."""
    return [state for state, earlier in FOLLOWS.items() if concern.state in earlier]


@transaction.atomic
def raise_concern(visitor: Visitor, words: str, reach_me: str = "") -> Concern:
    """The client tells the clinic's safeguarding person about their therapist, who never sees it.

    Raises:
        NotNow: nothing was said, or the clinic has nobody who could hear it but the therapist.
    """
    relationship = visitor.client_relationship
    if relationship is None:
        raise PermissionDenied
    if not words.strip():
        raise NotNow(_("Say what happened, in your own words."))
    if not access.safeguarding_of(relationship).exists():
        raise NotNow(_("The clinic has named nobody for this. Please use the address outside the clinic."))
    twice = [c for c in relationship.concerns.all() if c.words == words and c.is_open]
    if twice:
        return twice[0]
    due = clock.today() + timedelta(days=DAYS_FOR[ConcernState.RECEIVED])
    concern = Concern.objects.create(relationship=relationship, words=words, reach_me=reach_me, due_on=due)
    ConcernStep.objects.create(concern=concern, state=ConcernState.RECEIVED, by_client=True)
    record(visitor.trail_name, "created", f"concern:{concern.pk}", relationship_id=relationship.pk)
    return concern


@transaction.atomic
def read_concerns(visitor: Visitor) -> QuerySet[Concern]:
    """The concerns this person may read, those due first.

    Each reading by staff is recorded and shown to the client.
    """
    found = access.concerns(visitor, Concern.objects.all()).select_related("relationship__therapist", "owner")
    if not visitor.is_client:
        for concern in found:
            record(
                visitor.trail_name,
                "read_words",
                f"concern:{concern.pk}",
                relationship_id=concern.relationship_id,
            )
    return found.prefetch_related("steps")


@transaction.atomic
def take_concern_on(visitor: Visitor, concern: Concern, state: str, told_client: str) -> None:
    """Safeguarding takes a step, and the client is told in words."""
    if visitor.is_client or not access.concerns(visitor, Concern.objects.filter(pk=concern.pk)).exists():
        raise PermissionDenied
    wanted = ConcernState(state)
    if concern.state not in FOLLOWS.get(wanted, ()):
        raise NotNow(_("That step does not follow from where the concern stands."))
    if not told_client.strip():
        raise NotNow(_("Say what the client is told."))
    concern.state, concern.owner = wanted, visitor.user
    concern.due_on = clock.today() + timedelta(days=DAYS_FOR.get(wanted, 0))
    concern.save(update_fields=["state", "owner", "due_on"])
    ConcernStep.objects.create(concern=concern, state=wanted, told_client=told_client)
    record(
        visitor.trail_name,
        "changed",
        f"concern:{concern.pk}:{wanted}",
        relationship_id=concern.relationship_id,
    )
