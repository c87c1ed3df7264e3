"""The figures of the language part on the sentences kept apart: ``python -m reknit.words.evaluate``.

``data/heldout/`` holds sentences of the author of the rules, of another author and in other languages;
none is trained on. Intervals are percentile bootstraps that draw whole learnings (homework) or sentences
(replies). ``--homework`` and ``--replies`` name other files; ``--talk`` a table of ordinary therapists' talk
with the columns of AnnoMI, of which nothing ships.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reknit.words import DraftReading, embedding, match_many, read_draft
from reknit.words.regression import auc
from reknit.words.replies import CLASSES
from reknit.words.sentences import sentences

HELD_OUT = Path(__file__).parent / "data" / "heldout"
DRAWS = 2000
SEED = 20260303

Rows = NDArray[np.int64]
Measure = Callable[[Rows], float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homework", type=Path, default=HELD_OUT / "homework.tsv")
    parser.add_argument("--replies", type=Path, default=HELD_OUT / "replies.tsv")
    parser.add_argument("--talk", type=Path)
    chosen = parser.parse_args(arguments)
    for ending in ("", "_other_author", "_sixth_author"):
        homework = chosen.homework.with_stem(chosen.homework.stem + ending)
        replies = chosen.replies.with_stem(chosen.replies.stem + ending)
        if homework.exists() and replies.exists():
            print(f"\n## {homework.name}, {replies.name}\n")
            _print(read(homework), read(replies))
    if chosen.talk:
        print(f"\n## {chosen.talk.name}\n")
        _print([], ordinary_talk(chosen.talk))


def ordinary_talk(path: Path, most: int = 600, words: int = 4) -> list[dict[str, str]]:
    """Sentences of at least so many words, drawn from therapists' turns, all taken as ordinary."""
    with path.open(encoding="utf-8", newline="") as file:
        turns = [row["utterance_text"] for row in csv.DictReader(file) if row["interlocutor"] == "therapist"]
    said = sorted({turn[start:end] for turn in turns for start, end in sentences(turn)})
    long = [one for one in said if len(one.split()) >= words]
    drawn = np.random.default_rng(SEED).permutation(len(long))[:most]
    return [{"text": long[place], "label": "ordinary"} for place in drawn]


def _print(homework: list[dict[str, str]], replies: list[dict[str, str]]) -> None:
    """Both tables; pairs labelled "unsure" are left out, as no answer to them is wrong."""
    ways = [True, False] if embedding.available() else [False]
    heads = " | ".join("by meaning" if by_meaning else "by words alone" for by_meaning in ways)
    decided = [row for row in homework if row["label"] != "unsure"]
    for title, table, rows in (("homework", homework_table, decided), ("replies", reply_table, replies)):
        if rows:
            columns = [table(rows, by_meaning=by_meaning) for by_meaning in ways]
            print(f"\n| {title} | {heads} |\n|{'---|' * (len(ways) + 1)}")
            for name in columns[0]:
                print(f"| {name} | {' | '.join(column[name] for column in columns)} |")


def read(path: Path) -> list[dict[str, str]]:
    """Rows of a tab-separated file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def homework_table(rows: list[dict[str, str]], *, by_meaning: bool) -> dict[str, str]:
    """Accuracy among decided, conflicts silently missed, asked, warnings right, false warnings on "likes".

    Args:
        rows: columns learning, homework, polarity, label ("conflict" or "ok").
        by_meaning: with the model, or by words alone.
    """
    found = match_many([(r["learning"], r["polarity"], r["homework"]) for r in rows], by_meaning=by_meaning)
    conflict = np.array([r["label"] == "conflict" for r in rows])
    decision = np.array([one.decision for one in found])
    p = np.array([one.p_conflict for one in found])
    likes = np.array([r["polarity"] == "likes" for r in rows])
    decided = decision != "unsure"
    right = (decision == "conflict") == conflict
    groups = np.unique([r["learning"] for r in rows], return_inverse=True)[1]
    measures: dict[str, Measure] = {
        "AUC of p_conflict": lambda n: auc(p[n], conflict[n]),
        "accuracy among decided": lambda n: float(right[n][decided[n]].mean()),
        "conflicts silently missed": lambda n: float((decision[n] == "ok")[conflict[n]].mean()),
        "asked": lambda n: float((~decided[n]).mean()),
        "warnings right": lambda n: float(conflict[n][decision[n] == "conflict"].mean()),
    }
    table = {name: interval(measure, groups) for name, measure in measures.items()}
    table["warnings on a like"] = f"{int((likes & (decision != 'ok')).sum())} of {int(likes.sum())}"
    table["pairs (conflicts)"] = f"{len(rows)} ({int(conflict.sum())})"
    return table


def reply_table(rows: list[dict[str, str]], *, by_meaning: bool = True) -> dict[str, str]:
    """AUC of the probabilities; precision, recall and flags of what :func:`read_draft` shows.

    Args:
        rows: columns text, label (one of ``CLASSES``).
        by_meaning: with the model, or by words alone.
    """
    found = [read_draft(row["text"], by_meaning=by_meaning) for row in rows]
    p = np.array([_strongest(one) for one in found])
    y = np.array([CLASSES.index(row["label"]) for row in rows])
    overall = np.array([one.overall for one in found])
    flagged, named = np.isin(overall, ("defensive", "mixed")), overall == "acknowledging"
    each = np.arange(len(rows))
    measures: dict[str, Measure] = {
        "AUC, defensive against the rest": lambda n: auc(p[n, 0], y[n] == 0),
        "AUC, acknowledging against the rest": lambda n: auc(p[n, 1], y[n] == 1),
        "defensive: precision": lambda n: float((y[n] == 0)[flagged[n]].mean()),
        "defensive: recall": lambda n: float(flagged[n][y[n] == 0].mean()),
        "ordinary sentences flagged": lambda n: float(flagged[n][y[n] == 2].mean()),
        "acknowledging sentences flagged": lambda n: float(flagged[n][y[n] == 1].mean()),
        "acknowledging: precision": lambda n: float((y[n] == 1)[named[n]].mean()),
        "acknowledging: recall": lambda n: float(named[n][y[n] == 1].mean()),
    }
    present = set(y.tolist())
    table = {
        name: interval(measure, each) for name, measure in measures.items() if _asked_of(name) <= present
    }
    table["sentences"] = ", ".join(f"{int((y == k).sum())} {name}" for k, name in enumerate(CLASSES))
    return table


def _strongest(reading: DraftReading) -> tuple[float, float]:
    """The highest probability of defending, and of acknowledging, among the sentences of a draft."""
    read = [one for one in reading.sentences if one.p_defensive is not None]
    return max((one.p_defensive or 0 for one in read), default=0), max(
        (one.p_acknowledging or 0 for one in read), default=0
    )


def _asked_of(name: str) -> set[int]:
    """The classes that a measure needs among the sentences."""
    needed = {k for k, one in enumerate(CLASSES) if one in name}
    return needed | ({0, 1} if "AUC" in name else set())


def interval(measure: Measure, groups: Rows) -> str:
    """ "value [lower, upper]": a 95 % percentile bootstrap that draws whole groups."""
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    rng = np.random.default_rng(SEED)
    drawn = []
    with np.errstate(all="ignore"):
        for _ in range(DRAWS):
            rows = np.concatenate([members[k] for k in rng.integers(0, len(members), len(members))])
            drawn.append(measure(rows))
        value = measure(np.arange(len(groups)))
    lower, upper = np.nanquantile(drawn, [0.025, 0.975])
    return f"{value:.3f} [{lower:.2f}, {upper:.2f}]"


if __name__ == "__main__":
    main()
