"""After an agreement, two later check-ins say whether trust came back, or grew past where it stood."""

from __future__ import annotations

from datetime import timedelta

from reknit.practice import clock
from reknit.practice.insight import estimates
from reknit.practice.insight.alarm import verdict
from reknit.practice.loop.steps import move_to
from reknit.practice.people.models import Relationship
from reknit.practice.prepared import Prepared
from reknit.practice.repairs.models import Episode, State

CHECK_INS_NEEDED = 2
WATCHED_FOR = timedelta(days=90)  # how long a restored episode may still be seen to have grown past


def follow_up(relationship: Relationship) -> None:
    """Judge the episodes whose follow-up is due.

    Called when a check-in has arrived and the estimate is fresh.
    """
    for episode in _CONCERNED.rows(relationship.pk):
        if _is_followed(episode):
            episode.relationship = relationship
            if check_ins_since_agreed(episode) >= CHECK_INS_NEEDED:
                _judge(episode)


_CONCERNED = Prepared(
    lambda relationship: Episode.objects.filter(
        relationship=relationship,
        state__in=(State.ANSWERED, State.AGREED, State.NOT_YET, State.RESTORED),
    ),
    int,
)


def _is_followed(episode: Episode) -> bool:
    """Whether its follow-up may be due, or it was restored so lately that it may yet grow past."""
    if episode.state != State.RESTORED:
        return True
    return episode.closed_at is not None and episode.closed_at > clock.now() - WATCHED_FOR


def check_ins_since_agreed(episode: Episode) -> int:
    """How many later sessions the client has answered for since the two agreed (or the client said yes)."""
    step = episode.steps.filter(state__in=(State.ANSWERED, State.AGREED)).last()
    if step is None:
        return 0
    return episode.relationship.check_ins.filter(session__starts_at__gt=step.at).count()


def _judge(episode: Episode) -> None:
    """Say, as probabilities against the no-event forecast, where trust stands now.

    Close where it is sure enough.
    """
    found = estimates.recovery_of(episode)
    if found is None:
        return
    outcome = verdict(found)
    if episode.state == State.RESTORED and outcome != State.EXCEEDED:
        return  # restored stays restored: what came later is another story
    episode.p_restored, episode.p_exceeded = found.p_restored, found.p_exceeded
    episode.save(update_fields=["p_restored", "p_exceeded"])
    if episode.state == outcome:
        return  # "not yet" said again is no new step
    if episode.state != State.RESTORED:
        move_to(episode, State.FOLLOWED_UP, by_client=True)
    move_to(episode, State(outcome), by_client=True)
