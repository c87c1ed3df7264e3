"""The draft reply: spans, moves, abstention, and that nothing is kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reknit.words import read_draft
from reknit.words.patterns import defensive_patterns, moves
from reknit.words.sentences import sentences


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("I only suggested it because it works.", "defending", "I only suggested"),
        ("That’s not what happened.", "defending", "That’s not what happened"),
        ("I had a very busy week.", "explaining", "I had a very busy week"),
        ("I'm sorry if you felt hurt.", "minimising", "sorry if you felt hurt"),
        ("You should have told me earlier.", "blaming", "You should have told"),
        ("That is your transference.", "blaming", "That is your transference"),
        (
            "I understand, but it's important to go on.",
            "fixing too early",
            "I understand, but it's important",
        ),
    ],
)
def test_marks_the_words_themselves(text: str, kind: str, words: str) -> None:
    found = read_draft(text, by_meaning=False)
    assert found.kinds == [kind]
    assert text[found.remarks[0].start : found.remarks[0].end] == words
    assert found.overall == "defensive"


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry that what I said hurt you.",
        "I am sorry that I hurt you.",
        "Your anxiety is worse in the morning.",
        "Shall we meet on Tuesday at ten?",
        "Panic comes down by itself after a while.",
    ],
)
def test_leaves_plain_sentences_alone(text: str) -> None:
    assert read_draft(text, by_meaning=False).remarks == ()


def test_each_move_is_seen_in_a_full_reply() -> None:
    reply = (
        "You felt like a number. That was my mistake. What was it like for you? I have learned that writing "
        "brings school back. I won't suggest it again. Is there anything else I missed?"
    )
    found = read_draft(reply, by_meaning=False)
    assert [move.code for move in found.moves if move.present] == [move.code for move in moves()]
    assert found.overall == "acknowledging"
    assert found.as_dict()["missing"] == []


def test_words_that_take_themselves_back_make_no_move() -> None:
    found = read_draft("I'm sorry if you felt hurt.", by_meaning=False)
    assert not any(move.present for move in found.moves)


def test_mixed_when_both_are_there() -> None:
    found = read_draft("I got that wrong and I'm sorry. Still, that is not what I said.", by_meaning=False)
    assert found.overall == "mixed"


@pytest.mark.parametrize("text", ["", "   \n", "…", "Marmalade."])
def test_abstains_where_words_say_nothing(text: str) -> None:
    found = read_draft(text, by_meaning=False)
    assert found.abstained
    assert found.overall == "unclear"


@given(st.text(max_size=300))
def test_any_text_gives_json_with_spans_inside_it(text: str) -> None:
    found = read_draft(text, by_meaning=False).as_dict()
    json.dumps(found)
    for span in [*found["spans"], *found["sentences"]]:
        assert 0 <= span["start"] < span["end"] <= len(text)


def test_sentences_keep_abbreviations_and_offsets() -> None:
    text = "I saw Dr. Hill today.  He agrees!\nGood."
    assert [text[a:b] for a, b in sentences(text)] == ["I saw Dr. Hill today.", "He agrees!", "Good."]


def test_every_pattern_has_a_question_and_a_better_sentence_that_it_does_not_mark() -> None:
    for pattern in defensive_patterns():
        assert pattern.question.endswith("?")
        assert read_draft(pattern.better, by_meaning=False).remarks == (), pattern.code


@pytest.mark.parametrize(
    "text",
    [
        "Es tut mir leid, dass ich dich nicht gefragt habe.",
        "Siento mucho no haberte escuchado.",
        "Je suis désolé de ne pas t'avoir écouté.",
        "对不起，我没有听你说。",
        "أنا آسف لأنني لم أستمع إليك",
    ],
)
@pytest.mark.parametrize("by_meaning", [True, False])
def test_says_so_where_the_language_is_not_read(text: str, by_meaning: bool) -> None:
    found = read_draft(text, by_meaning=by_meaning)
    assert (found.overall, found.abstained, found.remarks) == ("unclear", True, ())
    assert not found.language_read
    assert found.as_dict()["code"] == "overall.unread"


def test_the_words_beside_a_sentence_help_to_read_it() -> None:
    alone = read_draft("There was.", by_meaning=False).sentences[0].p_defensive
    beside = read_draft("There was. You could have told me so.", by_meaning=False).sentences[0].p_defensive
    assert alone is not None
    assert beside is not None
    assert beside > alone
