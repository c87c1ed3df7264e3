"""Homework held against what was learned about a person, before it is sent.

Three answers: *conflict* (warn), *unsure* (ask), *ok* (silent). Nothing is blocked, nothing is stored.
The polarity of a learning is stored, never guessed; a thing that a person likes never warns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal, get_args

from reknit.words import conditions, pairs
from reknit.words.concepts import demands
from reknit.words.language import reads
from reknit.words.phrases import contradicts_avoidance

Polarity = Literal["avoid", "likes", "only-if"]
Decision = Literal["conflict", "ok", "unsure"]
Row = tuple[str, str, str] | tuple[str, str, str, str | None] | Mapping[str, str | None]
"""(learning, polarity, homework[, topic]), or a mapping with those names."""

_MARGIN = 0.02
_SURE = 0.9  # of a conflict: from here on a name close by (a diary, a written plan) is no reason to ask


class Reason(StrEnum):
    """Why a homework was judged as it was: stable codes, meant for translation.

    ``ASKS`` and ``MAY_ASK`` speak of :attr:`Match.demand`, which may be None ("something close to it").
    """

    ASKS = "asks"
    MAY_ASK = "may-ask"
    CONTRADICTION = "contradiction"
    CONDITION_BROKEN = "condition-broken"
    CONDITION_OPEN = "condition-open"
    CONDITION_MET = "condition-met"
    CLEAR = "clear"
    LIKES = "likes"
    CANNOT_READ = "cannot-read"


_WHY = {
    Reason.ASKS: "This asks for {}, which is to be avoided.",
    Reason.MAY_ASK: "This may touch on {}. Ask first.",
    Reason.CONTRADICTION: "The learning is stored as something to avoid, but its words say otherwise. Ask.",
    Reason.CONDITION_BROKEN: "The condition is not met.",
    Reason.CONDITION_OPEN: "There is a condition, and this does not say whether it is met. Ask.",
    Reason.CONDITION_MET: "The condition seems to be met.",
    Reason.CLEAR: "Nothing in this touches what was learned.",
    Reason.LIKES: "This is something the person likes.",
    Reason.CANNOT_READ: "This is in a language that cannot be read here. Ask.",
}


@dataclass(frozen=True)
class Match:
    """The answer for one learning and one homework.

    Attributes:
        p_conflict: calibrated probability that the homework asks for what the learning rules out.
        decision: "conflict", "ok" or "unsure".
        reason: why, as a code for translation.
        demands: codes of the demands that both sides share, strongest first (may be empty).
        by: "words" or "meaning".
    """

    p_conflict: float
    decision: Decision
    reason: Reason
    demands: tuple[str, ...] = ()
    by: Literal["words", "meaning"] = "words"

    @property
    def demand(self) -> str | None:
        """Code of the strongest shared demand (a table of ``data/demands.toml``), or None."""
        return self.demands[0] if self.demands else None

    @property
    def why(self) -> str:
        """The reason as one plain English sentence."""
        name = demands()[self.demand].name if self.demand else "something close to it"
        return _WHY[self.reason].format(name)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        plain = asdict(self) | {"demands": list(self.demands), "reason": str(self.reason)}
        return plain | {"demand": self.demand, "why": self.why}


def match(
    learning: str, polarity: Polarity, homework: str, topic: str | None = None, *, by_meaning: bool = True
) -> Match:
    """Hold one homework against one learning.

    Args:
        learning: the client's own sentence ("Hates journaling").
        polarity: stored with it: "avoid", "likes" or "only-if".
        homework: the practice as it would be sent.
        topic: what the learning is about, where it was asked for ("journaling"); read along with it.
        by_meaning: also use the model of meaning, where it is installed.

    Raises:
        ValueError: an unknown polarity.
    """
    return match_many([(learning, polarity, homework, topic)], by_meaning=by_meaning)[0]


def match_many(
    rows: Iterable[Row],
    *,
    by_meaning: bool = True,
) -> list[Match]:
    """Hold many homeworks against many learnings at once (one pass of the model).

    Args:
        rows: (learning, polarity, homework[, topic]) or mappings with those names.
        by_meaning: as in :func:`match`.

    Returns:
        One :class:`Match` a row, in the same order.

    Raises:
        ValueError: an unknown polarity.
    """
    given = [_row(row) for row in rows]
    to_judge = [asked(row) for row in given if _to_judge(row)]
    judged = pairs.judge(to_judge, by_meaning=by_meaning)
    verdicts = iter(judged)
    return [_answer(row, next(verdicts)) if _to_judge(row) else _unjudged(row) for row in given]


_Row = tuple[str, Polarity, str, str]


def _row(row: Row) -> _Row:
    values = (
        [row.get(key) for key in ("learning", "polarity", "homework", "topic")]
        if isinstance(row, Mapping)
        else [*row, None][:4]
    )
    learning, polarity, homework, topic = (str(value or "").strip() for value in values)
    for known in get_args(Polarity):
        if polarity == known:
            return learning, known, homework, topic
    raise ValueError(f"polarity must be avoid, likes or only-if, not {polarity!r}")


def asked(row: Row) -> pairs.Asked:
    """What is judged of a row; the subject of an only-if is what stands before its condition."""
    learning, polarity, homework, topic = _row(row)
    whole = f"{topic}: {learning}" if topic and topic.lower() not in learning.lower() else learning
    subject = conditions.parse(learning).subject if polarity == "only-if" and not topic else whole
    return pairs.Asked(whole, polarity, homework, subject)


def _to_judge(row: _Row) -> bool:
    learning, polarity, homework, topic = row
    return polarity != "likes" and reads(f"{topic} {learning}") and reads(homework)


def _unjudged(row: _Row) -> Match:
    """A like never warns; a language that is not read is asked about."""
    if row[1] == "likes":
        return Match(0.01, "ok", Reason.LIKES)
    return Match(0.5, "unsure", Reason.CANNOT_READ)


def _answer(row: _Row, judged: pairs.Judged) -> Match:
    learning, polarity, homework, _ = row
    if polarity == "only-if":
        return _only_if(learning, homework, judged)
    p, shared, by = judged.p, judged.shared, judged.by
    low, high = judged.silent_below, judged.warn_from
    close = judged.close and (by == "words" or high <= p < _SURE)
    asking = min(max(p, low), high - _MARGIN)
    if contradicts_avoidance(learning) and (p >= low or close):
        return Match(asking, "unsure", Reason.CONTRADICTION, shared, by)
    if p >= high and not close:
        return Match(p, "conflict", Reason.ASKS, shared, by)
    if p >= low or close:
        return Match(asking, "unsure", Reason.MAY_ASK, shared, by)
    return Match(p, "ok", Reason.CLEAR, (), by)


def _only_if(learning: str, homework: str, judged: pairs.Judged) -> Match:
    """By meaning the condition was read along; by words the subject is looked at, then the condition."""
    p, shared, by, low, high = judged.p, judged.shared, judged.by, judged.silent_below, judged.warn_from
    found = pairs.verdict_of(pairs.Asked(learning, "only-if", homework, ""))
    broken, met = Reason.CONDITION_BROKEN, Reason.CONDITION_MET
    if by == "meaning":
        if p < low:
            return Match(p, "ok", met if found == "met" else Reason.CLEAR, (), by)
        if p < high:
            return Match(p, "unsure", Reason.CONDITION_OPEN, shared, by)
        return Match(p, "conflict", broken, shared, by)
    if conditions.parse(learning).subject and p < low and found != "broken":
        return Match(p, "ok", Reason.CLEAR, (), by)
    if found == "open":
        return Match((low + high) / 2, "unsure", Reason.CONDITION_OPEN, shared, by)
    p = 0.1 if found == "met" else max(high + _MARGIN, 0.85)
    return Match(p, "ok" if found == "met" else "conflict", met if found == "met" else broken, shared, by)
