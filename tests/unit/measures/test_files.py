"""Every measure's file: valid FHIR, licensed, coded, and the source of its own page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reknit.measures import SHIPPED, NotAMeasure, by_key, load, name_of, parse, questionnaire
from reknit.measures.describe import page

LOINC = {
    "phq_9": "44249-1 44250-9 44255-8 44259-0 44254-1 44251-7 44258-2 44252-5 44253-3 44260-8 44261-6",
    "phq_2": "55757-9 44250-9 44255-8 55758-7",
    "gad_7": "69737-5 69725-0 68509-9 69733-4 69734-2 69735-9 69689-8 69736-7 70274-6",
}
ANCHORS = ["Not at all", "Several days", "More than half the days", "Nearly every day"]
PAGE = Path(__file__).parents[3] / "docs" / "measures.md"
OURS = ("check_in", "goals", "self_trust", "clinic_trust")
LOCAL = ("wai_sr", "ors", "srs", "core_10", "arm_5", "c_nip")


@pytest.mark.parametrize("name", SHIPPED)
def test_is_a_valid_r4_questionnaire(name):
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    from fhir.resources.R4B.questionnaire import Questionnaire

    Questionnaire.model_validate(questionnaire(name))


@pytest.mark.parametrize("name", SHIPPED)
def test_says_what_is_allowed(name):
    measure = load(name)
    assert measure.copyright
    assert measure.licence.terms
    assert measure.licence.contexts
    assert by_key()[measure.key] is measure
    assert name_of(measure.key) == name


@pytest.mark.parametrize("name", LOINC)
def test_carries_its_loinc_codes_in_order(name):
    measure = load(name)
    scored = [item.code for item in measure.leading.items]
    assert [measure.code, *scored, measure.leading.code] == LOINC[name].split()
    for item in measure.leading.items:
        assert [option.display for option in item.choices] == ANCHORS
        assert [option.value for option in item.choices] == [0, 1, 2, 3]


@pytest.mark.parametrize("name", LOCAL)
def test_holds_no_word_that_belongs_to_somebody_else(name):
    measure = load(name)
    assert measure.licence.kind == "local"
    assert measure.locked
    assert not any(item.text or item.anchor_low or item.anchor_high for item in measure.items)
    assert not any(option.display for item in measure.items for option in item.choices)


@pytest.mark.parametrize("name", OURS)
def test_ours_is_public_domain_and_easy_to_read(name):
    measure = load(name)
    assert measure.licence.spdx == "CC0-1.0"
    texts = [item.text if item.text[-1] in ".?!" else f"{item.text}." for item in measure.items]
    assert reading_grade(" ".join(texts)) <= 6.0  # a sixth grader is 11 to 12


def reading_grade(text: str) -> float:
    """Flesch and Kincaid's grade (1975), with vowel groups for syllables."""
    words = re.findall(r"[A-Za-z']+", text)
    sentences = len(re.findall(r"[.?!]", text))
    syllables = sum(
        max(1, len(re.findall(r"[aeiouy]+", re.sub(r"(?<=[^l])e$", "", word.lower())))) for word in words
    )
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def test_the_page_says_what_the_files_say():
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"resourceType": "Questionnaire", "id": "x", "title": "X"},
        {"id": "x", "title": "X", "item": [{"linkId": "a"}]},
        {"id": "x", "title": "X", "item": [{"linkId": "a", "type": "choice", "answerOption": [{}]}],
         "extension": "no"},
        {"id": "x", "title": "X", "item": [
            {"linkId": "a", "type": "choice", "enableWhen": [{"question": "b", "operator": ">"}]}]},
    ],
)  # fmt: skip
def test_an_unreadable_questionnaire_is_refused_in_words(broken):
    with pytest.raises(NotAMeasure):
        parse(broken)
