"""A quiet place to rehearse a repair: scenes, a simulated client, and a debrief.

The client's trust follows the trust model in its simplest form: trust = bond - strain. An acknowledging reply
repairs (it leaves ``repair_keep`` of the strain and adds ``repair_gain`` of it to the bond), a defensive one
adds strain, any other leaves it as it is. The parameters are those of :class:`reknit.trust.params.Params`.
What was typed is read and forgotten: only the readings stay, and those in memory alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, Protocol

from reknit.trust.params import DEFAULT, Params
from reknit.words.draft import DraftReading, read_draft

Manner = Literal["acknowledging", "ordinary", "defensive"]
Level = Literal["hurt", "wary", "open"]
Outcome = Literal["exceeded", "restored", "not yet", "ended well"]

_WARY_BELOW = 2.0  # in units of the strain that matters: above it the client is hurt, below one they are open
_FULL_REPAIR = 3  # so many moves of acknowledging in one reply make a whole repair


@dataclass(frozen=True)
class Scene:
    """One situation to rehearse, as read from ``scenes/*.json``; trust is on the scale from 0 to 1."""

    code: str
    title: str
    cause: str
    kind: Literal["withdrawal", "confrontation"]
    setting: str
    opening: str
    bond: float
    strain: float
    answers: dict[Manner, dict[Level, list[str]]]
    notice: list[str]
    last_words: dict[Literal["settled", "unsettled"], str]
    ending_well: bool


@dataclass(frozen=True)
class Turn:
    """What one reply did: how it was read, its moves and remarks (codes), where trust stood afterwards."""

    manner: Manner
    moves: tuple[str, ...]
    remarks: tuple[str, ...]
    bond: float
    strain: float
    answer: str

    @property
    def trust(self) -> float:
        """Trust after the turn, 0 to 1."""
        return self.bond - self.strain


@dataclass(frozen=True)
class Rehearsal:
    """A rehearsal so far. Immutable; no reply is kept in it."""

    scene: Scene
    turns: tuple[Turn, ...] = ()

    @property
    def bond(self) -> float:
        """The level to which trust returns."""
        return self.turns[-1].bond if self.turns else self.scene.bond

    @property
    def strain(self) -> float:
        """How far trust stands below the bond."""
        return self.turns[-1].strain if self.turns else self.scene.strain


@dataclass(frozen=True)
class Debrief:
    """The trust curve (from before the first reply), what moved it at each turn, and what came of it."""

    curve: tuple[float, ...]
    moved: tuple[str, ...]
    outcome: Outcome
    last_words: str
    notice: tuple[str, ...]
    missing: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


class Speaker(Protocol):
    """Who finds the client's words. A language model may be plugged in here; none is needed."""

    def __call__(self, scene: Scene, manner: Manner, level: Level, turn: int, reply: str) -> str:
        """The client's answer to ``reply``, the ``turn``-th of the rehearsal (from 0)."""


def from_scene(scene: Scene, manner: Manner, level: Level, turn: int, reply: str) -> str:
    """The answer written in the scene, in turn where there are several."""
    lines = scene.answers[manner][level]
    return lines[turn % len(lines)]


@lru_cache(maxsize=1)
def scenes() -> tuple[Scene, ...]:
    """All scenes that ship, in order."""
    folder = files("reknit.words") / "scenes"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".json"))
    return tuple(Scene(**json.loads((folder / name).read_text("utf-8"))) for name in names)


def begin(code: str) -> Rehearsal:
    """Begin a rehearsal of the scene with this code; raises KeyError where there is none."""
    return Rehearsal({scene.code: scene for scene in scenes()}[code])


def reply(
    rehearsal: Rehearsal,
    text: str,
    *,
    params: Params = DEFAULT,
    speaker: Speaker = from_scene,
    read: Callable[[str], DraftReading] = read_draft,
) -> Rehearsal:
    """One reply of the therapist and the client's answer.

    Args:
        rehearsal: so far. text: what the therapist would say; it is read and not kept.
        params: ``repair_keep``, ``repair_gain`` and ``jump_mean`` of the trust model.
        speaker: who finds the client's words. read: how a reply is read.
    """
    reading = read(text)
    made = tuple(move.code for move in reading.moves if move.present)
    remarks = tuple(remark.code for remark in reading.remarks)
    manner = _manner(reading)
    bond, strain = rehearsal.bond, rehearsal.strain
    if manner == "acknowledging":
        removed = strain * (1 - params["repair_keep"]) * min(1.0, len(made) / _FULL_REPAIR)
        bond, strain = bond + params["repair_gain"] * removed, strain - removed
    if remarks:
        strain += params["jump_mean"] * min(1.0, len(remarks) / 2)
    bond, strain = _within(bond), min(max(strain, 0.0), bond)
    answer = speaker(rehearsal.scene, manner, level(strain, params), len(rehearsal.turns), text)
    turn = Turn(manner, made, remarks, bond, strain, answer)
    return replace(rehearsal, turns=(*rehearsal.turns, turn))


def level(strain: float, params: Params = DEFAULT) -> Level:
    """How the client is: open, wary or hurt, by the strain in units of what matters (``strain_size``)."""
    size = params["strain_size"]
    return "open" if strain <= size else "wary" if strain <= _WARY_BELOW * size else "hurt"


def debrief(rehearsal: Rehearsal, params: Params = DEFAULT) -> Debrief:
    """What happened to trust and what moved it, to look back on."""
    scene = rehearsal.scene
    settled = bool(rehearsal.turns) and rehearsal.strain <= params["strain_size"]
    exceeded = settled and rehearsal.bond - rehearsal.strain > scene.bond
    outcome: Outcome = "exceeded" if exceeded else "restored" if settled else "not yet"
    if scene.ending_well and settled:
        outcome = "ended well"
    made = {code for turn in rehearsal.turns for code in turn.moves}
    order = [move.code for move in read_draft("", by_meaning=False).moves]
    return Debrief(
        curve=(scene.bond - scene.strain, *(turn.trust for turn in rehearsal.turns)),
        moved=tuple(_moved(turn) for turn in rehearsal.turns),
        outcome=outcome,
        last_words=scene.last_words["settled" if settled else "unsettled"],
        notice=tuple(scene.notice),
        missing=tuple(code for code in order if code not in made),
    )


def _manner(reading: DraftReading) -> Manner:
    """Mixed is heard as defensive; an unclear reply with two moves or more acknowledges."""
    if reading.overall in ("defensive", "mixed"):
        return "defensive"
    made = sum(move.present for move in reading.moves)
    return "acknowledging" if reading.overall == "acknowledging" or made > 1 else "ordinary"


def _moved(turn: Turn) -> str:
    """One code for what moved trust: "repair" with the moves, "strain" with the remarks, or "nothing"."""
    if turn.remarks:
        return "strain: " + ", ".join(dict.fromkeys(turn.remarks))
    if turn.manner == "acknowledging" and turn.moves:
        return "repair: " + ", ".join(turn.moves)
    return "nothing"


def _within(value: float) -> float:
    return min(max(value, 0.0), 1.0)
