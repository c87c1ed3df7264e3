"""A sentence of a reply read as defensive, acknowledging or ordinary.

Two multinomial logistic regressions: one on words and pairs of words, which needs no model; one on the
sentence vector and a few features that can be named. Where both are there, their geometric mean is taken. Two
classes would not do: without ordinary sentences, such a model calls most of a therapist's talk defensive.
The weights ship in ``data/replies.npz``, the sentences that made them in ``data/replies*.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from reknit.words import embedding, ngrams
from reknit.words.ngrams import Lexicon
from reknit.words.patterns import defensive_patterns, moves
from reknit.words.regression import softmax
from reknit.words.sentences import straighten

Array = NDArray[np.float64]
CLASSES = ("defensive", "acknowledging", "ordinary")
WORDS_SHARE = 0.4  # of the words in the geometric mean, where the model of meaning is there
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


By = Literal["words", "meaning"]
Reading = Literal["defensive", "acknowledging", "ordinary", "unclear"]


class Model(NamedTuple):
    """What was fitted.

    By meaning: coefficients (d, 3) and intercepts (3,). By words: the lexicon, word_coefficients (terms, 3)
    and word_intercepts (3,). Thresholds (3,) for both together and for words alone. For naming a remark: its
    codes, and the centre of its sentences among vectors (codes, 384) and among words (codes, terms).
    """

    lexicon: Lexicon
    coefficients: Array
    intercepts: Array
    word_coefficients: Array
    word_intercepts: Array
    thresholds: Array
    word_thresholds: Array
    codes: tuple[str, ...]
    centres: Array
    mean: Array
    word_centres: Array


def probabilities(sentences: Sequence[str], *, by_meaning: bool = True) -> tuple[Array, By]:
    """Probabilities of shape (n, 3) in the order of ``CLASSES``, and whether meaning took part."""
    fitted, rows = model(), list(sentences)
    by_words = softmax(ngrams.scores(rows, fitted.lexicon, fitted.word_coefficients, fitted.word_intercepts))
    if not by_meaning or not embedding.available():
        return by_words, "words"
    x = inputs(rows, embedding.embed(rows).astype(np.float64))
    return together(by_words, softmax(x @ fitted.coefficients + fitted.intercepts)), "meaning"


def together(by_words: Array, by_vector: Array) -> Array:
    """The geometric mean of two readings (n, 3), with the weight ``WORDS_SHARE`` for the words."""
    mean = by_words**WORDS_SHARE * by_vector ** (1 - WORDS_SHARE)
    return np.asarray(mean / mean.sum(1, keepdims=True))


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


def decide(p: Sequence[float], by: By) -> Reading:
    """The reading of one sentence from its three probabilities; "unclear" where none stands out."""
    fitted = model()
    limits = fitted.thresholds if by == "meaning" else fitted.word_thresholds
    for name, probability, limit in zip(CLASSES, p, limits, strict=True):
        if probability >= limit:
            return cast(Reading, name)
    return "unclear"


def veto() -> float:
    """Below this probability of defensiveness, words that match a pattern are let pass."""
    return 0.4


def nearest_code(sentence: str, by: By) -> str:
    """The code of the remark whose sentences are nearest to a defensive sentence."""
    fitted = model()
    if by == "meaning":
        likeness = fitted.centres @ (embedding.embed([sentence])[0] - fitted.mean)
    else:
        row = ngrams.weights(sentence, fitted.lexicon)
        likeness = fitted.word_centres[:, list(row)] @ np.array(list(row.values()))
    return fitted.codes[int(np.argmax(likeness))]


@lru_cache(maxsize=1)
def model() -> Model:
    """The weights that ship (``data/replies.npz``)."""
    with (files("reknit.words") / "data" / "replies.npz").open("rb") as file, np.load(file) as stored:
        words = {name: [str(one) for one in stored[name]] for name in ("codes", "terms")}
        numbers = {name: stored[name].astype(np.float64) for name in stored.files if name not in words}
    columns = {term: column for column, term in enumerate(words["terms"])}
    return Model(lexicon=Lexicon(columns, numbers.pop("idf")), codes=tuple(words["codes"]), **numbers)
