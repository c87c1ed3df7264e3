"""Words supplied by a licence holder are taken whole or not at all, and locked words cannot be replaced."""

from __future__ import annotations

import pytest

from reknit.measures import WordingRefused, load, parse, parts_of, questionnaire, read_wording, with_wording


def words_for(name: str) -> dict[str, str]:
    return {part: f"invented words for {part}" for part in parts_of(load(name))}


@pytest.mark.parametrize("name", ["wai_sr", "ors", "srs", "core_10", "arm_5", "c_nip"])
def test_a_supplied_wording_fills_every_word_and_changes_nothing_else(name):
    bare, filled = load(name), parse(with_wording(questionnaire(name), words_for(name)))
    assert filled.has_wording
    assert filled.locked
    assert [s.scale for s in filled.scores] == [s.scale for s in bare.scores]
    assert [s.reversed for s in filled.scores] == [s.reversed for s in bare.scores]
    assert [i.risk_from for i in filled.items] == [i.risk_from for i in bare.items]
    assert not parse(questionnaire(name)).has_wording  # the shipped file is not touched


@pytest.mark.parametrize("name", ["check_in", "phq_9", "gad_7"])
def test_a_form_that_has_its_words_cannot_be_reworded(name):
    with pytest.raises(WordingRefused, match="stays as it is"):
        with_wording(questionnaire(name), words_for(name))


def test_a_local_form_cannot_be_reworded_once_it_has_its_words():
    filled = with_wording(questionnaire("core_10"), words_for("core_10"))
    with pytest.raises(WordingRefused):
        with_wording(filled, words_for("core_10"))


@pytest.mark.parametrize("missing", ["item-4", "option 2"])
def test_what_is_missing_is_named(missing):
    words = words_for("core_10")
    del words[missing]
    with pytest.raises(WordingRefused, match=f"missing: {missing}"):
        with_wording(questionnaire("core_10"), words)


def test_what_is_unknown_is_named():
    with pytest.raises(WordingRefused, match="unknown: item-11"):
        with_wording(questionnaire("core_10"), words_for("core_10") | {"item-11": "more"})


def test_each_line_may_have_its_own_ends():
    words = {key: text for key, text in words_for("ors").items() if key not in ("low", "high")}
    words |= {f"item-{n} {end}": f"{end} {n}" for n in range(1, 5) for end in ("low", "high")}
    assert parse(with_wording(questionnaire("ors"), words)).item("item-3").anchor_high == "high 3"


def test_the_table_as_it_is_pasted():
    assert read_wording('\ufeffpart,text\nstem,"One, two"\nitem-1,Three\n') == {
        "stem": "One, two",
        "item-1": "Three",
    }


@pytest.mark.parametrize(
    "text", ["", "item,words\na,b", "part,text\na", "part,text\na,b\na,c", "part,text\na, "]
)
def test_a_table_that_cannot_be_read_is_refused(text):
    with pytest.raises(WordingRefused):
        read_wording(text)
