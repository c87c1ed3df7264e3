"""The bridge to the rehearsals: scenes, a talk with a simulated client, and what moved their trust.

Nothing here touches the record. A talk lives in what the page itself carries, and is gone with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from reknit.words import practice, read_draft
from reknit.words.patterns import defensive_patterns
from reknit.words.practice import Debrief, Rehearsal, Scene, Turn, scenes

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
            Turn(**{**turn, "moves": tuple(turn["moves"]), "remarks": tuple(turn["remarks"])})
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
    """One turn, looked back on: what was said, what they answered, and what it did, in sentences."""

    said: str
    answer: str
    sentences: list[str]


def look_back(talk: Talk) -> tuple[Debrief, list[Looked], list[str]]:
    """The debrief, turn by turn, and the questions that lead to the moves not made."""
    debrief = practice.debrief(talk.rehearsal)
    turns = zip(talk.exchanges, talk.rehearsal.turns, debrief.curve, debrief.curve[1:], strict=False)
    looked = [Looked(said, answer, _moved(turn, now - then)) for (said, answer), turn, then, now in turns]
    return debrief, looked, [_(_moves()[code][1]) for code in debrief.missing]


def _moved(turn: Turn, change: float) -> list[str]:
    """What a turn did to trust, and what in it did so."""
    if change > CLEARLY:
        first = _("Trust rose.")
    elif change < -CLEARLY:
        first = _("Trust fell.")
    else:
        first = _("Trust stayed about where it was.")
    did = [f"{_(_moves()[code][0])}." for code in turn.moves]
    return [first, *did, *(_(_patterns()[code]) for code in dict.fromkeys(turn.remarks))]


@lru_cache(maxsize=1)
def _moves() -> dict[str, tuple[str, str]]:
    """Title and question by code."""
    return {move.code: (move.title, move.question) for move in read_draft("", by_meaning=False).moves}


@lru_cache(maxsize=1)
def _patterns() -> dict[str, str]:
    """What a remark says, by its code."""
    return {pattern.code: pattern.text for pattern in defensive_patterns()}
