"""A therapist's draft reply, read privately: what it does well, and where it may be defending.

The reading is a coach and never a score. It keeps nothing, and when it cannot tell it says so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from reknit.words import replies
from reknit.words.patterns import Defensive, Move, Span, defensive_patterns, moves
from reknit.words.sentences import sentences, straighten

Reading = Literal["defensive", "acknowledging", "ordinary", "unclear"]
Overall = Literal["defensive", "mixed", "acknowledging", "ordinary", "unclear"]

_SUMMARY: dict[Overall, str] = {
    "defensive": "Some of this may sound like defending. The marked words are worth a second look.",
    "mixed": "There is acknowledging here, and some words that may take it back.",
    "acknowledging": "This reads as acknowledging.",
    "ordinary": "This reads as an ordinary message; it does not speak of what happened between you.",
    "unclear": "I can't tell how this will land. The checklist may help.",
}


@dataclass(frozen=True)
class MoveSeen:
    """One line of the checklist: is the move made, and where."""

    code: str
    title: str
    question: str
    present: bool
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Remark:
    """Marked words: ``text[start:end]``, the kind of defending, a question to oneself, a better sentence."""

    start: int
    end: int
    kind: str
    code: str
    text: str
    question: str
    better: str
    by: Literal["words", "meaning"]


@dataclass(frozen=True)
class SentenceRead:
    """One sentence: offsets, its reading, and the three probabilities when the model was there."""

    start: int
    end: int
    reading: Reading
    p_defensive: float | None
    p_acknowledging: float | None
    p_ordinary: float | None


@dataclass(frozen=True)
class DraftReading:
    """What was read in one draft. ``by`` says whether the model of meaning took part."""

    overall: Overall
    abstained: bool
    summary: str
    moves: tuple[MoveSeen, ...]
    remarks: tuple[Remark, ...]
    sentences: tuple[SentenceRead, ...]
    by: Literal["words", "meaning"]

    @property
    def kinds(self) -> list[str]:
        """The kinds of defending found, each once, in the order of the text."""
        return list(dict.fromkeys(remark.kind for remark in self.remarks))

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and strings, ready for JSON; the remarks are called ``spans``."""
        plain = asdict(self)
        plain["spans"] = plain.pop("remarks")
        plain["kinds"] = self.kinds
        plain["missing"] = [move.code for move in self.moves if not move.present]
        plain["code"] = f"overall.{self.overall}"
        return plain


def read_draft(text: str, *, by_meaning: bool = True) -> DraftReading:
    """Read a draft reply sentence by sentence.

    Args:
        text: the draft as typed, any length; it is not kept.
        by_meaning: also ask the model of meaning, where it is installed.

    Returns:
        The checklist of moves, the remarks with offsets into ``text``, a reading of each sentence and of all;
        ``abstained`` is true when nothing certain enough was found.
    """
    straight = straighten(text)
    where = list(sentences(straight))
    parts = [straight[start:end] for start, end in where]
    weights = replies.probabilities(parts) if by_meaning and parts else None
    read: list[SentenceRead] = []
    remarks: list[Remark] = []
    for number, (start, end) in enumerate(where):
        p = None if weights is None else tuple(float(value) for value in weights[number])
        sentence, found = _read_sentence(straight, start, end, p)
        read.append(sentence)
        remarks.extend(found)
    seen = tuple(_seen(move, straight, remarks) for move in moves())
    overall = _overall([sentence.reading for sentence in read])
    return DraftReading(
        overall=overall,
        abstained=overall == "unclear",
        summary=_SUMMARY[overall],
        moves=seen,
        remarks=tuple(remarks),
        sentences=tuple(read),
        by="words" if weights is None else "meaning",
    )


def _read_sentence(
    text: str, start: int, end: int, p: tuple[float, ...] | None
) -> tuple[SentenceRead, list[Remark]]:
    """One sentence: words and meaning together, or words alone where ``p`` is None."""
    sentence, found = text[start:end], _word_remarks(text, start, end)
    if p is None:
        return SentenceRead(start, end, _by_words(sentence, bool(found)), None, None, None), found
    reading: Reading = replies.decide(p)
    if reading == "unclear":
        reading = _by_words(sentence, marked=False)
    if reading in ("acknowledging", "ordinary") and p[0] < replies.veto():
        found = []
    elif reading == "defensive" and not found:
        found = [_meaning_remark(sentence, start, end)]
    return SentenceRead(start, end, "defensive" if found else reading, *p), found


def _seen(move: Move, text: str, remarks: list[Remark]) -> MoveSeen:
    """The line of a move; words that a remark takes back ("sorry if you felt hurt") do not count for it."""
    spans = tuple(
        (start, end)
        for start, end in move.spans(text)
        if not any(start < remark.end and remark.start < end for remark in remarks)
    )
    return MoveSeen(move.code, move.title, move.question, bool(spans), spans)


def _word_remarks(text: str, start: int, end: int) -> list[Remark]:
    """The unmistakable patterns inside one sentence, at most one remark a place."""
    found: list[Remark] = []
    for pattern in defensive_patterns():
        for left, right in pattern.spans(text[start:end]):
            if not any(left + start < other.end and other.start < right + start for other in found):
                found.append(_remark(pattern, start + left, start + right, "words"))
    return sorted(found, key=lambda remark: remark.start)


def _meaning_remark(sentence: str, start: int, end: int) -> Remark:
    """A remark on a whole sentence that the model reads as defensive; its kind is the nearest one."""
    code = replies.nearest_code(sentence)
    pattern = next(one for one in defensive_patterns() if one.code == code)
    return _remark(pattern, start, end, "meaning")


def _remark(pattern: Defensive, start: int, end: int, by: Literal["words", "meaning"]) -> Remark:
    return Remark(start, end, pattern.kind, pattern.code, pattern.text, pattern.question, pattern.better, by)


def _by_words(sentence: str, marked: bool) -> Reading:
    """Without the model: marked words are defensive, a clear move is acknowledging, the rest is left open."""
    if marked:
        return "defensive"
    made = {move.code for move in moves() if move.spans(sentence)}
    return "acknowledging" if made & {"part_owned", "learned"} or len(made) > 1 else "unclear"


def _overall(readings: list[Reading]) -> Overall:
    if "defensive" in readings:
        return "mixed" if "acknowledging" in readings else "defensive"
    if "acknowledging" in readings:
        return "acknowledging"
    ordinary = readings.count("ordinary")
    return "ordinary" if ordinary > len(readings) / 2 else "unclear"
