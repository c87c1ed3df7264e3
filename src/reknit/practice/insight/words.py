"""The bridge to the language part: homework against what was learned, and a private reading of a draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reknit import words
from reknit.practice.repairs.models import Learning, Scope
from reknit.words import Reason

WHY = {  # only what is ever shown: what is all right needs no reason
    Reason.ASKS: gettext_lazy("This asks for %(what)s, which is to be avoided."),
    Reason.MAY_ASK: gettext_lazy("This may touch on %(what)s. Ask first."),
    Reason.CONTRADICTION: gettext_lazy(
        "What you learned is kept as something to avoid, but its words say otherwise. Ask."
    ),
    Reason.CONDITION_BROKEN: gettext_lazy("The condition is not met."),
    Reason.CONDITION_OPEN: gettext_lazy(
        "There is a condition, and this does not say whether it is met. Ask."
    ),
    Reason.CANNOT_READ: gettext_lazy("This is in a language that cannot be read here. Ask."),
}


@dataclass(frozen=True)
class Clash:
    """A learning that a proposed homework touches: a conflict, or unsure and so a question."""

    learning: Learning
    decision: str
    why: str

    @property
    def sentence(self) -> str:
        """The client's own words."""
        return str(self.learning.sentence)

    @property
    def is_conflict(self) -> bool:
        return self.decision == "conflict"


def clashes(text: str, learnings: Iterable[Learning]) -> list[Clash]:
    """The learnings that `text` conflicts with, or may; conflicts first, the likeliest first."""
    guards = [learning for learning in learnings if learning.guards and learning.scope != Scope.IN_THE_ROOM]
    asked = [(_said(one), str(one.polarity), text, one.topic or None) for one in guards]
    judged = zip(guards, words.match_many(asked), strict=True)
    touched = [(learning, match) for learning, match in judged if match.decision != "ok"]
    touched.sort(key=lambda pair: (pair[1].decision != "conflict", -pair[1].p_conflict))
    return [Clash(learning, match.decision, why(match)) for learning, match in touched]


def why(match: words.Match) -> str:
    """Why a homework may not fit, in the language of whoever reads it; empty where nothing is against it."""
    name = words.demand_names()[match.demand] if match.demand else ""
    sentence = str(WHY.get(match.reason, ""))
    return sentence % {"what": _(name) if name else _("something close to it")}


def _said(learning: Learning) -> str:
    """The client's sentence, with its condition where there is one."""
    return f"{learning.sentence} Only if {learning.condition}" if learning.condition else learning.sentence


def alternatives(text: str, learnings: Iterable[Learning]) -> list[str]:
    """Other practices from the open library that serve the same end and touch nothing that was learned."""
    known = [(one.sentence, str(one.polarity)) for one in learnings if one.guards]
    return [practice.text for practice in words.alternatives(text, known)]


def reading(text: str) -> words.DraftReading:
    """A private reading of a draft reply, in memory only: nothing of it is kept anywhere."""
    return words.read_draft(text)
