"""Evidence from the model of meaning for a pair of learning and homework.

Each text is read for the demands of the map: its vector, less the mean of its side, times a matrix that was
fitted by ridge regression on the sentences of ``data/examples.txt``. Two texts that carry the same demand are
near each other in that space, whatever their words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reknit.words import embedding
from reknit.words.concepts import Named, demands, named, with_ancestors
from reknit.words.phrases import asked_part, avoided_part

Array = NDArray[np.float64]

MEANING_FEATURES = (
    "near",
    "near centred",
    "shared demand",
    "demands alike",
    "demands carried",
    "says",
    "asks",
)
_CARRIED = 0.02


@dataclass(frozen=True)
class PairEvidence:
    """Features (pairs, 7), and for each pair the demands read on both sides, strongest first."""

    features: Array
    shared: list[tuple[str, ...]]


class Reader(NamedTuple):
    """What was fitted: the matrix from vectors to demands (384, k), the mean vector of each side (384,)."""

    matrix: Array
    mean_learning: Array
    mean_homework: Array

    def learnings(self, vectors: Array) -> Array:
        """Centre the vectors of learnings and bring them to unit length; shape (n, 384)."""
        return unit(vectors - self.mean_learning)

    def homeworks(self, vectors: Array) -> Array:
        """Centre the vectors of homeworks and bring them to unit length; shape (n, 384)."""
        return unit(vectors - self.mean_homework)


def pair_evidence(rows: Sequence[tuple[str, str]]) -> PairEvidence:
    """Evidence for (learning, homework) pairs.

    Raises:
        ModelAbsent: the extra ``reknit[words]`` is not installed.
    """
    avoided, asked = [avoided_part(row[0]) for row in rows], [asked_part(row[1]) for row in rows]
    vectors = _embed_once([*avoided, *asked])
    said, wanted = [named(text, "says") for text in avoided], [named(text, "asks") for text in asked]
    features, product = features_of(
        reader(), vectors[: len(rows)], vectors[len(rows) :], indicator(said), indicator(wanted, upwards=True)
    )
    codes = np.array(list(demands()))
    shared = [tuple(codes[np.argsort(-row)[:3]][np.sort(row)[::-1][:3] > _CARRIED]) for row in product]
    return PairEvidence(features, [tuple(str(code) for code in row) for row in shared])


def features_of(
    read: Reader, learnings: Array, homeworks: Array, said: Array, wanted: Array
) -> tuple[Array, Array]:
    """The seven features of pairs, row by row.

    Args:
        read: what was fitted.
        learnings, homeworks: unit vectors of the two sides, each (n, 384).
        said, wanted: which demands the words name, each (n, k), zeros and ones.

    Returns:
        Features (n, 7) and, for each pair and demand, how strongly both carry it (n, k).
    """
    left, right = read.learnings(learnings), read.homeworks(homeworks)
    a, b = left @ read.matrix, right @ read.matrix
    positive_a, positive_b = np.maximum(a, 0), np.maximum(b, 0)
    product = positive_a * positive_b
    features = np.column_stack(
        [
            (learnings * homeworks).sum(1),
            (left * right).sum(1),
            np.sqrt(product.max(1)),
            (unit(a) * unit(b)).sum(1),
            (unit(positive_a) * unit(positive_b)).sum(1),
            (positive_b * said).max(1),
            (positive_a * wanted).max(1),
        ]
    )
    return features, product


def indicator(texts: Sequence[Named], *, upwards: bool = False) -> Array:
    """Zeros and ones (n, k) for the demands that texts name; ``upwards`` adds what those also ask for."""
    column = {code: n for n, code in enumerate(demands())}
    table = np.zeros((len(texts), len(column)))
    for n, text in enumerate(texts):
        for code in with_ancestors(text.all) if upwards else text.all:
            table[n, column[code]] = 1
    return table


def unit(vectors: Array) -> Array:
    """Bring rows to unit length (a row of zeros stays)."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


@lru_cache(maxsize=1)
def reader() -> Reader:
    """The fitted reader that ships (``data/demands.npz``)."""
    with (files("reknit.words") / "data" / "demands.npz").open("rb") as file, np.load(file) as stored:
        if list(stored["codes"]) != list(demands()):
            raise RuntimeError(
                "data/demands.npz is older than data/demands.toml: run python -m reknit.words.train"
            )
        return Reader(
            stored["matrix"].astype(np.float64),
            stored["mean_learning"].astype(np.float64),
            stored["mean_homework"].astype(np.float64),
        )


def _embed_once(texts: list[str]) -> Array:
    """Embed each different text once; shape (n, 384)."""
    different = {text: n for n, text in enumerate(dict.fromkeys(texts))}
    vectors = embedding.embed(list(different))
    return vectors[[different[text] for text in texts]].astype(np.float64)
