"""Homework against learnings: the three answers, polarity, negation, conditions, and by words alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reknit.words import Reason, available, demand_names, match, match_many
from reknit.words.conditions import parse, verdict
from reknit.words.phrases import asked_part, avoided_part

needs_model = pytest.mark.skipif(not available(), reason="the extra reknit[words] is not installed")
WAYS = [False, pytest.param(True, marks=needs_model)]


@pytest.mark.parametrize("by_meaning", WAYS)
@pytest.mark.parametrize(
    ("learning", "homework", "decision"),
    [
        ("Hates journaling", "Write three pages every morning", "conflict"),
        ("Hates journaling", "Make a written plan for a panic attack", "unsure"),
        ("Hates journaling", "Take the dog to the park", "ok"),
        ("Is sober and stays away from bars", "Join the team for happy hour", "conflict"),
        ("Money is tight", "Book a table at a nice restaurant", "conflict"),
        ("Her brother is not to be contacted", "Have lunch with your colleague", "ok"),
        ("Prefers talking to writing", "Fill in a thought record", "conflict"),
    ],
)
def test_the_three_answers(learning: str, homework: str, decision: str, by_meaning: bool) -> None:
    assert match(learning, "avoid", homework, by_meaning=by_meaning).decision == decision


@pytest.mark.parametrize("by_meaning", WAYS)
@pytest.mark.parametrize(
    ("learning", "homework", "never"),
    [
        ("No exposure yet", "Touch the door handle and do not wash your hands", "ok"),
        ("Her brother is not to be contacted", "Ring your brother", "ok"),
        ("Can't do early mornings", "Bake bread in the afternoon", "conflict"),
    ],
)
def test_in_doubt_it_asks(learning: str, homework: str, never: str, by_meaning: bool) -> None:
    assert match(learning, "avoid", homework, by_meaning=by_meaning).decision != never


@pytest.mark.parametrize("by_meaning", WAYS)
@pytest.mark.parametrize(
    ("learning", "homework"),
    [
        ("Her brother is not to be contacted", "Have lunch with your aunt"),
        ("Can't do early mornings", "Go to bed a little earlier"),
        ("Reading is hard since the concussion", "Listen to the radio play"),
        ("Cannot eat in front of people", "Have your breakfast alone by the window"),
        ("Worksheets make him feel small", "Throw the worksheet away and tell me on Tuesday"),
    ],
)
def test_what_only_looks_alike_is_no_conflict(learning: str, homework: str, by_meaning: bool) -> None:
    assert match(learning, "avoid", homework, by_meaning=by_meaning).decision != "conflict"


@pytest.mark.parametrize("by_meaning", WAYS)
def test_a_like_never_warns(by_meaning: bool) -> None:
    found = match("Loves journaling", "likes", "Write three pages every morning", by_meaning=by_meaning)
    assert (found.decision, found.reason) == ("ok", "likes")


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_like_never_warns_whatever_the_words(learning: str, homework: str) -> None:
    assert match(learning, "likes", homework, by_meaning=False).decision == "ok"


@given(st.text(max_size=80), st.sampled_from(["avoid", "only-if"]), st.text(max_size=80))
def test_any_words_give_a_probability(learning: str, polarity: str, homework: str) -> None:
    found = match_many([(learning, polarity, homework)], by_meaning=False)[0]
    assert 0 <= found.p_conflict <= 1
    assert found.why


def test_words_that_contradict_the_stored_polarity_are_asked_about() -> None:
    found = match("Doesn't mind writing any more", "avoid", "Write a letter", by_meaning=False)
    assert (found.decision, found.reason) == ("unsure", "contradiction")


def test_an_unknown_polarity_is_an_error() -> None:
    with pytest.raises(ValueError, match="polarity"):
        match_many([("Hates journaling", "dislikes", "Write")])


def test_the_reason_names_the_demand() -> None:
    found = match("Hates journaling", "avoid", "Keep a diary", by_meaning=False)
    assert (found.reason, found.demand) == (Reason.ASKS, "journaling")
    assert demand_names()["journaling"] in found.why
    assert found.as_dict()["reason"] == "asks"


@pytest.mark.parametrize(
    ("learning", "homework", "decision"),
    [
        ("Only if it takes less than ten minutes", "Set aside two hours on Sunday", "conflict"),
        ("Only if it takes less than ten minutes", "Look out of the window for one minute", "ok"),
        ("Walks only if her sister comes along", "Walk to the park on your own", "conflict"),
        ("Walks only if her sister comes along", "Walk to the park with your sister", "ok"),
        ("Walks only if her sister comes along", "Walk to the park", "unsure"),
        ("Walks only if her sister comes along", "Knit a scarf", "ok"),
        ("Groups only with fewer than six", "Come to the support group, some thirty turn up", "conflict"),
        ("Tea with her mum is fine, not longer than an hour", "Have tea with mum for forty minutes", "ok"),
        ("Only once he has had his tablets", "After your tablets, sort the post", "ok"),
        ("Walks only with his stick", "Leave the stick at home and walk round the block", "conflict"),
        ("Will write, but only when nobody reads it", "Write a page and bring it to me", "conflict"),
        ("Will write, but only when nobody reads it", "Write a page that only you see", "ok"),
    ],
)
def test_only_if(learning: str, homework: str, decision: str) -> None:
    assert match(learning, "only-if", homework, by_meaning=False).decision == decision


def test_a_condition_is_told_from_its_subject() -> None:
    assert parse("Reading is fine as long as it is one page").subject == "reading is fine"
    assert parse("Only if it is short").subject == ""
    assert verdict("only outdoors", "walk in the woods") == "met"
    assert verdict("not in the evening", "do it at night") == "broken"


def test_what_is_avoided_and_what_is_asked() -> None:
    assert avoided_part("Prefers talking to writing") == "writing"
    assert "likes" not in avoided_part("Hates journaling but likes drawing")
    assert "phone" not in asked_part("Go for a walk without your phone")


def test_many_keep_their_order() -> None:
    rows = [("Hates journaling", "avoid", "Keep a diary"), ("Loves it", "likes", "Keep a diary")] * 3
    assert [one.decision for one in match_many(rows, by_meaning=False)] == ["conflict", "ok"] * 3


@pytest.mark.parametrize(
    ("learning", "homework"),
    [
        ("Odia escribir", "Escribe tres páginas cada mañana"),
        ("Er will nicht mehr schreiben", "Write three pages every morning"),
        ("她讨厌写日记", "每天早上写三页"),
    ],
)
@pytest.mark.parametrize("polarity", ["avoid", "only-if"])
def test_a_language_that_is_not_read_is_asked_about(learning: str, homework: str, polarity: str) -> None:
    found = match_many([(learning, polarity, homework)])[0]
    assert (found.decision, found.reason) == ("unsure", Reason.CANNOT_READ)
    assert match(learning, "likes", homework).decision == "ok"
