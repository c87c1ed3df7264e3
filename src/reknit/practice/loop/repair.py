"""The repair: understand, reply without defending, let the client answer."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.steps import move_to
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.repairs.models import Cause, Episode, Kind, Reflection, Reply, ReplyAnswer, State
from reknit.practice.trail import record


@transaction.atomic
def understand(
    visitor: Visitor, episode: Episode, *, kind: str, cause: str, felt: str, intended: str
) -> None:
    """What the client felt and what was intended, side by side. May be revised until a reply is shared."""
    access.require_therapist(visitor, episode)
    if not felt.strip():
        raise NotNow(_("Say first what it may have been like for the client."))
    if episode.state not in (State.NOTICED, State.UNDERSTOOD):
        raise NotNow(_("A reply has been shared already; what was understood stays as it stood then."))
    episode.kind, episode.cause, episode.felt, episode.intended = Kind(kind), Cause(cause), felt, intended
    episode.save(update_fields=["kind", "cause", "felt", "intended"])
    if episode.state == State.NOTICED:
        move_to(episode, State.UNDERSTOOD, by_client=False)
    record(
        visitor.trail_name,
        "changed",
        f"episode:{episode.pk}:understood",
        relationship_id=episode.relationship_id,
    )


@transaction.atomic
def draft_reply(visitor: Visitor, episode: Episode, text: str) -> Reply:
    """Keep a draft, so that nothing typed is lost. One unshared draft an episode; nobody else sees it."""
    access.require_therapist(visitor, episode)
    if not episode.is_open:
        raise NotNow(_("This episode is closed."))
    draft = episode.replies.filter(shared_at=None).first() or Reply(episode=episode)
    draft.text, draft.drafted_at = text, clock.now()
    draft.save()
    return draft


@transaction.atomic
def share_reply(visitor: Visitor, episode: Episode, text: str) -> Reply:
    """The client can now read the reply and answer it. A shared reply no longer changes."""
    access.require_therapist(visitor, episode)
    if not text.strip():
        raise NotNow(_("There is nothing to share yet."))
    reply = draft_reply(visitor, episode, text)
    move_to(episode, State.REPLIED, by_client=False)
    reply.shared_at = clock.now()
    reply.save(update_fields=["shared_at"])
    record(visitor.trail_name, "shared", f"reply:{reply.pk}", relationship_id=episode.relationship_id)
    return reply


@transaction.atomic
def answer_reply(visitor: Visitor, reply: Reply, answer: str, words: str = "") -> None:
    """The client says whether that is it: yes, not quite or no, in their own words if they like.

    After "yes" the two can agree; after "not quite" or "no" the therapist listens again and may reply anew.
    """
    episode = reply.episode
    access.require_client(visitor, episode)
    if reply.shared_at is None:
        raise NotNow(_("This reply has not been shared."))
    if reply.answer == answer and reply.answer_words == words:
        return
    if reply.answered_at:
        raise NotNow(_("You have answered this already. Your therapist can read your answer."))
    reply.answer, reply.answer_words, reply.answered_at = ReplyAnswer(answer), words, clock.now()
    reply.save(update_fields=["answer", "answer_words", "answered_at"])
    move_to(episode, State.ANSWERED, by_client=True)
    record(
        visitor.trail_name, "answered", f"reply:{reply.pk}:{answer}", relationship_id=episode.relationship_id
    )


@transaction.atomic
def say_mended(visitor: Visitor, episode: Episode) -> None:
    """The client says that it is mended. Only they can say so before two later check-ins have."""
    access.require_client(visitor, episode)
    move_to(episode, State.RESTORED, by_client=True)
    record(
        visitor.trail_name,
        "answered",
        f"episode:{episode.pk}:mended",
        relationship_id=episode.relationship_id,
    )


@transaction.atomic
def end_well(visitor: Visitor, episode: Episode) -> None:
    """Not every relationship should be repaired.

    Ending well, or referring on, is an outcome and not a failure.
    """
    access.require_therapist(visitor, episode)
    move_to(episode, State.ENDED_WELL, by_client=False)
    record(
        visitor.trail_name,
        "changed",
        f"episode:{episode.pk}:ended_well",
        relationship_id=episode.relationship_id,
    )


@transaction.atomic
def not_a_rupture(visitor: Visitor, episode: Episode) -> None:
    """Looked at together, it was not a rupture."""
    access.require_therapist(visitor, episode)
    move_to(episode, State.NOT_A_RUPTURE, by_client=False)
    record(
        visitor.trail_name,
        "changed",
        f"episode:{episode.pk}:not_a_rupture",
        relationship_id=episode.relationship_id,
    )


def reflect(visitor: Visitor, episode: Episode, text: str) -> Reflection:
    """A private thought about an episode.

    It has its own key, goes on no record, and nobody else ever reads it.
    """
    access.require_therapist(visitor, episode)
    assert visitor.user is not None
    return Reflection.objects.create(episode=episode, author=visitor.user, text=text)


def reflections(visitor: Visitor, episode: Episode) -> QuerySet[Reflection]:
    """The visitor's own reflections on an episode, the newest first."""
    return Reflection.objects.filter(episode=episode, author=visitor.user)
