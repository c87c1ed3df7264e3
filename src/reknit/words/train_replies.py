"""Fit how a sentence of a reply is read, from the sentences of ``data/replies*.txt``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from reknit.words import ngrams
from reknit.words.embedding import embed
from reknit.words.examples import folds_by_author, replies
from reknit.words.meaning import unit
from reknit.words.ngrams import Lexicon
from reknit.words.regression import Array, auc, softmax, softmax_regression, sparse_softmax_regression
from reknit.words.replies import CLASSES, inputs, together

FOLDS = 8  # of authors
PENALTY = 1000.0
WORDS_PENALTY = 0.3
ORDINARY_FLAGGED_AT_MOST = 0.025  # of authors left out; of everyday talk it is twice that
DEFENSIVE_RIGHT_AT_LEAST = 0.92  # where one sentence in five is; in most talk it is far fewer
ACKNOWLEDGING_RIGHT_AT_LEAST = 0.80
ORDINARY_RIGHT_AT_LEAST = 0.80


class Fitted(NamedTuple):
    """Both regressions on one set of sentences."""

    coefficients: Array
    intercepts: Array
    lexicon: Lexicon
    word_coefficients: Array
    word_intercepts: Array


def train(folder: Path, say: Callable[[str], None]) -> None:
    """Fit and write ``replies.npz`` into ``folder``; thresholds come from authors left out."""
    rows = list(replies())
    sentences, headings = [row[0] for row in rows], np.array([row[1] for row in rows])
    fold = np.array(folds_by_author((row[2] for row in rows), FOLDS))
    others = np.array(["author" in row[2] for row in rows])  # not the author of the rules and of the patterns
    y = np.array([CLASSES.index(one) if one in CLASSES else 0 for one in headings])
    vectors = embed(sentences).astype(np.float64)
    x = inputs(sentences, vectors)
    both, by_words = _out_of_fold(sentences, x, y, fold)
    whole = _fit(sentences, x, y)
    limits, word_limits = (thresholds(p[others], y[others]) for p in (both, by_words))
    codes = sorted({str(one) for one in headings if one not in CLASSES})
    mean = vectors[y == 0].mean(0)
    terms = ngrams.matrix(sentences, whole.lexicon).toarray()
    common = terms[y == 0].mean(0)
    np.savez_compressed(
        folder / "replies.npz",
        coefficients=whole.coefficients.astype(np.float32),
        intercepts=whole.intercepts,
        terms=np.array(list(whole.lexicon.columns)),
        idf=whole.lexicon.idf.astype(np.float32),
        word_coefficients=whole.word_coefficients.astype(np.float16),
        word_intercepts=whole.word_intercepts,
        thresholds=limits,
        word_thresholds=word_limits,
        codes=np.array(codes),
        centres=_centres(vectors - mean, headings, codes).astype(np.float32),
        mean=mean.astype(np.float32),
        word_centres=_centres(terms - common, headings, codes).astype(np.float16),
    )
    for name, p, used in (("with meaning", both, limits), ("by words", by_words, word_limits)):
        say(f"replies {name}: {len(y)} sentences, thresholds {used.round(2)}; of authors left out:")
        say("  " + told(p[others], y[others], used))


def _fit(sentences: list[str], x: Array, y: NDArray[np.int64]) -> Fitted:
    lexicon, weight = ngrams.learn(sentences), np.ones(len(y))
    terms = ngrams.matrix(sentences, lexicon)
    by_vector = softmax_regression(x, y, weight, PENALTY)
    return Fitted(*by_vector, lexicon, *sparse_softmax_regression(terms, y, weight, WORDS_PENALTY))


def told(p: Array, y: NDArray[np.int64], limits: Array) -> str:
    """How well probabilities and thresholds do, in one line."""
    flagged, named = p[:, 0] >= limits[0], (p[:, 1] >= limits[1]) & (p[:, 0] < limits[0])
    return (
        f"AUC {auc(p[:, 0], y == 0):.3f}, defensive right {(y[flagged] == 0).mean():.3f}, "
        f"found {flagged[y == 0].mean():.3f}, ordinary flagged {flagged[y == 2].mean():.3f}, "
        f"acknowledging flagged {flagged[y == 1].mean():.3f}; those right {(y[named] == 1).mean():.3f}, "
        f"found {named[y == 1].mean():.3f}"
    )


def _out_of_fold(
    sentences: list[str], x: Array, y: NDArray[np.int64], fold: NDArray[np.int64]
) -> tuple[Array, Array]:
    """Probabilities (n, 3) of sentences of authors left out: both together, and by words alone."""
    both, by_words = np.zeros((len(y), len(CLASSES))), np.zeros((len(y), len(CLASSES)))
    for k in range(FOLDS):
        seen, new = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        part = _fit([sentences[n] for n in seen], x[seen], y[seen])
        left = [sentences[n] for n in new]
        by_words[new] = softmax(
            ngrams.scores(left, part.lexicon, part.word_coefficients, part.word_intercepts)
        )
        both[new] = together(by_words[new], softmax(x[new] @ part.coefficients + part.intercepts))
    return both, by_words


def _centres(table: Array, headings: NDArray[np.str_], codes: list[str]) -> Array:
    """The mean row of each heading, of unit length."""
    return unit(np.array([table[headings == code].mean(0) for code in codes]))


def thresholds(p: Array, y: NDArray[np.int64]) -> Array:
    """From which probability on each class is named: (defensive, acknowledging, ordinary)."""
    steps = np.arange(0.35, 0.96, 0.01)
    flagged = [
        t
        for t in steps
        if (p[y == 2, 0] >= t).mean() <= ORDINARY_FLAGGED_AT_MOST
        and (y[p[:, 0] >= t] == 0).mean() >= DEFENSIVE_RIGHT_AT_LEAST
    ]
    wanted = (ACKNOWLEDGING_RIGHT_AT_LEAST, ORDINARY_RIGHT_AT_LEAST)
    right = [
        [t for t in steps if (y[p[:, k] >= t] == k).mean() >= least]
        for k, least in enumerate(wanted, start=1)
    ]
    return np.array([min(flagged, default=0.95), *(min(one, default=0.95) for one in right)])
