"""How probable it is that a homework asks for what a learning rules out.

Two calibrated logistic regressions share their evidence: by words alone (the map of demands, shared words),
and with the model of meaning (how near the texts are, and the demands that each is read to carry).
Weights and thresholds come from ``python -m reknit.words.train`` and stand in ``data/pairs.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reknit.words import conditions, meaning
from reknit.words.concepts import Named, ancestors, demands, named, with_ancestors
from reknit.words.phrases import asked_part, avoided_part
from reknit.words.stems import common_words, stem

By = Literal["words", "meaning"]
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


@dataclass(frozen=True)
class Judged:
    """Probability of a conflict, the demands on both sides (strongest first), and how it was judged.

    ``close`` says that the words name something close by, so that asking is better than silence.
    """

    p: float
    shared: tuple[str, ...]
    close: bool
    by: By


def judge(rows: Sequence[tuple[str, str]], *, by_meaning: bool = True) -> list[Judged]:
    """Judge (learning, homework) pairs, all learnings read as something to avoid."""
    if not rows:
        return []
    evidence = [word_evidence(learning, homework) for learning, homework in rows]
    table = np.array([row.features for row in evidence])
    more = meaning.pair_evidence(rows) if by_meaning else None
    by: By = "words"
    if more is not None:
        table, by = np.hstack([table, more.features]), "meaning"
    p = _probability(table, by)
    shared = [one.shared if more is None else one.shared or more.shared[n] for n, one in enumerate(evidence)]
    return [Judged(float(p[n]), shared[n], one.close, by) for n, one in enumerate(evidence)]


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


def thresholds(by: By) -> tuple[float, float]:
    """(below: silent, from: warn); in between the system asks."""
    row = _weights()[by]
    return float(row["silent_below"]), float(row["warn_from"])


def _probability(table: Array, by: By) -> Array:
    row = _weights()[by]
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
