"""The targets of the language part on the sentences kept apart."""

from __future__ import annotations

import pytest

from reknit.words import available
from reknit.words.evaluate import HELD_OUT, homework_table, read, reply_table
from reknit.words.examples import examples, replies

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


def test_nothing_held_out_is_trained_on() -> None:
    trained = {text.lower() for text, _ in replies()} | {one.text.lower() for one in examples()}
    held = {row["text"].lower() for row in read(HELD_OUT / "replies.tsv")}
    for row in read(HELD_OUT / "homework.tsv"):
        held |= {row["learning"].lower(), row["homework"].lower()}
    assert not trained & held
