"""What the clinic's sentences say of an interval, and what the picture of it shows."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from reknit.practice.doors.clinic.pictures import Bar, climate, effects
from reknit.practice.insight.clinic_sentences import (
    change_sentence,
    effect_sentence,
    share_sentence,
    trust_sentence,
)


def effect(outcome="missed", kind="share", lo=-0.05, hi=-0.02):
    return {"outcome": outcome, "kind": kind, "lo": lo, "hi": hi, "relationships": 100, "sessions": 900}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (effect(), "between 2 and 5 fewer missed sessions in a hundred"),
        (effect(lo=0.015, hi=0.04), "between 1.5 and 4 more missed sessions in a hundred"),
        (effect(lo=-0.07, hi=0.0), "seen on missed sessions. It could lie anywhere from 7 fewer to 0 more"),
        (effect(lo=None, hi=None), "Too little has been recorded to say anything about missed sessions"),
        (effect("hours_to_answer", "log", -0.3, -0.1), "between 9.5 and 25.9 percent sooner"),
        (effect("words", "log", 0.1, 0.2), "between 10.5 and 22.1 percent longer"),
        (effect("improved", "once", 0.01, 0.03), "between 1 and 3 more in a hundred got reliably better"),
    ],
)  # fmt: skip
def test_each_interval_has_its_sentence(given, said):
    assert said in effect_sentence(given)


def test_only_what_leaves_zero_out_is_told_as_an_effect():
    for lo, hi in ((-0.05, 0.0), (0.0, 0.05), (-0.05, 0.05)):
        assert effect_sentence(effect(lo=lo, hi=hi)).startswith("No effect can be seen")


def test_trust_and_shares_are_told_from_and_to_and_silence_as_silence():
    figure = {"value": 7.5, "lo": 7.1, "hi": 7.9, "people": 40}
    assert trust_sentence("Trust", figure) == "Trust stood between 7.1 and 7.9 of 10 (at least 40 people)."
    assert trust_sentence("Trust", None) == "Trust: too few people to say."
    share = {"value": 0.2, "lo": 0.155, "hi": 0.241, "people": 40}
    assert share_sentence("Missed", share) == "Missed: between 15 and 25 in a hundred."
    later = {"value": 8.5, "lo": 8.0, "hi": 9.0, "people": 40}
    assert change_sentence("Trust", figure, later) == "Trust has grown since the quarter before."
    assert change_sentence("Trust", later, figure) == "Trust has gone down since the quarter before."
    assert "not moved" in change_sentence("Trust", figure, {**figure, "lo": 7.5, "hi": 8.5})
    assert change_sentence("Trust", None, figure) == ""


def test_pictures_are_svg_that_says_what_it_shows_and_lets_no_markup_in():
    bars = [Bar("<b>missed</b>", -5.0, -2.0), Bar("moved", -1.0, 3.0, sure=False), Bar("words", None, None)]
    drawn = effects(bars, "in a hundred", "What goes with trust", "Fewer & fewer", uid="x")
    tree = ET.fromstring(drawn)
    assert tree.attrib["role"] == "img"
    assert "<b>" not in drawn
    assert "Fewer &amp; fewer" in drawn
    assert "style=" not in drawn
    assert "too little to say" in drawn
    quarters = climate(["Jul–Sep 2026"], {"Trust": [Bar("Trust", 7, 8)]}, "Climate", "said", "c")
    assert ET.fromstring(quarters).find(".//{*}desc").text == "said"


def test_a_full_bar_lies_where_its_numbers_say():
    drawn = effects([Bar("missed", -10.0, -5.0)], "unit", "t", "d", uid="x")
    x1, x2 = map(
        float, re.search(r'd="M([\d.]+) [\d.]+L([\d.]+) [\d.]+" [^>]*stroke-width="7"', drawn).groups()
    )
    assert (x1, x2) == (16.0, 98.0)  # from the left end to half way to the middle at 180
