"""A sentence of a reply read by meaning: defensive, acknowledging or ordinary.

Multinomial logistic regression on the sentence vector and a few features that can be named. Two classes would
not do: without ordinary sentences to learn from, such a model calls most of a therapist's talk defensive.
The weights ship in ``data/replies.npz``, the sentences that made them in ``data/replies.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reknit.words import embedding
from reknit.words.patterns import defensive_patterns, moves
from reknit.words.regression import softmax
from reknit.words.sentences import straighten

Array = NDArray[np.float64]
CLASSES = ("defensive", "acknowledging", "ordinary")
VECTOR_SCALE = 20.0  # brings the 384 numbers of a vector to about the size of the named features

_WORD = re.compile(r"[a-z']+")
_ABOUT_YOU = frozenset({"you", "your", "you're", "you've", "you'd", "yours", "yourself"})
_ABOUT_ME = frozenset({"i", "i'm", "i've", "i'd", "i'll", "my", "me", "mine", "myself"})
_OPENERS = re.compile(
    r"(?:what|who|how|when|where|why|which|did|do|does|could|would|can|is|are|shall|have)\b"
)
_GROUPS = tuple(
    re.compile(rf"\b(?:{words})\b")
    for words in (
        "but|however|yet",
        "only|just|simply|merely|hardly",
        "always|never|nobody|everyone|everybody",
        "sorry|apologi[sz]e|apology",
        "didn't|wasn't|don't|isn't|not|never|can't|won't",
        "week|monday|tuesday|wednesday|thursday|friday|next|session|appointment",
    )
)


class Model(NamedTuple):
    """What was fitted: coefficients (d, 3), intercepts (3,), thresholds, the mean vector of each remark."""

    coefficients: Array
    intercepts: Array
    thresholds: Array
    codes: tuple[str, ...]
    centres: Array
    mean: Array


def probabilities(sentences: Sequence[str]) -> Array | None:
    """Probabilities of shape (n, 3) in the order of ``CLASSES``; None where no model is installed."""
    if not embedding.available():
        return None
    fitted = model()
    x = inputs(list(sentences), embedding.embed(sentences).astype(np.float64))
    return softmax(x @ fitted.coefficients + fitted.intercepts)


def inputs(sentences: Sequence[str], vectors: Array) -> Array:
    """What the regression sees: scaled vectors (n, 384) beside the named features."""
    return np.hstack([vectors * VECTOR_SCALE, np.array([named_features(one) for one in sentences])])


def named_features(sentence: str) -> list[float]:
    """Marked patterns by kind, moves of acknowledging, and the shape of the sentence; all numbers small."""
    text = straighten(sentence)
    words = _WORD.findall(text.lower())
    length = max(len(words), 1)
    seen = {pattern.kind for pattern in defensive_patterns() if pattern.spans(text)}
    kinds = dict.fromkeys(pattern.kind for pattern in defensive_patterns())
    made = [float(bool(move.spans(text))) for move in moves()]
    first = words[0] if words else ""
    return [
        *(float(kind in seen) for kind in kinds),
        float(bool(seen)),
        *made,
        sum(made),
        float(text.endswith("?")),
        float(np.log(length)),
        float("i" in words),
        5 * sum(word in _ABOUT_YOU for word in words) / length,
        5 * sum(word in _ABOUT_ME for word in words) / length,
        float(first in ("but", "well", "anyway")),
        *(float(bool(group.search(text.lower()))) for group in _GROUPS),
        float(first == "you"),
        float(first == "i"),
        float(bool(_OPENERS.match(first))),
    ]


def decide(p: Sequence[float]) -> Literal["defensive", "acknowledging", "ordinary", "unclear"]:
    """The reading of one sentence from its three probabilities; "unclear" where none stands out."""
    defensive, acknowledging, ordinary = model().thresholds
    if p[0] >= defensive:
        return "defensive"
    if p[1] >= acknowledging:
        return "acknowledging"
    return "ordinary" if p[2] >= ordinary else "unclear"


def veto() -> float:
    """Below this probability of defensiveness, words that match a pattern are let pass."""
    return 0.4


def nearest_code(sentence: str) -> str:
    """The code of the remark whose sentences are nearest in meaning to a defensive sentence."""
    fitted = model()
    return fitted.codes[int(np.argmax(fitted.centres @ (embedding.embed([sentence])[0] - fitted.mean)))]


@lru_cache(maxsize=1)
def model() -> Model:
    """The weights that ship (``data/replies.npz``)."""
    with (files("reknit.words") / "data" / "replies.npz").open("rb") as file, np.load(file) as stored:
        numbers = {name: stored[name].astype(np.float64) for name in stored.files if name != "codes"}
        codes = tuple(str(code) for code in stored["codes"])
    return Model(codes=codes, **numbers)
