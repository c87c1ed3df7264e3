"""A quiet place to rehearse a repair: scenes, a simulated client, and a debrief.

The client's trust follows the trust model in its simplest form: trust = bond - strain. An acknowledging reply
repairs (it leaves ``repair_keep`` of the strain and adds ``repair_gain`` of it to the bond), a defensive one
adds strain, any other leaves it as it is. The parameters are those of :class:`reknit.trust.params.Params`.
A sentence that was said before repairs nothing again, and as long as nothing was named of what this client
said, good words bring them no further than wary: they would do for anybody.
What was typed is read and forgotten: the readings stay, with a digest of each sentence to know it again, and
those in memory alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Literal, Protocol

from reknit.trust.params import DEFAULT, Params
from reknit.words.draft import DraftReading, read_draft
from reknit.words.patterns import Span
from reknit.words.sentences import sentences, straighten

Manner = Literal["acknowledging", "ordinary", "defensive", "general", "repeated"]
Level = Literal["hurt", "wary", "open"]
Outcome = Literal["exceeded", "restored", "not yet", "ended well"]

_WARY_BELOW = 2.0  # in units of the strain that matters: above it the client is hurt, below one they are open
_FULL_REPAIR = 3  # so many moves of acknowledging in one reply make a whole repair
_STAYS_WARY = 1.5  # in the same units: less strain than this is not left while nothing they said is named
_FILLERS = {"so", "very", "really", "truly", "just", "again", "and", "but", "oh", "well", "please"}
_FILLERS |= {"i'm", "i", "am", "a", "the"}


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
    named_by: list[str]  # words ("son", "journal*"); a reply with one of them speaks of what this client said


@dataclass(frozen=True)
class Turn:
    """What one reply did: how it was heard, its new moves and its remarks (codes), where trust stood then.

    ``named`` says whether it spoke of what this client said; ``marks`` are digests of its sentences.
    """

    manner: Manner
    moves: tuple[str, ...]
    remarks: tuple[str, ...]
    bond: float
    strain: float
    answer: str
    named: bool = True
    marks: tuple[str, ...] = ()

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

    Moves count where they are new: in a sentence that was not said before in this rehearsal. As long as no
    reply named anything of what this client said, strain stays at ``_STAYS_WARY`` at least.

    Args:
        rehearsal: so far. text: what the therapist would say; it is read and not kept.
        params: ``repair_keep``, ``repair_gain`` and ``jump_mean`` of the trust model.
        speaker: who finds the client's words. read: how a reply is read.
    """
    reading, marked, before = read(text), list(_marks(text)), _said(rehearsal)
    made = tuple(_new_moves(reading, [(start, end) for start, end, mark in marked if mark in before]))
    remarks = tuple(remark.code for remark in reading.remarks)
    named = _names(rehearsal.scene, text)
    known = named or any(turn.named for turn in rehearsal.turns)
    marks = tuple(mark for _start, _end, mark in marked)
    manner = _heard(reading, made, is_old=bool(marks) and before.issuperset(marks), known=known)
    bond, strain = _mended(rehearsal, manner, len(made), params)
    if remarks:
        strain += params["jump_mean"] * min(1.0, len(remarks) / 2)
    bond, strain = _within(bond), min(max(strain, 0.0), bond)
    answer = speaker(rehearsal.scene, manner, level(strain, params), len(rehearsal.turns), text)
    turn = Turn(manner, made, remarks, bond, strain, answer, named, marks)
    return replace(rehearsal, turns=(*rehearsal.turns, turn))


def _mended(rehearsal: Rehearsal, manner: Manner, moves: int, params: Params) -> tuple[float, float]:
    """Bond and strain after what a reply repaired; what would do for anybody leaves the client wary."""
    bond, strain = rehearsal.bond, rehearsal.strain
    if manner not in ("acknowledging", "general"):
        return bond, strain
    removed = strain * (1 - params["repair_keep"]) * min(1.0, moves / _FULL_REPAIR)
    if manner == "general":
        removed = min(removed, max(strain - _STAYS_WARY * params["strain_size"], 0.0))
    return bond + params["repair_gain"] * removed, strain - removed


def _said(rehearsal: Rehearsal) -> frozenset[str]:
    return frozenset(mark for turn in rehearsal.turns for mark in turn.marks)


def _marks(text: str) -> Iterator[tuple[int, int, str]]:
    """Each sentence as (start, end, digest of its words): the same words in another order are the same."""
    straight = straighten(text)
    for start, end in sentences(straight):
        words = set(re.findall(r"[^\W_]+(?:'[^\W_]+)?", straight[start:end].lower()))
        kept = " ".join(sorted(words - _FILLERS or words))
        yield start, end, blake2b(kept.encode(), digest_size=8).hexdigest()


def _new_moves(reading: DraftReading, old: list[Span]) -> Iterator[str]:
    """The moves made outside the sentences that were said before."""
    for move in reading.moves:
        if any(not any(start <= at < end for start, end in old) for at, _end in move.spans):
            yield move.code


def _names(scene: Scene, text: str) -> bool:
    """Whether a reply speaks of what this client said: one of the scene's words stands in it."""
    words = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in scene.named_by)
    return bool(re.search(rf"(?<!\w)(?:{words})(?!\w)", straighten(text), re.IGNORECASE))


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


def _heard(reading: DraftReading, made: tuple[str, ...], *, is_old: bool, known: bool) -> Manner:
    """How the client hears a reply: as it reads, unless it says nothing new or would do for anybody.

    Mixed is heard as defensive; an unclear reply with two moves or more acknowledges.
    """
    if reading.overall in ("defensive", "mixed"):
        return "defensive"
    seen = sum(move.present for move in reading.moves)
    if is_old or (seen and not made):
        return "repeated"
    if reading.overall != "acknowledging" and seen < 2:
        return "ordinary"
    return "acknowledging" if known else "general"


def _moved(turn: Turn) -> str:
    """One code for what moved trust: "repair" with the moves, "strain" with the remarks, or "nothing"."""
    if turn.remarks:
        return "strain: " + ", ".join(dict.fromkeys(turn.remarks))
    if turn.manner in ("acknowledging", "general") and turn.moves:
        return "repair: " + ", ".join(turn.moves)
    return "nothing"


def _within(value: float) -> float:
    return min(max(value, 0.0), 1.0)
