"""Why a rupture seems likely or unlikely: the channels, ranked by how far they moved the log-odds,
in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from reknit.trust.layout import ATTENDED, DIFFICULTY, GUESS, RATING, REPAIR, THERAPIST

# index = the number that the filter writes
CODES: tuple[str, ...] = (
    "",
    "rating_fell",
    "rating_rose",
    "difficulty_said",
    "difficulty_denied",
    "missed",
    "came",
    "repair_recorded",
    "repair_confirmed",
    "no_repair_recorded",
    "therapist_lower",
    "therapist_higher",
    "guess_lower",
    "guess_higher",
)

TEXTS: dict[str, str] = {
    "rating_fell": "the rating was lower than expected",
    "rating_rose": "the rating was as high as expected or higher",
    "difficulty_said": "the client said that something bothered them",
    "difficulty_denied": "the client said that nothing bothered them",
    "missed": "the session was missed",
    "came": "the client came",
    "repair_recorded": "the therapist recorded a repair",
    "repair_confirmed": "the client confirmed a repair",
    "no_repair_recorded": "no repair was recorded",
    "therapist_lower": "the therapist rated the session lower than usual",
    "therapist_higher": "the therapist rated the session as usual or higher",
    "guess_lower": "the therapist guessed a lower rating than usual",
    "guess_higher": "the therapist guessed a rating as usual or higher",
}
QUIET = "nothing stood out"
FELT = 0.15  # log-odds


class Reason(NamedTuple):
    """One channel's part: a stable code and the log-odds of a rupture that it added (negative: took away)."""

    code: str
    weight: float


def reason_text(reasons: Iterable[Reason]) -> str:
    """The reasons as one English sentence, strongest first.

    >>> reason_text([Reason("rating_fell", 2.0), Reason("difficulty_said", 1.1)])
    'The rating was lower than expected; the client said that something bothered them.'
    """
    return _sentence([reason.code for reason in reasons])


def _sentence(codes: list[str]) -> str:
    text = "; ".join(TEXTS[code] for code in codes if code) or QUIET
    return text[0].upper() + text[1:] + "."


def packed_texts() -> list[str]:
    """The sentence for each packed pair of reasons (first + 16 * second), 256 entries."""
    texts = []
    for packed in range(256):
        pair = [CODES[i] if i < len(CODES) else "" for i in (packed % 16, packed // 16)]
        texts.append(_sentence(pair))
    return texts


def channel_code(channel: int, weight: float, difficulty: int, attended: int, repair: int) -> str:
    """The code of one channel (its number in `reknit.trust.layout`) at one session."""
    if channel == DIFFICULTY:
        return "difficulty_said" if difficulty > 0 else "difficulty_denied"
    if channel == ATTENDED:
        return "missed" if attended == 0 else "came"
    if channel == REPAIR:
        return ("no_repair_recorded", "repair_recorded", "repair_confirmed")[repair]
    first = {RATING: 1, THERAPIST: 10, GUESS: 12}[channel]
    return CODES[first if weight > 0 else first + 1]


def ranked(
    moves: np.ndarray, difficulty: np.ndarray | None, attended: np.ndarray | None, repair: np.ndarray | None
) -> list[tuple[Reason, ...]]:
    """The reasons of each session, strongest first, from the moves of its channels (n, channels).

    Moves below `FELT` are left out. What was said in the three channels of few steps is given, or None.
    """
    unknown = [-1] * len(moves)
    said = [unknown if channel is None else channel.tolist() for channel in (difficulty, attended, repair)]
    return [
        _rank([(i, w) for i, w in enumerate(row) if i and abs(w) > FELT], *step)
        for row, *step in zip(moves.tolist(), *said, strict=True)
    ]


def _rank(felt: list[tuple[int, float]], difficulty: int, attended: int, repair: int) -> tuple[Reason, ...]:
    found = [Reason(channel_code(i, w, difficulty, attended, repair), w) for i, w in felt]
    return tuple(sorted(found, key=lambda reason: -abs(reason.weight))) if len(found) > 1 else tuple(found)
