"""The targets of the language part on the sentences kept apart."""

from __future__ import annotations

import pytest

from reknit.words import Reason, available, match_many, read_draft
from reknit.words.evaluate import HELD_OUT, homework_table, read, reply_table
from reknit.words.examples import examples, pairs, replies

pytestmark = pytest.mark.science
needs_model = pytest.mark.skipif(not available(), reason="the extra reknit[words] is not installed")


def _value(cell: str) -> float:
    return float(cell.split(" ", maxsplit=1)[0])


@needs_model
def test_homework_by_meaning() -> None:
    table = homework_table(read(HELD_OUT / "homework.tsv"), by_meaning=True)
    assert _value(table["accuracy among decided"]) >= 0.90
    assert _value(table["conflicts silently missed"]) <= 0.06
    assert _value(table["asked"]) <= 0.25
    assert table["warnings on a like"].startswith("0 ")


@needs_model
def test_replies_by_meaning() -> None:
    table = reply_table(read(HELD_OUT / "replies.tsv"))
    assert _value(table["AUC, defensive against the rest"]) >= 0.88
    assert _value(table["defensive: precision"]) >= 0.85
    assert _value(table["defensive: recall"]) >= 0.50
    assert _value(table["ordinary sentences flagged"]) <= 0.05


@needs_model
def test_replies_of_another_author() -> None:
    table = reply_table(read(HELD_OUT / "replies_other_author.tsv"))
    assert _value(table["AUC, defensive against the rest"]) >= 0.88
    assert _value(table["defensive: precision"]) >= 0.85
    assert _value(table["defensive: recall"]) >= 0.50
    assert _value(table["ordinary sentences flagged"]) <= 0.05


@needs_model
def test_homework_of_another_author_has_not_become_worse() -> None:
    rows = [row for row in read(HELD_OUT / "homework_other_author.tsv") if row["label"] != "unsure"]
    table = homework_table(rows, by_meaning=True)
    assert _value(table["AUC of p_conflict"]) >= 0.87
    assert _value(table["accuracy among decided"]) >= 0.88
    assert table["warnings on a like"].startswith("0 ")


def test_other_languages_are_never_guessed_at() -> None:
    for row in read(HELD_OUT / "replies_languages.tsv"):
        assert read_draft(row["text"]).abstained, row["text"]
    rows = read(HELD_OUT / "homework_languages.tsv")
    found = match_many([(row["learning"], row["polarity"], row["homework"]) for row in rows])
    unread = [one.reason == Reason.CANNOT_READ for one in found if one.reason != Reason.LIKES]
    assert sum(unread) >= 0.98 * len(unread)


def test_nothing_held_out_is_trained_on() -> None:
    trained = {text.lower() for text, *_ in replies()} | {one.text.lower() for one in examples()}
    trained |= {f"{one.learning}|{one.homework}".lower() for one in pairs()}
    for name in ("replies", "replies_other_author"):
        assert not trained & {row["text"].lower() for row in read(HELD_OUT / f"{name}.tsv")}
    for name in ("homework", "homework_other_author"):
        rows = read(HELD_OUT / f"{name}.tsv")
        assert not trained & {f"{row['learning']}|{row['homework']}".lower() for row in rows}
