"""How probable it is that a homework asks for what a learning rules out.

By words alone: a logistic regression on the map of demands and on shared words. With the model of meaning:
the two texts are read together, and what that reading says is weighed with the same evidence of words.
Weights and thresholds come from ``python -m reknit.words.train`` and stand in ``data/pairs.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reknit.words import conditions, meaning, together
from reknit.words.concepts import Named, ancestors, demands, named, with_ancestors
from reknit.words.phrases import asked_part, avoided_part
from reknit.words.stems import common_words, stem

By = Literal["words", "meaning"]
Kind = Literal["words", "avoid", "only-if"]
Array = NDArray[np.float64]

WORD_FEATURES = (
    "plain-plain",
    "plain-implied",
    "implied-plain",
    "implied-implied",
    "shared words",
    "learning unknown",
    "homework unknown",
    "done otherwise",
    "other people",
    "qualifier holds",
    "qualifier broken",
    "both known",
)


def column(feature: str) -> int:
    """The place of a word feature."""
    return WORD_FEATURES.index(feature)


class Asked(NamedTuple):
    """What is judged: a learning with its polarity, a homework, and the subject of the learning."""

    learning: str
    polarity: str
    homework: str
    subject: str


@dataclass(frozen=True)
class Judged:
    """Probability of a conflict, the demands on both sides (strongest first), and how it was judged.

    ``close`` says that the words name something close by. Between ``silent_below`` and ``warn_from``, the
    thresholds of ``p``, the system asks.
    """

    p: float
    shared: tuple[str, ...]
    close: bool
    by: By
    silent_below: float
    warn_from: float


def judge(rows: Sequence[Asked], *, by_meaning: bool = True) -> list[Judged]:
    """Judge pairs; whether a condition is met is judged by meaning only, else its subject is."""
    if not rows:
        return []
    evidence = [word_evidence(row.subject, row.homework) for row in rows]
    words = np.array([one.features for one in evidence])
    if not by_meaning or not together.available():
        return [_judged(p, one, "words", "words") for p, one in zip(_by_words(words), evidence, strict=True)]
    scores = together.read([(together.text_of(row.learning, row.polarity), row.homework) for row in rows])
    near = meaning.pair_evidence([(row.subject, row.homework) for row in rows])
    table = features_together(scores, words, near.features, [verdict_of(row) for row in rows])
    kinds: list[Kind] = ["only-if" if row.polarity == "only-if" else "avoid" for row in rows]
    p = [float(_probability(table[n : n + 1], kind)[0]) for n, kind in enumerate(kinds)]
    found = [_judged(*one, "meaning") for one in zip(p, evidence, kinds, strict=True)]
    return [replace(one, shared=one.shared or near.shared[n]) for n, one in enumerate(found)]


def _by_words(words: Array) -> list[float]:
    return [float(p) for p in _probability(words, "words")]


def _judged(p: float, evidence: WordEvidence, kind: Kind, by: By) -> Judged:
    row = _weights()[kind]
    limits = float(row["silent_below"]), float(row["warn_from"])
    return Judged(p, evidence.shared, evidence.close, by, *limits)


def features_together(
    scores: Array, words: Array, near: Array, verdicts: Sequence[conditions.Verdict]
) -> Array:
    """What is weighed by meaning: scores against "ok" (n, 2), words, nearness, word of a condition."""
    said = [[float(one == "met"), float(one == "broken")] for one in verdicts]
    return np.hstack([scores[:, [0, 2]] - scores[:, [1]], words, near, np.array(said)])


def verdict_of(row: Asked) -> conditions.Verdict:
    """Whether the homework meets the condition of an only-if, by its words; "open" where there is none."""
    if row.polarity != "only-if":
        return "open"
    found = conditions.settled(row.learning)
    return (
        found
        if found != "open"
        else conditions.verdict(conditions.parse(row.learning).condition, row.homework)
    )


class WordEvidence(NamedTuple):
    """Features by words alone (``WORD_FEATURES``), the demands that both sides name, and :func:`close_by`."""

    features: list[float]
    shared: tuple[str, ...]
    close: bool


def word_evidence(learning: str, homework: str) -> WordEvidence:
    """The evidence of one pair by words alone."""
    avoided, asked = avoided_part(learning), asked_part(homework)
    return features_of(avoided, asked, named(avoided, "says"), named(asked, "asks"), homework)


def features_of(avoided: str, asked: str, said: Named, wanted: Named, homework: str) -> WordEvidence:
    """The same from the two parts, the demands that they name, and the whole homework."""
    plain, implied = with_ancestors(wanted.plain), with_ancestors(wanted.implied)
    overlaps = (said.plain & plain, said.plain & implied, said.implied & plain, said.implied & implied)
    words = _stems(avoided) & _stems(asked)
    features = [
        *(float(bool(overlap)) for overlap in overlaps),
        float(min(len(words), 2)),
        float(not said.all),
        float(not wanted.all),
        float(any(demands()[code].instead.search(asked) for code in said.all)),
        float(_other_people(said.plain, plain)),
        *(float(one) for one in conditions.qualifier(avoided, homework)),
        float(bool(said.plain and wanted.plain)),
    ]
    shared = dict.fromkeys(code for overlap in overlaps for code in sorted(overlap))
    close = not shared and not features[column("done otherwise")] and close_by(said.plain, wanted.plain)
    return WordEvidence(features, tuple(shared), close)


def _other_people(said: frozenset[str], asked: frozenset[str]) -> bool:
    """Both sides speak of people, and of different ones (the brother is avoided, the aunt is to be rung)."""
    left, right = ({code for code in side if demands()[code].person} for side in (said, asked))
    return bool(left and right and not with_ancestors(left) & right)


def close_by(said: frozenset[str], asked: frozenset[str]) -> bool:
    """Close enough to ask, not to warn: related demands, or two of one kind (a diary, and a written plan).

    Particular people are not of one kind: where the brother is avoided, the sister is another matter.
    """
    related = {code for one in said for code in demands()[one].related} & asked
    related |= {one for one in said if set(demands()[one].related) & asked}
    left, right = ({one for one in side if not demands()[one].person} for side in (said, asked))
    of_one_kind = any(
        (ancestors()[one] | {one}) & (ancestors()[other] | {other}) for one in left for other in right
    )
    return bool(related or of_one_kind)


def _probability(table: Array, kind: Kind) -> Array:
    row = _weights()[kind]
    score = table @ np.asarray(row["weights"]) + float(row["intercept"])
    return np.asarray(1 / (1 + np.exp(-score)), dtype=np.float64)


@lru_cache(maxsize=1)
def _weights() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((files("reknit.words") / "data" / "pairs.json").read_text("utf-8"))
    return loaded


@lru_cache(maxsize=4096)
def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"[a-zà-ÿ]{3,}", text)
    return frozenset(stem(word) for word in words if word not in common_words())
