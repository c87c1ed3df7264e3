"""The bridge to the language part: homework against what was learned, and a private reading of a draft."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reknit import words
from reknit.practice.repairs.models import Learning, LearningState, Scope


@dataclass(frozen=True)
class Clash:
    """A learning that a proposed homework touches: a conflict, or unsure and so a question."""

    learning: Learning
    decision: str
    why: str

    @property
    def sentence(self) -> str:
        """The client's own words."""
        return self.learning.sentence

    @property
    def is_conflict(self) -> bool:
        return self.decision == "conflict"


def clashes(text: str, learnings: Iterable[Learning]) -> list[Clash]:
    """The learnings that `text` conflicts with, or may; conflicts first, the likeliest first."""
    found = []
    for learning in learnings:
        if learning.state == LearningState.RETIRED or learning.scope == Scope.IN_THE_ROOM:
            continue
        match = words.match(learning.sentence, learning.polarity, text, topic=learning.topic or None)
        if match.decision != "ok":
            found.append(
                (match.decision != "conflict", -match.p_conflict, Clash(learning, match.decision, match.why))
            )
    return [clash for _, _, clash in sorted(found, key=lambda row: row[:2])]


def reading(text: str) -> words.DraftReading:
    """A private reading of a draft reply, in memory only: nothing of it is kept anywhere."""
    return words.read_draft(text)
