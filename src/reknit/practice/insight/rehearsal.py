"""The bridge to the rehearsals: scenes, a talk with a simulated client, and what moved their trust.

Nothing here touches the record. A talk lives in what the page itself carries, and is gone with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

from reknit.words import DraftReading, practice, read_draft
from reknit.words.draft import MoveSeen
from reknit.words.practice import Debrief, Manner, Rehearsal, Scene, Turn, scenes

__all__ = ["MOST", "Debrief", "Looked", "Scene", "Talk", "begin", "look_back", "scenes", "scenes_like"]

MOST = 8  # replies in one rehearsal
CLEARLY = 0.01  # of the scale: a smaller movement is none


@dataclass(frozen=True)
class Talk:
    """A rehearsal with what the therapist typed in it, reply by reply."""

    rehearsal: Rehearsal
    said: tuple[str, ...] = ()

    @property
    def scene(self) -> Scene:
        return self.rehearsal.scene

    @property
    def exchanges(self) -> list[tuple[str, str]]:
        """What was said, and what the client answered, in turn."""
        return [(said, turn.answer) for said, turn in zip(self.said, self.rehearsal.turns, strict=True)]

    @property
    def is_full(self) -> bool:
        return len(self.said) >= MOST

    @property
    def is_settled(self) -> bool:
        """Whether what was hurt has come back: a good place to stop."""
        return bool(self.said) and practice.level(self.rehearsal.strain) == "open"

    def say(self, text: str) -> Talk:
        """One more reply, and the client's answer to it."""
        return Talk(practice.reply(self.rehearsal, text), (*self.said, text))

    def as_plain(self) -> dict[str, Any]:
        """Plain values from which `Talk.of` makes the talk again."""
        turns = [asdict(turn) for turn in self.rehearsal.turns]
        return {"code": self.scene.code, "turns": turns, "said": list(self.said)}

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Talk:
        """The talk from its plain values; raises KeyError where there is no such scene."""
        turns = tuple(
            Turn(**{**turn, **{name: tuple(turn[name]) for name in ("moves", "remarks", "marks")}})
            for turn in plain["turns"]
        )
        return cls(Rehearsal(begin(plain["code"]).scene, turns), tuple(plain["said"]))


def begin(code: str) -> Talk:
    """A talk that begins with the scene of this code; raises KeyError where there is none."""
    return Talk(practice.begin(code))


def scenes_like(cause: str) -> tuple[list[Scene], list[Scene]]:
    """The scenes with this cause, and the others."""
    close = [scene for scene in scenes() if cause and scene.cause == cause]
    return close, [scene for scene in scenes() if scene not in close]


@dataclass(frozen=True)
class Looked:
    """One turn, looked back on: how it was heard, what it did to trust, its new moves (titles), its marks."""

    said: str
    heard: Manner
    trust: Literal["rose", "fell", "stayed"]
    made: list[str]
    reading: DraftReading


def look_back(talk: Talk) -> tuple[Debrief, list[Looked], list[str]]:
    """The debrief, turn by turn, and the questions that lead to the moves not made."""
    debrief = practice.debrief(talk.rehearsal)
    moves = {move.code: move for move in read_draft("", by_meaning=False).moves}
    changes = [now - then for then, now in pairwise(debrief.curve)]
    looked = [
        Looked(
            said,
            turn.manner,
            _direction(change),
            [moves[code].title for code in turn.moves],
            read_draft(said),
        )
        for said, turn, change in zip(talk.said, talk.rehearsal.turns, changes, strict=True)
    ]
    return debrief, looked, [moves[code].question for code in debrief.missing]


def _titles(turn: Turn, moves: dict[str, MoveSeen]) -> list[str]:
    return [moves[code].title for code in turn.moves]


def _direction(change: float) -> Literal["rose", "fell", "stayed"]:
    return "stayed" if abs(change) < CLEARLY else "rose" if change > 0 else "fell"
