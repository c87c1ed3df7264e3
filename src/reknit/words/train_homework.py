"""Fit how homework is held against learnings.

What is read of both texts together comes from ``python -m reknit.words.train_together``: its scores of every
pair, by a network that had seen nobody of that author's fold, stand in ``data/together.npz``. How they are
weighed with the evidence of words is fitted here on those scores, and the thresholds are chosen on authors
left out once more. The reader of demands, which names reasons, is fitted on the sentences of
``data/examples.txt``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reknit.words import meaning, pairs, together
from reknit.words.concepts import Named, demands
from reknit.words.embedding import embed
from reknit.words.examples import Pair, author, examples, folds_by_author, read_pairs, terms
from reknit.words.homework import asked
from reknit.words.meaning import Array, Reader, indicator, unit
from reknit.words.phrases import asked_part, avoided_part
from reknit.words.regression import auc, ridge, softmax_regression

RIDGE = 1.0
TERM_WEIGHT = 0.3
PENALTY = 3.0
MISSED_AT_MOST, ASKED_AT_MOST = 0.05, 0.23
BY_WORDS = (
    0.30,
    0.50,
)  # words alone: silent where the map finds nothing in common, for they cannot know more
SELDOM = -0.9  # log-odds: one homework in four conflicts in use, near one in two among sentences that teach
THRESHOLDS = np.arange(0.01, 0.96, 0.01)

Flags = NDArray[np.bool_]


def train(folder: Path, say: Callable[[str], None]) -> None:
    """Fit and write ``demands.npz`` and ``pairs.json`` into ``folder``."""
    fit_reader(folder)
    rows = read_pairs()
    given = [asked((one.learning, one.polarity, one.homework)) for one in rows]
    words = np.array([pairs.word_evidence(one.subject, one.homework).features for one in given])
    near = meaning.pair_evidence([(one.subject, one.homework) for one in given]).features
    table = pairs.features_together(scores(rows), words, near, [pairs.verdict_of(one) for one in given])
    only_if = np.array([one.polarity == "only-if" for one in rows])
    stored = {
        "words": fit(words, rows, ~only_if, say, shift=SELDOM, limits=BY_WORDS),
        "avoid": fit(table, rows, ~only_if, say),
        "only-if": fit(table, rows, only_if, say),
    }
    (folder / "pairs.json").write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def fit_reader(folder: Path) -> None:
    """Ridge regression of the demands on the vectors of sentences and of the map's bare words."""
    everything = list(examples())
    parts = (
        ([one for one in everything if one.kind == "-"], avoided_part),
        ([one for one in everything if one.kind != "-"], asked_part),
    )
    vectors = [embed([part(one.text) for one in side]).astype(np.float64) for side, part in parts]
    read = Reader(np.zeros((0, 0)), vectors[0].mean(0), vectors[1].mean(0))
    bare = terms()
    of_words = embed(list(bare)).astype(np.float64)
    centred = unit(of_words - of_words.mean(0))
    x = np.vstack([read.learnings(vectors[0]), read.homeworks(vectors[1]), centred])
    carried = [*(one.carries for side, _ in parts for one in side), *bare.values()]
    y = indicator([Named(one, frozenset()) for one in carried])
    weight = np.ones(len(x))
    weight[-len(bare) :] = TERM_WEIGHT
    seldom = (y * weight[:, None]).sum(0) + 1
    np.savez_compressed(
        folder / "demands.npz",
        codes=np.array(list(demands())),
        matrix=(ridge(x, y, weight, RIDGE) / seldom**0.25).astype(np.float16),
        mean_learning=read.mean_learning.astype(np.float32),
        mean_homework=read.mean_homework.astype(np.float32),
    )


def scores(rows: list[Pair]) -> Array:
    """What networks that had not met a pair's author read in it; shape (n, 3).

    Raises:
        RuntimeError: the pairs are others than those that were read.
    """
    with (files("reknit.words") / "data" / "together.npz").open("rb") as file, np.load(file) as stored:
        if str(stored["of"]) != together.fingerprint(rows):
            raise RuntimeError("the pairs have changed: run python -m reknit.words.train_together")
        return np.asarray(stored["scores"], dtype=np.float64)


def fit(
    table: Array,
    rows: list[Pair],
    which: Flags,
    say: Callable[[str], None],
    *,
    shift: float = 0.0,
    limits: tuple[float, float] | None = None,
) -> dict[str, object]:
    """Logistic weights of the evidence, and thresholds from probabilities with each author left out.

    The intercept is moved by ``shift``; thresholds may be given as ``limits``. Pairs that should be asked
    about teach nothing here: no answer to them is wrong.
    """
    decided = which & np.array([one.label != "unsure" for one in rows])
    kept = [rows[n] for n in np.flatnonzero(decided)]
    x, conflict = table[decided], np.array([one.label == "conflict" for one in kept])
    who = [author(one.source) for one in kept]
    fold = np.array(folds_by_author(who, len(set(who))))
    p = np.zeros(len(x))
    for k in np.unique(fold):
        weights, intercept = _binary(x[fold != k], conflict[fold != k])
        p[fold == k] = 1 / (1 + np.exp(-(x[fold == k] @ weights + intercept + shift)))
    low, high = limits or thresholds(p, conflict, ASKED_AT_MOST)
    weights, intercept = _binary(x, conflict)
    say(f"homework, {len(x)} pairs by authors left out: {told(p, conflict, low, high)}")
    return {
        "weights": [round(float(value), 4) for value in weights],
        "intercept": round(float(intercept) + shift, 4),
        "silent_below": low,
        "warn_from": high,
    }


def _binary(x: Array, conflict: Flags) -> tuple[Array, float]:
    coefficients, intercepts = softmax_regression(x, conflict.astype(np.int64), np.ones(len(x)), PENALTY)
    return coefficients[:, 1] - coefficients[:, 0], float(intercepts[1] - intercepts[0])


def thresholds(p: Array, conflict: Flags, asked_at_most: float) -> tuple[float, float]:
    """(silent below, warn from): few conflicts missed and few asked about, and then as often right as can be.

    Where both limits cannot be kept, that on asking is.
    """
    best, found = (-1.0, -1.0), (0.0, 0.0)
    for low in THRESHOLDS:
        for high in THRESHOLDS[low <= THRESHOLDS]:
            open_ = (p >= low) & (p < high)
            if open_.mean() > asked_at_most or open_.all():
                break
            missed = float((p[conflict] < low).mean())
            right = float(((p >= high) == conflict)[~open_].mean())
            if (min(0.0, MISSED_AT_MOST - missed), right) > best or best[0] == -1.0:
                best, found = (min(0.0, MISSED_AT_MOST - missed), right), (low, high)
    return round(float(found[0]), 2), round(float(found[1]), 2)


def told(p: Array, conflict: Flags, low: float, high: float) -> str:
    """How well probabilities and thresholds do, in one line."""
    open_ = (p >= low) & (p < high)
    return (
        f"AUC {auc(p, conflict):.3f}; silent below {low:.2f}, warn from {high:.2f}: "
        f"right {((p >= high) == conflict)[~open_].mean():.3f}, missed {(p[conflict] < low).mean():.3f}, "
        f"asked {open_.mean():.3f}, warnings right {conflict[p >= high].mean():.3f}"
    )
