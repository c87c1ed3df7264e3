"""What the clinic owes: said by the client, taken on by somebody, answered, closed by the client alone.

noticed -> understood -> replied -> agreed -> followed up -> restored, or not yet and round again.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.loop.errors import NotNow
from reknit.practice.owed.models import OwedFor, OwedRepair, OwedStep
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship, User
from reknit.practice.repairs.models import CLOSED, State
from reknit.practice.trail import record

DAYS_FOR = {
    State.NOTICED: 3,
    State.UNDERSTOOD: 14,
    State.REPLIED: 28,
    State.FOLLOWED_UP: 28,
    State.NOT_YET: 7,
}
CLINIC_STEPS = {
    State.UNDERSTOOD: (State.NOTICED, State.NOT_YET, State.UNDERSTOOD),
    State.REPLIED: (State.UNDERSTOOD, State.NOT_YET),
    State.FOLLOWED_UP: (State.AGREED,),
}
CLIENT_STEPS = {
    State.RESTORED: (State.REPLIED, State.AGREED, State.FOLLOWED_UP, State.NOT_YET),
    State.AGREED: (State.REPLIED,),
    State.NOT_YET: (State.REPLIED, State.FOLLOWED_UP),
}


@transaction.atomic
def say_owed(visitor: Visitor, kind: str, words: str) -> OwedRepair:
    """The client tells the clinic what it should put right. Saying the same twice is the same as once.

    Raises:
        NotNow: nothing was said, or nobody but the therapist could hear it.
    """
    relationship = visitor.client_relationship
    if relationship is None:
        raise PermissionDenied
    if not words.strip():
        raise NotNow(_("Say what happened, in your own words."))
    if not access.clinic_can_listen(relationship):
        raise NotNow(_("The clinic has nobody but your therapist who could hear this."))
    twice = [one for one in relationship.owed.all() if one.words == words and one.is_open]
    return twice[0] if twice else _begin(visitor, relationship, kind, words)


def _begin(visitor: Visitor, relationship: Relationship, kind: str, words: str) -> OwedRepair:
    made = OwedRepair.objects.create(
        relationship=relationship, kind=OwedFor(kind), words=words, due_on=_due(State.NOTICED)
    )
    _step(visitor, made, State.NOTICED, "")
    return made


@transaction.atomic
def read_owed(visitor: Visitor, pk: int | None = None) -> QuerySet[OwedRepair]:
    """What this person may read of what the clinic owes, due first, or one; reading by staff is recorded."""
    asked = OwedRepair.objects.all() if pk is None else OwedRepair.objects.filter(pk=pk)
    found = access.owed(visitor, asked).select_related("owner", "relationship__client")
    if not visitor.is_client:
        for one in found:
            record(visitor.trail_name, "read_words", f"owed:{one.pk}", relationship_id=one.relationship_id)
    return found.prefetch_related("steps")


@transaction.atomic
def take_owed_on(
    visitor: Visitor,
    repair: OwedRepair,
    state: str,
    told: str,
    *,
    owner: User | None = None,
    due_on: date | None = None,
) -> None:
    """The clinic takes a step, names who answers for it and by when, and tells the client in words.

    Raises:
        NotNow: the step does not follow, nothing is told, the owner is not of the clinic or is the therapist,
            or the day is past.
    """
    if visitor.is_client or not access.owed(visitor, OwedRepair.objects.filter(pk=repair.pk)).exists():
        raise PermissionDenied
    wanted, owner = State(state), owner or repair.owner or visitor.user
    if repair.state not in CLINIC_STEPS.get(wanted, ()):
        raise NotNow(_("That step does not follow from where it stands."))
    if not told.strip():
        raise NotNow(_("Say what the client is told."))
    if owner is None or not access.owners_for(repair).filter(pk=owner.pk).exists():
        raise NotNow(_("Whoever answers for it works at the clinic, and is not the client's own therapist."))
    if due_on and due_on < clock.today():
        raise NotNow(_("That day is past. Choose today or a later day."))
    repair.owner = owner
    _move(repair, wanted, due_on)
    _step(visitor, repair, wanted, told)


@transaction.atomic
def answer_owed(visitor: Visitor, repair: OwedRepair, state: str, words: str = "") -> None:
    """The client says whether that mends it: yes, yes once it is done, or not yet. Only they can close it."""
    own = access.owed(visitor, OwedRepair.objects.filter(pk=repair.pk))
    if not visitor.is_client or not own.exists():
        raise PermissionDenied
    wanted = State(state)
    if repair.state not in CLIENT_STEPS.get(wanted, ()):
        raise NotNow(_("There is nothing to answer here at the moment."))
    promised = repair.due_on if wanted == State.AGREED else None
    _move(repair, wanted, promised)
    _step(visitor, repair, wanted, words)


def _move(repair: OwedRepair, state: State, due_on: date | None) -> None:
    repair.state, repair.due_on = state, due_on or _due(state)
    repair.closed_at = clock.now() if state in CLOSED else None
    repair.save(update_fields=["state", "owner", "due_on", "closed_at"])


def _due(state: State) -> date:
    return clock.today() + timedelta(days=DAYS_FOR.get(state, 14))


def _step(visitor: Visitor, repair: OwedRepair, state: State, told: str) -> None:
    OwedStep.objects.create(repair=repair, state=state, told=told, by_client=visitor.is_client)
    verb = "created" if state == State.NOTICED else "changed"
    record(visitor.trail_name, verb, f"owed:{repair.pk}:{state}", relationship_id=repair.relationship_id)
