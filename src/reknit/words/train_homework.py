"""Fit how homework is held against learnings.

The reader of demands is fitted on the sentences of ``data/examples.txt``. How the evidence is weighed is
fitted on whole pairs (``data/pairs*.txt``), which the reader has not seen, with a small share of pairs put
together from those sentences, each judged by a reader that saw neither of its sentences. There, the map and
the sentences have one author, so named demands are struck out at random, at the rate at which the map first
missed them in sentences written after it (about one in four). Thresholds are chosen out of fold on the pairs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reknit.words import meaning, pairs
from reknit.words.concepts import Named, demands, named
from reknit.words.embedding import embed
from reknit.words.examples import Example, examples, terms
from reknit.words.examples import pairs as whole_pairs
from reknit.words.meaning import Array, Reader, indicator, unit
from reknit.words.phrases import asked_part, avoided_part
from reknit.words.regression import auc, ridge, softmax_regression

SEED = 20260301
FOLDS = 5
PENALTY = 1.0
TERM_WEIGHT = 0.3
MISSED_BY_THE_MAP = 0.25
SHARES = {"conflict": 0.45, "near": 0.15, "other": 0.40}
INSTEAD_MISSED, INSTEAD_MISLEADING = 0.4, 0.03
OTHERS_DRAWN = 0.03
TOGETHER_SHARE = 0.3  # of the weight of whole pairs
COMBINE_PENALTY = 2.0
WHOLE_FOLDS = 6
STRUCK_COPIES, UNKNOWN_TO_THE_MAP = 2, 0.6  # of the demands that a whole pair names
MISSED_AT_MOST = 0.05
WARNINGS_RIGHT_AT_LEAST = 0.85  # one pair in two is a near miss; in ordinary use more are right
BY_WORDS = (0.33, 0.55)  # words alone: silent where the map knows both sides and finds nothing in common


Words = tuple[Array, Array]
"""Unit vectors of the bare words of the map (n, 384), and the demands that they name (n, k)."""


@dataclass(frozen=True)
class Side:
    """The sentences of one side, their unit vectors, the demands they carry (n, k) and name, their fold."""

    sentences: list[Example]
    vectors: Array
    carries: Array
    names: list[Named]
    fold: NDArray[np.int64]


@dataclass(frozen=True)
class PairTable:
    """Out-of-fold pairs: both feature blocks, whether they conflict, the weight of each, the fold, and
    whether named demands were struck out.
    """

    words: Array
    meaning: Array
    conflict: NDArray[np.bool_]
    weight: Array
    fold: NDArray[np.int64]
    struck: NDArray[np.bool_]


def train(folder: Path, say: Callable[[str], None]) -> None:
    """Fit and write ``demands.npz`` and ``pairs.json`` into ``folder``."""
    rng = np.random.default_rng(SEED)
    everything = list(examples())
    learnings = _side([one for one in everything if one.kind == "-"], "says", avoided_part, rng)
    homeworks = _side([one for one in everything if one.kind != "-"], "asks", asked_part, rng)
    bare = terms()
    vectors = embed(list(bare)).astype(np.float64)
    words = unit(vectors - vectors.mean(0)), _carries(list(bare.values()))
    whole = _fit_reader(learnings, homeworks, words, without=None)
    np.savez_compressed(
        folder / "demands.npz",
        codes=np.array(list(demands())),
        matrix=whole.matrix.astype(np.float16),
        mean_learning=whole.mean_learning.astype(np.float32),
        mean_homework=whole.mean_homework.astype(np.float32),
    )
    together, given = _pair_table(learnings, homeworks, words, rng), _whole_table(whole, rng)
    stored = {by: _combine(together, given, by, say) for by in ("words", "meaning")}
    (folder / "pairs.json").write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def _side(sentences: list[Example], side: str, part: Callable[[str], str], rng: np.random.Generator) -> Side:
    texts = [part(one.text) for one in sentences]
    nothing = Named(frozenset(), frozenset())
    names = [nothing if rng.random() < MISSED_BY_THE_MAP else named(text, side) for text in texts]
    carries = _carries([one.carries for one in sentences])
    fold = rng.integers(0, FOLDS, len(sentences))
    return Side(sentences, embed(texts).astype(np.float64), carries, names, fold)


def _carries(codes: list[frozenset[str]]) -> Array:
    return indicator([Named(one, frozenset()) for one in codes])


def _fit_reader(learnings: Side, homeworks: Side, words: Words, *, without: int | None) -> Reader:
    """Ridge regression of the demands on the vectors of both sides and of the bare words of the map.

    The sentences of the fold ``without`` are left out.
    """
    a, b = learnings.fold != without, homeworks.fold != without
    read = Reader(np.zeros((0, 0)), learnings.vectors.mean(0), homeworks.vectors.mean(0))
    x = np.vstack([read.learnings(learnings.vectors[a]), read.homeworks(homeworks.vectors[b]), words[0]])
    y = np.vstack([learnings.carries[a], homeworks.carries[b], words[1]])
    weight = np.ones(len(x))
    weight[-len(words[0]) :] = TERM_WEIGHT
    seldom = (y * weight[:, None]).sum(0) + 1
    return read._replace(matrix=ridge(x, y, weight, PENALTY) / seldom**0.25)


def _pair_table(learnings: Side, homeworks: Side, words: Words, rng: np.random.Generator) -> PairTable:
    """Pair the sentences of each fold with one another, judged by a reader of the other folds."""
    blocks = []
    for k in range(FOLDS):
        read = _fit_reader(learnings, homeworks, words, without=k)
        left, right = np.flatnonzero(learnings.fold == k), np.flatnonzero(homeworks.fold == k)
        chosen = [
            (n, m, kind) for n in left for m in right if (kind := _kind(learnings, homeworks, n, m, rng))
        ]
        n, m = np.array([row[0] for row in chosen]), np.array([row[1] for row in chosen])
        features, _ = meaning.features_of(
            read,
            learnings.vectors[n],
            homeworks.vectors[m],
            indicator([learnings.names[i] for i in n]),
            indicator([homeworks.names[i] for i in m], upwards=True),
        )
        by_words = np.array(
            [_word_features(learnings, homeworks, i, j, rng) for i, j in zip(n, m, strict=True)]
        )
        blocks.append((by_words, features, np.array([row[2] for row in chosen]), np.full(len(n), k)))
    by_words, features, kinds, fold = (np.concatenate(block) for block in zip(*blocks, strict=True))
    weight = np.zeros(len(kinds))
    for kind, share in SHARES.items():
        weight[kinds == kind] = share / (kinds == kind).sum()
    return PairTable(
        by_words,
        features,
        kinds == "conflict",
        weight * len(kinds),
        fold,
        np.ones(len(kinds), dtype=np.bool_),
    )


def _whole_table(read: Reader, rng: np.random.Generator) -> PairTable:
    """The whole pairs of learnings to avoid, each once as it is and twice with named demands struck out.

    The pairs of one learning stand in one fold.
    """
    rows = [one for one in whole_pairs() if one.polarity == "avoid" and one.label != "unsure"]
    avoided, asked = [avoided_part(one.learning) for one in rows], [asked_part(one.homework) for one in rows]
    vectors = embed(avoided).astype(np.float64), embed(asked).astype(np.float64)
    number = {learning: n for n, learning in enumerate(dict.fromkeys(one.learning for one in rows))}
    blocks = []
    for copy in range(1 + STRUCK_COPIES):
        missed = UNKNOWN_TO_THE_MAP if copy else 0.0
        said = [_struck(named(text, "says"), missed, rng) for text in avoided]
        wanted = [_struck(named(text, "asks"), missed, rng) for text in asked]
        features, _ = meaning.features_of(read, *vectors, indicator(said), indicator(wanted, upwards=True))
        table = [
            pairs.features_of(avoided[n], asked[n], said[n], wanted[n], one.homework).features
            for n, one in enumerate(rows)
        ]
        blocks.append((np.array(table), features, np.full(len(rows), copy > 0)))
    by_words, features, struck = (np.concatenate(block) for block in zip(*blocks, strict=True))
    fold = np.tile([number[one.learning] % WHOLE_FOLDS for one in rows], len(blocks))
    conflict = np.tile([one.label == "conflict" for one in rows], len(blocks))
    weight = np.full(len(fold), 1 / len(blocks))
    return PairTable(by_words, features, conflict, weight, fold, struck)


def _struck(found: Named, missed: float, rng: np.random.Generator) -> Named:
    """What is named, less a random share: as in sentences of somebody whom the map has never met."""
    kept = {code for code in sorted(found.all) if rng.random() >= missed}
    return Named(found.plain & kept, found.implied & kept)


def _kind(learnings: Side, homeworks: Side, n: np.int64, m: np.int64, rng: np.random.Generator) -> str | None:
    """Conflict, near miss or other (of which a part is drawn); pairs to be asked about are left out."""
    said, asked = learnings.sentences[n], homeworks.sentences[m]
    if asked.kind == "~" and asked.under == said.under:
        return "near"
    if said.under in asked.carries:
        return "conflict"
    open_ = said.carries & asked.carries or pairs.close_by(said.carries, asked.carries)
    return "other" if not open_ and rng.random() < OTHERS_DRAWN else None


def _word_features(
    learnings: Side, homeworks: Side, n: np.int64, m: np.int64, rng: np.random.Generator
) -> list[float]:
    """Word features of a pair, with the words for "done otherwise" missed or misleading now and then."""
    texts = avoided_part(learnings.sentences[n].text), asked_part(homeworks.sentences[m].text)
    whole = homeworks.sentences[m].text
    row = pairs.features_of(*texts, learnings.names[n], homeworks.names[m], whole).features
    otherwise = pairs.column("done otherwise")
    row[otherwise] *= float(rng.random() > INSTEAD_MISSED)
    row[otherwise] = max(row[otherwise], float(rng.random() < INSTEAD_MISLEADING))
    return row


def _combine(together: PairTable, given: PairTable, by: str, say: Callable[[str], None]) -> dict[str, object]:
    """Fit the logistic combination and choose the two thresholds from out-of-fold probabilities.

    By words alone nothing is struck out: where the map knows both sides, silence is to stay possible.
    """
    if by == "words":
        given = PairTable(*(getattr(given, one.name)[~given.struck] for one in fields(given)))
    side, x = _columns(together, by), _columns(given, by)
    weight = together.weight / together.weight.sum() * given.weight.sum() * TOGETHER_SHARE

    def fitted(keep: NDArray[np.bool_]) -> tuple[Array, float]:
        rows = np.vstack([side, x[keep]])
        wanted = np.concatenate([together.conflict, given.conflict[keep]]).astype(np.int64)
        return _binary(rows, wanted, np.concatenate([weight, given.weight[keep]]))

    p = np.zeros(len(x))
    for k in range(WHOLE_FOLDS):
        weights, intercept = fitted(given.fold != k)
        p[given.fold == k] = 1 / (1 + np.exp(-(x[given.fold == k] @ weights + intercept)))
    low, high = _thresholds(p, given) if by == "meaning" else BY_WORDS
    weights, intercept = fitted(np.ones(len(x), dtype=np.bool_))
    for name, rows in (("as they are", ~given.struck), ("with demands struck out", given.struck)):
        if rows.any():
            area = auc(p[rows], given.conflict[rows])
            say(f"homework by {by}, {int(rows.sum())} pairs {name}: out-of-fold AUC {area:.3f}")
    say(f"thresholds {low:.2f} and {high:.2f}")
    return {
        "weights": [round(float(value), 4) for value in weights],
        "intercept": round(float(intercept), 4),
        "silent_below": low,
        "warn_from": high,
    }


def _columns(table: PairTable, by: str) -> Array:
    return table.words if by == "words" else np.hstack([table.words, table.meaning])


def _binary(x: Array, y: NDArray[np.int64], weight: Array) -> tuple[Array, float]:
    coefficients, intercepts = softmax_regression(x, y, weight, COMBINE_PENALTY)
    return coefficients[:, 1] - coefficients[:, 0], float(intercepts[1] - intercepts[0])


def _thresholds(p: Array, table: PairTable) -> tuple[float, float]:
    """Silent below the highest threshold that misses few conflicts; warn from where that is mostly right."""
    p, weight, conflict = p[table.struck], table.weight[table.struck], table.conflict[table.struck]
    every = weight[conflict].sum()
    lows = [
        t for t in np.arange(0.02, 0.40, 0.01) if weight[conflict & (p < t)].sum() <= MISSED_AT_MOST * every
    ]
    low = float(max(lows, default=0.02))
    highs = [
        t
        for t in np.arange(max(low + 0.05, 0.5), 0.90, 0.01)
        if weight[conflict & (p >= t)].sum() >= WARNINGS_RIGHT_AT_LEAST * weight[p >= t].sum()
    ]
    return round(low, 2), round(float(min(highs, default=0.5)), 2)
