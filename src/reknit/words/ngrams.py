"""Words and pairs of words as features: what a sentence says by its little words ("I", "but", "you said").

A sentence vector knows what a sentence is about; whether it defends often lies in the small words, which
such a vector blurs. Term frequencies are damped (1 + log), weighted by inverse document frequency and brought
to unit length (Salton & Buckley 1988).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from reknit.words.sentences import straighten

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = NDArray[np.float64]
_TOKEN = re.compile(r"[a-z][a-z']*|\d+|[?!,;]")


class Lexicon(NamedTuple):
    """The terms that were seen in at least two sentences: their columns and inverse document frequencies."""

    columns: Mapping[str, int]
    idf: Array


def terms(sentence: str) -> list[str]:
    """Words and pairs of neighbouring words, lower case; numbers are all alike."""
    words = ["0" if one.isdigit() else one for one in _TOKEN.findall(straighten(sentence).lower())]
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def learn(sentences: Iterable[str]) -> Lexicon:
    """The lexicon of training sentences."""
    seen: Counter[str] = Counter()
    n = 0
    for sentence in sentences:
        seen.update(set(terms(sentence)))
        n += 1
    kept = sorted(term for term, count in seen.items() if count > 1)
    idf = np.array([np.log((1 + n) / (1 + seen[term])) + 1 for term in kept])
    return Lexicon({term: column for column, term in enumerate(kept)}, idf)


def weights(sentence: str, lexicon: Lexicon) -> dict[int, float]:
    """The weight of each known term of a sentence, by column; their squares sum to one."""
    counts = Counter(lexicon.columns[term] for term in terms(sentence) if term in lexicon.columns)
    raw = {column: (1 + np.log(count)) * lexicon.idf[column] for column, count in counts.items()}
    length = np.sqrt(sum(value * value for value in raw.values())) or 1.0
    return {column: float(value / length) for column, value in raw.items()}


def scores(sentences: Sequence[str], lexicon: Lexicon, coefficients: Array, intercepts: Array) -> Array:
    """Linear scores (n, k) of sentences, for coefficients (terms, k) and intercepts (k,)."""
    rows = []
    for sentence in sentences:
        row = weights(sentence, lexicon)
        rows.append(sum((value * coefficients[column] for column, value in row.items()), intercepts))
    return np.array(rows)


def matrix(sentences: Sequence[str], lexicon: Lexicon) -> csr_array:
    """All weights as one sparse matrix (n, terms), for training."""
    from scipy.sparse import csr_array

    rows = [weights(sentence, lexicon) for sentence in sentences]
    values = [value for row in rows for value in row.values()]
    columns = [column for row in rows for column in row]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    return csr_array((values, columns, starts), shape=(len(rows), len(lexicon.idf)))
