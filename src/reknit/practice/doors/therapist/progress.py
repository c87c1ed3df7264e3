"""Where an episode stands, as a line of steps, and chances said in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from reknit.practice.repairs.models import CLOSED, Episode, State

USUAL = (State.NOTICED, State.UNDERSTOOD, State.REPLIED, State.ANSWERED, State.AGREED, State.FOLLOWED_UP)


@dataclass(frozen=True)
class Stop:
    """One step on the line: done, current, or yet to come. `at` is when it was last reached."""

    label: str
    at: datetime | None
    is_done: bool
    is_current: bool


def line_of(episode: Episode) -> list[Stop]:
    """The steps taken, the current one, and the usual ones ahead; a closed episode has none ahead."""
    reached = {State(step.state): step.at for step in episode.steps.all()}
    now = State(episode.state)
    usual = [*USUAL, *([now] if now not in USUAL else [])]
    place = usual.index(now)
    stops = [
        Stop(str(state.label), reached.get(state), i < place or now in CLOSED, state == now)
        for i, state in enumerate(usual)
        if state in reached or i >= place
    ]
    return (
        stops
        if now in CLOSED or now == State.NOT_YET
        else [*stops, Stop(str(_("mended")), None, False, False)]
    )


CHANCES = [
    (0.95, pgettext_lazy("chance", "almost certain")),
    (0.8, pgettext_lazy("chance", "very likely")),
    (0.6, pgettext_lazy("chance", "likely")),
    (0.4, pgettext_lazy("chance", "about as likely as not")),
    (0.2, pgettext_lazy("chance", "not likely")),
    (0.05, pgettext_lazy("chance", "unlikely")),
    (0.0, pgettext_lazy("chance", "very unlikely")),
]


def chance(probability: float) -> str:
    """A probability as words for “It is … that”."""
    return next(str(said) for least, said in CHANCES if probability >= least)


def in_ten(probability: float) -> int:
    """A probability as so many in ten, never quite none and never quite all."""
    return min(max(round(probability * 10), 1), 9)
