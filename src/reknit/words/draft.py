"""A therapist's draft reply, read privately: what it does well, and where it may be defending.

The reading is a coach and never a score. It keeps nothing, and when it cannot tell it says so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from reknit.words import language, replies
from reknit.words.patterns import Defensive, Move, Span, defensive_patterns, moves
from reknit.words.sentences import sentences, straighten

Reading = replies.Reading
Overall = Literal["defensive", "mixed", "acknowledging", "ordinary", "unclear"]

_SUMMARY: dict[Overall, str] = {
    "defensive": "Some of this may sound like defending. The marked words are worth a second look.",
    "mixed": "There is acknowledging here, and some words that may take it back.",
    "acknowledging": "This reads as acknowledging.",
    "ordinary": "This reads as an ordinary message; it does not speak of what happened between you.",
    "unclear": "I can't tell how this will land. The checklist may help.",
}

_NOT_READ = (
    "I can't tell: I do not read this language yet. The questions of the checklist may help all the same."
)
_CONTEXT = 2 / 3  # the weight of a sentence together with its neighbours, against the sentence alone

_SHORT = 300  # characters


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
    """One sentence: offsets, its reading, and the three probabilities (None in a language not read here)."""

    start: int
    end: int
    reading: Reading
    p_defensive: float | None
    p_acknowledging: float | None
    p_ordinary: float | None


@dataclass(frozen=True)
class DraftReading:
    """What was read in one draft.

    ``by`` says whether the model of meaning took part, ``language_read`` whether the language is read here.
    """

    overall: Overall
    abstained: bool
    summary: str
    moves: tuple[MoveSeen, ...]
    remarks: tuple[Remark, ...]
    sentences: tuple[SentenceRead, ...]
    by: Literal["words", "meaning"]
    language_read: bool = True

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
        plain["code"] = f"overall.{self.overall}" if self.language_read else "overall.unread"
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
    if not language.reads(straight):
        return _unread(where)
    weights, by = _probabilities(straight, where, by_meaning=by_meaning)
    read: list[SentenceRead] = []
    remarks: list[Remark] = []
    for (start, end), p in zip(where, weights, strict=True):
        sentence, found = _read_sentence(straight, start, end, p, by)
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
        by=by,
    )


def _unread(where: list[Span]) -> DraftReading:
    """What is said of a draft in a language that is not read here."""
    return DraftReading(
        overall="unclear",
        abstained=True,
        summary=_NOT_READ,
        moves=tuple(MoveSeen(move.code, move.title, move.question, False, ()) for move in moves()),
        remarks=(),
        sentences=tuple(SentenceRead(start, end, "unclear", None, None, None) for start, end in where),
        by="words",
        language_read=False,
    )


def _probabilities(
    text: str, where: list[Span], *, by_meaning: bool
) -> tuple[list[tuple[float, ...]], replies.By]:
    """For each sentence its three probabilities: of itself, and with the sentences beside it.

    "Then you wouldn't have heard it." says little alone; what stands around it counts ``_CONTEXT``: the whole
    of a short draft, else the sentence before and the one after.
    """
    alone = [text[start:end] for start, end in where]
    last = len(where) - 1
    far = last if len(text) <= _SHORT else 1
    beside = [text[where[max(n - far, 0)][0] : where[min(n + far, last)][1]] for n in range(len(where))]
    different = list(dict.fromkeys([*alone, *beside]))
    if not different:
        return [], "words"
    p, by = replies.probabilities(different, by_meaning=by_meaning)
    of = dict(zip(different, p, strict=True))
    mixed = [
        (1 - _CONTEXT) * of[one] + _CONTEXT * of[other] for one, other in zip(alone, beside, strict=True)
    ]
    return [tuple(float(value) for value in row) for row in mixed], by


def _read_sentence(
    text: str, start: int, end: int, p: tuple[float, ...], by: replies.By
) -> tuple[SentenceRead, list[Remark]]:
    """One sentence: marked words and probabilities together."""
    sentence, found = text[start:end], _word_remarks(text, start, end)
    reading: Reading = replies.decide(p, by)
    if reading == "unclear" and _clear_move(sentence):
        reading = "acknowledging"
    if reading in ("acknowledging", "ordinary") and p[0] < replies.veto():
        found = []
    elif reading == "defensive" and not found:
        found = [_whole_remark(sentence, start, end, by)]
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


def _whole_remark(sentence: str, start: int, end: int, by: replies.By) -> Remark:
    """A remark on a whole sentence that is read as defensive; its kind is the nearest one."""
    code = replies.nearest_code(sentence, by)
    pattern = next(one for one in defensive_patterns() if one.code == code)
    return _remark(pattern, start, end, by)


def _remark(pattern: Defensive, start: int, end: int, by: Literal["words", "meaning"]) -> Remark:
    return Remark(start, end, pattern.kind, pattern.code, pattern.text, pattern.question, pattern.better, by)


def _clear_move(sentence: str) -> bool:
    """Whether words alone show an acknowledging sentence: a part owned, something learned, or two moves."""
    made = {move.code for move in moves() if move.spans(sentence)}
    return bool(made & {"part_owned", "learned"}) or len(made) > 1


def _overall(readings: list[Reading]) -> Overall:
    if "defensive" in readings:
        return "mixed" if "acknowledging" in readings else "defensive"
    if "acknowledging" in readings:
        return "acknowledging"
    ordinary = readings.count("ordinary")
    return "ordinary" if ordinary > len(readings) / 2 else "unclear"
