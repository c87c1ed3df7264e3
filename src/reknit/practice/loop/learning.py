"""What was learned and agreed goes back to the client, who confirms or corrects it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice.appointments.models import Session, Status
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.steps import move_to
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import (
    Agreement,
    AgreementState,
    Episode,
    Learning,
    LearningChange,
    LearningState,
    Polarity,
    ReplyAnswer,
    Scope,
    State,
    Strength,
)
from reknit.practice.trail import record


@transaction.atomic
def propose_learning(
    visitor: Visitor,
    relationship: Relationship,
    *,
    sentence: str,
    topic: str,
    polarity: str,
    strength: str,
    condition: str = "",
    scope: str = Scope.EVERYWHERE,
    review_on: date | None = None,
    episode: Episode | None = None,
) -> Learning:
    """ "I just learned something about you." It guards from now on, and waits for the client to
    confirm it."""
    access.require_therapist(visitor, relationship)
    _same_relationship(relationship, episode)
    if polarity == Polarity.ONLY_IF and not condition.strip():
        raise NotNow(_("Say under which condition it is all right."))
    learning = Learning.objects.create(
        relationship=relationship, episode=episode, session=_source(relationship, episode),
        sentence=sentence, topic=topic, polarity=Polarity(polarity), strength=Strength(strength),
        scope=Scope(scope), condition=condition, review_on=review_on,
    )  # fmt: skip
    record(visitor.trail_name, "created", f"learning:{learning.pk}", relationship_id=relationship.pk)
    return learning


def _source(relationship: Relationship, episode: Episode | None) -> Session | None:
    """The session in which it was learned: the episode's, or the last that took place."""
    if episode is not None:
        return episode.session
    return relationship.sessions.filter(status=Status.ATTENDED).order_by("starts_at", "pk").last()


@transaction.atomic
def confirm_learning(visitor: Visitor, learning: Learning) -> None:
    """The client: yes, that is so."""
    _change_learning(visitor, learning, LearningState.CONFIRMED)
    _agreed_if_answered(learning.episode)


@transaction.atomic
def correct_learning(
    visitor: Visitor, learning: Learning, sentence: str, strength: str = "", condition: str = ""
) -> None:
    """The client says it better. Their sentence replaces the earlier one, which stays in the history.

    `strength` is how firmly they mean it ("never", "rather not"), and `condition` what it hangs on (where
    it is "only if"), where they said so.
    """
    if not sentence.strip():
        raise NotNow(_("Say it as it should be."))
    learning.strength = Strength(strength or learning.strength)
    learning.condition = condition.strip() or learning.condition
    _change_learning(visitor, learning, LearningState.CORRECTED, sentence)
    _agreed_if_answered(learning.episode)


@transaction.atomic
def retire_learning(visitor: Visitor, learning: Learning) -> None:
    """No longer so. Only the client can say it: it guards them."""
    _change_learning(visitor, learning, LearningState.RETIRED)


def _change_learning(
    visitor: Visitor, learning: Learning, state: LearningState, sentence: str | None = None
) -> None:
    access.require_client(visitor, learning)
    LearningChange.objects.create(
        learning=learning, sentence=learning.sentence, state=LearningState(learning.state), by_client=True
    )
    if learning.is_to_review:
        learning.review_on = None  # this is the second look
    learning.state = state
    if sentence is not None:
        learning.sentence = sentence
    learning.save(update_fields=["state", "sentence", "strength", "condition", "review_on"])
    record(
        visitor.trail_name,
        "changed",
        f"learning:{learning.pk}:{state}",
        relationship_id=learning.relationship_id,
    )


@transaction.atomic
def propose_agreement(
    visitor: Visitor,
    relationship: Relationship,
    text: str,
    review_on: date | None = None,
    episode: Episode | None = None,
) -> Agreement:
    """ "I'll certainly never suggest that again": a promise, once the client accepts it."""
    access.require_therapist(visitor, relationship)
    _same_relationship(relationship, episode)
    agreement = Agreement.objects.create(
        relationship=relationship, episode=episode, text=text, review_on=review_on
    )
    record(visitor.trail_name, "created", f"agreement:{agreement.pk}", relationship_id=relationship.pk)
    return agreement


@transaction.atomic
def answer_agreement(visitor: Visitor, agreement: Agreement, accept: bool) -> None:
    """The client accepts an agreement or would rather not; they may change their mind."""
    access.require_client(visitor, agreement)
    if agreement.state == AgreementState.RETIRED:
        raise NotNow(_("This agreement is no longer needed."))
    if agreement.is_to_review:
        agreement.review_on = None  # this is the second look
    agreement.state = AgreementState.STANDING if accept else AgreementState.DECLINED
    agreement.save(update_fields=["state", "review_on"])
    record(
        visitor.trail_name, "answered", f"agreement:{agreement.pk}:{agreement.state}",
        relationship_id=agreement.relationship_id,
    )  # fmt: skip
    if accept:
        _agreed_if_answered(agreement.episode)


@transaction.atomic
def retire_agreement(visitor: Visitor, agreement: Agreement) -> None:
    """Either of the two may say that an agreement is no longer needed."""
    if not visitor.is_client:
        access.require_therapist(visitor, agreement)
    else:
        access.require_client(visitor, agreement)
    agreement.state = AgreementState.RETIRED
    agreement.save(update_fields=["state"])
    record(
        visitor.trail_name,
        "changed",
        f"agreement:{agreement.pk}:retired",
        relationship_id=agreement.relationship_id,
    )


def _agreed_if_answered(episode: Episode | None) -> None:
    """An answered episode is agreed once the client has said yes to the reply and to what follows from it."""
    if episode is None or episode.state != State.ANSWERED:
        return
    answered = episode.replies.exclude(answered_at=None).order_by("answered_at", "pk").last()
    if answered and answered.answer == ReplyAnswer.YES:
        move_to(episode, State.AGREED, by_client=True)


def _same_relationship(relationship: Relationship, episode: Episode | None) -> None:
    if episode is not None and episode.relationship_id != relationship.pk:
        raise NotNow(_("That belongs to another relationship."))
