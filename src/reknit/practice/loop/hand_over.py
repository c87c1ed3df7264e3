"""A client moves from one therapist to another: both are told, and the client decides what goes along.

The old therapist's access ends on a day that the lead sets. Only the client's yes opens a relationship with
somebody new; silence and no take nothing along. Trust starts anew, private reflections stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reknit.practice import clock
from reknit.practice.checkins.models import LinkKind, Message, MessageKind
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.letters import tell
from reknit.practice.loop.people import give_consent, issue_link
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.handing_over import HandOver, HandOverState, WordsAlong
from reknit.practice.people.models import Clinic, Ending, Membership, Relationship, Role, User
from reknit.practice.repairs.models import Learning, LearningState
from reknit.practice.trail import record

TELL_FOR = timedelta(days=14)
PLEASE_LOOK = gettext_noop("Please sign in and open “Hand-over”. This letter says nothing more on purpose.")


@dataclass(frozen=True)
class Along:
    """What a client lets go along, and whether they would like to be asked after sessions again."""

    learnings: bool = False
    episodes: bool = False
    words: str = WordsAlong.NONE
    check_ins: bool = False


# --- The lead -------------------------------------------------------------------------------------


@transaction.atomic
def start_hand_over(visitor: Visitor, relationship: Relationship, to: User, ends_on: date) -> HandOver:
    """A lead asks the client whether they would like to go on with somebody else.

    Args:
        ends_on: the last day on which the present therapist can open anything of this client.

    Raises:
        PermissionDenied: the visitor does not lead the clinic.
        NotNow: the new one is no therapist here or is the present one, the day is past, or it is under way.
    """
    _require_lead(visitor, relationship.clinic)
    if to == relationship.therapist or to not in therapists(relationship.clinic):
        raise NotNow(_("Choose another therapist of this clinic."))
    if ends_on < clock.today():
        raise NotNow(_("Choose today or a later day."))
    if relationship.hand_overs.filter(state=HandOverState.ASKED).exists():
        raise NotNow(_("The client is being asked already. Call that off first."))
    hand_over = HandOver.objects.create(
        relationship=relationship, to=to, started_by=visitor.user, ends_on=ends_on
    )
    relationship.therapist_until = ends_on
    relationship.save(update_fields=["therapist_until"])
    record(
        visitor.trail_name, "started", f"hand_over:{hand_over.pk}:user:{to.pk}",
        relationship_id=relationship.pk, detail=ends_on.isoformat(),
    )  # fmt: skip
    for therapist in (relationship.therapist, to):
        tell(therapist, PLEASE_LOOK)
    _tell_client(relationship)
    return hand_over


def _tell_client(relationship: Relationship) -> None:
    """A message that says nothing but that their page has something new."""
    if relationship.client.contact and relationship.has_consent:
        until = clock.now() + TELL_FOR
        fresh = {"state": "waiting", "due_at": clock.now(), "expires_at": until, "attempts": 0}
        Message.objects.update_or_create(
            relationship=relationship, session=None, kind=MessageKind.NEWS, defaults=fresh
        )


@transaction.atomic
def call_off(visitor: Visitor, hand_over: HandOver) -> None:
    """The present therapist stays after all. What the client let go along before is closed again."""
    relationship = hand_over.relationship
    _require_lead(visitor, relationship.clinic)
    if hand_over.state == HandOverState.AGREED:
        raise NotNow(_("The client said yes. Hand them back by a new hand-over."))
    hand_over.state = HandOverState.CALLED_OFF
    hand_over.save(update_fields=["state"])
    relationship.therapist_until = None
    relationship.save(update_fields=["therapist_until"])
    record(visitor.trail_name, "changed", f"hand_over:{hand_over.pk}:off", relationship_id=relationship.pk)
    for therapist in (relationship.therapist, hand_over.to):
        tell(therapist, PLEASE_LOOK)


@transaction.atomic
def end_without_therapist(visitor: Visitor, relationship: Relationship, ending: str) -> None:
    """A lead notes how it ended for somebody whose therapist is gone."""
    _require_lead(visitor, relationship.clinic)
    if not without_therapist(relationship.clinic).filter(pk=relationship.pk).exists():
        raise NotNow(_("They still have a therapist."))
    if ending not in Ending or ending == Ending.RUNNING:
        raise NotNow(_("Say how it ended."))
    relationship.ending, relationship.ended_on = Ending(ending), clock.today()
    relationship.save(update_fields=["ending", "ended_on"])
    relationship.hand_overs.filter(state=HandOverState.ASKED).update(state=HandOverState.CALLED_OFF)
    record(visitor.trail_name, "changed", f"ending:{ending}", relationship_id=relationship.pk)


def therapists(clinic: Clinic) -> QuerySet[User]:
    """Those who could take somebody on."""
    seats = Membership.objects.filter(clinic=clinic, role=Role.THERAPIST)
    return User.objects.filter(memberships__in=seats, is_active=True)


def running(clinic: Clinic) -> QuerySet[Relationship]:
    """Relationships that go on, by therapist; for a lead: who meets whom, and nothing they said."""
    found = Relationship.objects.filter(clinic=clinic, ending=Ending.RUNNING, supervisee=None)
    return found.select_related("therapist", "client").order_by("therapist__name", "pk")


def without_therapist(clinic: Clinic) -> QuerySet[Relationship]:
    """Those who go on and whom nobody looks after: their therapist left, or the last day is past."""
    seats = Membership.objects.filter(user=OuterRef("therapist"), clinic=clinic, role=Role.THERAPIST)
    gone = Q(therapist_until__lt=clock.today()) | ~Exists(seats) | Q(therapist__is_active=False)
    return running(clinic).filter(gone)


# --- The client -----------------------------------------------------------------------------------


def hand_over_of(visitor: Visitor) -> HandOver | None:
    """What the client is asked, or what they answered last."""
    if visitor.client_relationship is None:
        return None
    mine = HandOver.objects.filter(relationship=visitor.client_relationship)
    return (
        mine.exclude(state=HandOverState.CALLED_OFF).select_related("to", "relationship__therapist").first()
    )


@transaction.atomic
def decline_hand_over(visitor: Visitor, hand_over: HandOver) -> None:
    """The client would rather not. Nothing goes along; the lead sees it and speaks with them."""
    access.require_client(visitor, hand_over)
    if hand_over.state != HandOverState.ASKED:
        raise NotNow(_("This was answered before."))
    hand_over.state, hand_over.answered_at = HandOverState.DECLINED, clock.now()
    hand_over.save(update_fields=["state", "answered_at"])
    record(
        visitor.trail_name, "declined", f"hand_over:{hand_over.pk}", relationship_id=hand_over.relationship_id
    )


@transaction.atomic
def agree_to_hand_over(visitor: Visitor, hand_over: HandOver, along: Along) -> str:
    """The client goes on with somebody new; returns the token of their own page with them.

    Raises:
        NotNow: it was answered or called off, or the new therapist is no longer there.
    """
    access.require_client(visitor, hand_over)
    current = HandOver.objects.select_for_update().get(pk=hand_over.pk)
    if current.state != HandOverState.ASKED:
        raise NotNow(_("This was answered before."))
    old = current.relationship
    if current.to not in therapists(old.clinic):
        raise NotNow(_("They no longer work here. The clinic will ask you again."))
    new, _new = Relationship.objects.update_or_create(
        client=old.client, therapist=current.to,
        defaults={"clinic": old.clinic, "ending": Ending.RUNNING, "ended_on": None, "therapist_until": None},
    )  # fmt: skip
    current.state, current.answered_at, current.new = HandOverState.AGREED, clock.now(), new
    _set_along(visitor, current, along)
    record(visitor.trail_name, "created", f"relationship:{new.pk}", relationship_id=new.pk)
    there = Visitor.client(new, visitor.closed_until)
    if along.check_ins:
        give_consent(there)
    tell(current.to, gettext_noop("Please sign in: somebody is on your caseload who was not there before."))
    return issue_link(there, new, LinkKind.HOME)


@transaction.atomic
def change_along(visitor: Visitor, hand_over: HandOver, along: Along) -> None:
    """The client opens more, or closes what went along. Learnings that went stay theirs to retire."""
    access.require_client(visitor, hand_over)
    if hand_over.state != HandOverState.AGREED or hand_over.new is None:
        raise NotNow(_("There is nothing to change yet."))
    _set_along(visitor, hand_over, along)


def _set_along(visitor: Visitor, hand_over: HandOver, along: Along) -> None:
    hand_over.with_learnings, hand_over.with_episodes = along.learnings, along.episodes
    hand_over.words = WordsAlong(along.words)
    hand_over.save()
    taken = [*(["learnings"] * along.learnings), *(["episodes"] * along.episodes), f"words={along.words}"]
    record(
        visitor.trail_name, "agreed", f"hand_over:{hand_over.pk}",
        relationship_id=hand_over.relationship_id, detail=",".join(taken),
    )  # fmt: skip
    if along.learnings and hand_over.new is not None:
        _copy_learnings(hand_over.relationship, hand_over.new)


def _copy_learnings(old: Relationship, new: Relationship) -> None:
    """What the client confirmed guards their homework with the new therapist too."""
    held = {learning.sentence for learning in new.learnings.all()}
    for learning in old.learnings.filter(state__in=(LearningState.CONFIRMED, LearningState.CORRECTED)):
        if learning.sentence in held:
            continue
        copy = Learning.objects.create(
            relationship=new, sentence=learning.sentence, topic=learning.topic, polarity=learning.polarity,
            condition=learning.condition, strength=learning.strength, scope=learning.scope,
            state=learning.state, learned_at=learning.learned_at, review_on=learning.review_on,
        )  # fmt: skip
        record("system", "created", f"learning:{copy.pk}", relationship_id=new.pk, detail="came along")


# --- Both therapists, and the night ---------------------------------------------------------------


def hand_overs_with(user: User) -> QuerySet[HandOver]:
    """The hand-overs that a therapist takes part in, on either side, the newest first."""
    found = HandOver.objects.filter(Q(to=user) | Q(relationship__therapist=user))
    return found.select_related("to", "relationship__therapist", "relationship__client", "new__client")


@transaction.atomic
def finish_hand_overs() -> int:
    """End what was handed over once the old therapist's last day is past; returns how many. Every night."""
    done = HandOver.objects.filter(
        state=HandOverState.AGREED, ends_on__lt=clock.today(), relationship__ending=Ending.RUNNING
    )
    ended = 0
    for hand_over in done.select_related("relationship"):
        old = hand_over.relationship
        if old.therapist_until is None or old.therapist_until >= clock.today():
            continue  # handed back since
        old.ending, old.ended_on = Ending.ENDED_WELL, hand_over.ends_on
        old.save(update_fields=["ending", "ended_on"])
        record(
            "system", "changed", f"ending:{Ending.ENDED_WELL}", relationship_id=old.pk, detail="handed over"
        )
        ended += 1
    return ended


def _require_lead(visitor: Visitor, clinic: Clinic) -> None:
    if visitor.user is None or clinic not in access.clinics_of(visitor.user, Role.LEAD):
        raise PermissionDenied(_("Only a clinic lead may decide this."))
