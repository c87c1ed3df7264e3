"""The bridge to the language part: homework against what was learned, and a private reading of a draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reknit import words
from reknit.practice.repairs.models import Learning, Scope


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
    return [Clash(learning, match.decision, match.why) for learning, match in touched]


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
