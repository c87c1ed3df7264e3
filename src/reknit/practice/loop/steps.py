"""Which state of an episode may follow which, and how a step is taken."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.loop.errors import NotNow
from reknit.practice.repairs.models import CLOSED, Episode, State, Step

OPEN_STATES = [state for state in State if state not in CLOSED]

FOLLOWS: dict[State, list[State]] = {
    State.NOTICED: [State.NOTICED],
    State.UNDERSTOOD: [State.NOTICED, State.UNDERSTOOD],
    State.REPLIED: [State.UNDERSTOOD, State.REPLIED, State.ANSWERED, State.NOT_YET],
    State.ANSWERED: [State.REPLIED],
    State.AGREED: [State.ANSWERED],
    State.FOLLOWED_UP: [State.ANSWERED, State.AGREED, State.NOT_YET],
    State.RESTORED: [*OPEN_STATES],
    State.EXCEEDED: [State.FOLLOWED_UP, State.RESTORED],
    State.NOT_YET: [State.FOLLOWED_UP],
    State.ENDED_WELL: [*OPEN_STATES],
    State.NOT_A_RUPTURE: [*OPEN_STATES],
}

DAYS_FOR = {State.UNDERSTOOD: 3, State.REPLIED: 7, State.ANSWERED: 3, State.AGREED: 21, State.NOT_YET: 7}


def move_to(episode: Episode, state: State, *, by_client: bool) -> None:
    """Take a step, remember it, and set the day on which the next one is due.

    Raises:
        NotNow: `state` cannot follow the state that the episode is in.
    """
    if episode.state not in FOLLOWS[state]:
        raise NotNow(
            _("This step (%(wanted)s) does not follow from where the episode stands (%(now)s).")
            % {"wanted": state.label, "now": episode.get_state_display()}
        )
    episode.state = state
    if state in DAYS_FOR:
        episode.due_on = clock.today() + timedelta(days=DAYS_FOR[state])
    episode.closed_at = clock.now() if state in CLOSED else None
    episode.save(update_fields=["state", "due_on", "closed_at"])
    Step.objects.create(episode=episode, state=state, by_client=by_client)
