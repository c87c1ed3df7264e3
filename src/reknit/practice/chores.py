"""What has to be done unasked: messages sent, overdue alerts handed on, old sessions forgotten.

Two threads beside the server do it: what is daily may take minutes, and an alert of danger does not wait for
it. Several servers on one database may all do it: each step is claimed in the database by one of them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

logger = logging.getLogger(__name__)

SECOND, MINUTE, DAY = 1.0, 60.0, 86_400.0


@dataclass
class Chore:
    """Something to do every so many seconds."""

    do: Callable[[], object]
    every: float
    due_in: float = 0.0


def chores() -> list[Chore]:
    """All of them."""
    from django.conf import settings
    from django.core.management import call_command

    from reknit.practice.insight.clinic import keep_quarters
    from reknit.practice.insight.fitting import fit_clinics
    from reknit.practice.loop import hand_over, orphans, post, questionnaires
    from reknit.practice.loop.place import ask_about_the_place
    from reknit.practice.rights import retention

    found = [
        Chore(questionnaires.escalate_overdue, MINUTE),
        Chore(orphans.hand_on_orphans, MINUTE),
        Chore(lambda: call_command("clearsessions", verbosity=0), DAY),
        Chore(hand_over.finish_hand_overs, DAY),
        Chore(retention.tend, DAY),
        Chore(ask_about_the_place, DAY),
        Chore(keep_quarters, DAY),
        Chore(fit_clinics, DAY, due_in=60 * MINUTE),
    ]
    if settings.HOOK_HOSTS:
        from reknit.practice.doors.api import hooks

        found.append(Chore(hooks.tell_all, MINUTE / 2))
    if settings.PUBLIC_URL:  # without a public address no message could carry a link that works
        found.append(Chore(post.send_due, MINUTE / 2))
    return found


def start() -> threading.Event:
    """Begin, in threads of their own; setting the event that is returned ends them."""
    stop, found = threading.Event(), chores()
    pressing = [chore for chore in found if chore.every < DAY]
    daily = [chore for chore in found if chore.every >= DAY]
    for name, todo in (("chores", pressing), ("daily chores", daily)):
        threading.Thread(target=_go_on, args=(todo, stop), name=name, daemon=True).start()
    return stop


def _go_on(todo: list[Chore], stop: threading.Event, tick: float = SECOND) -> None:
    from django.db import connections

    while not stop.wait(tick):
        for chore in todo:
            chore.due_in -= tick
            if chore.due_in <= 0:
                chore.due_in = chore.every
                try_once(chore)
                connections.close_all()  # a connection that broke while idle is not met again
    connections.close_all()


def try_once(chore: Chore) -> None:
    """Do it; a failure is logged, and does not keep the others from their turn."""
    try:
        chore.do()
    except Exception:
        logger.exception("a chore failed and will be tried again")
