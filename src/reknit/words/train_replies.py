"""Fit how a sentence of a reply is read, from the sentences of ``data/replies.txt``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reknit.words.embedding import embed
from reknit.words.examples import replies
from reknit.words.meaning import unit
from reknit.words.regression import Array, auc, softmax, softmax_regression
from reknit.words.replies import CLASSES, inputs

SEED = 20260302
FOLDS = 8
PENALTY = 300.0
ORDINARY_FLAGGED_AT_MOST = 0.06  # many were written to look defensive; plain talk is flagged less
ACKNOWLEDGING_RIGHT_AT_LEAST = 0.80
ORDINARY_RIGHT_AT_LEAST = 0.80


def train(folder: Path, say: Callable[[str], None]) -> None:
    """Fit and write ``replies.npz`` into ``folder``; thresholds come from out-of-fold probabilities."""
    rows = list(replies())
    sentences, headings = [row[0] for row in rows], [row[1] for row in rows]
    y = np.array([CLASSES.index(one) if one in CLASSES else 0 for one in headings])
    vectors = embed(sentences).astype(np.float64)
    x = inputs(sentences, vectors)
    p = _out_of_fold(x, y)
    limits = thresholds(p, y)
    coefficients, intercepts = softmax_regression(x, y, np.ones(len(y)), PENALTY)
    mean = vectors[y == 0].mean(0)
    codes = sorted({one for one in headings if one not in CLASSES})
    centres = np.array([(vectors[np.array(headings) == code] - mean).mean(0) for code in codes])
    np.savez_compressed(
        folder / "replies.npz",
        coefficients=coefficients.astype(np.float32),
        intercepts=intercepts,
        thresholds=limits,
        codes=np.array(codes),
        centres=unit(centres).astype(np.float32),
        mean=mean.astype(np.float32),
    )
    say(
        f"replies: {len(y)} sentences, out-of-fold AUC {auc(p[:, 0], y == 0):.3f}, "
        f"thresholds {limits.round(2)}"
    )


def _out_of_fold(x: Array, y: NDArray[np.int64]) -> Array:
    fold = np.random.default_rng(SEED).integers(0, FOLDS, len(y))
    p = np.zeros((len(y), len(CLASSES)))
    for k in range(FOLDS):
        keep = fold != k
        coefficients, intercepts = softmax_regression(x[keep], y[keep], np.ones(int(keep.sum())), PENALTY)
        p[~keep] = softmax(x[~keep] @ coefficients + intercepts)
    return p


def thresholds(p: Array, y: NDArray[np.int64]) -> Array:
    """From which probability on each class is named: (defensive, acknowledging, ordinary)."""
    steps = np.arange(0.35, 0.96, 0.01)
    flagged = [t for t in steps if (p[y == 2, 0] >= t).mean() <= ORDINARY_FLAGGED_AT_MOST]
    wanted = (ACKNOWLEDGING_RIGHT_AT_LEAST, ORDINARY_RIGHT_AT_LEAST)
    right = [
        [t for t in steps if (y[p[:, k] >= t] == k).mean() >= least]
        for k, least in enumerate(wanted, start=1)
    ]
    return np.array([min(flagged, default=0.95), *(min(one, default=0.95) for one in right)])
