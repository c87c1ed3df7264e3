"""Why a homework may not fit is said in the reader's language, from a code."""

from __future__ import annotations

import pytest

from reknit import words
from reknit.practice.insight import demands
from reknit.practice.insight import words as bridge
from reknit.words import Match, Reason


def test_every_demand_is_there_for_translators():
    missing = set(words.demand_names().values()) - set(demands.DEMANDS)
    assert not missing, f"add these to practice/insight/demands.py: {missing}"


@pytest.mark.parametrize("reason", sorted(set(Reason) - {"condition-met", "clear", "likes"}))
def test_every_reason_that_is_shown_has_a_sentence(reason):
    assert bridge.why(Match(0.5, "unsure", Reason(reason), ("writing",)))


def test_the_sentence_names_what_is_asked_and_is_translated(monkeypatch):
    asks = Match(0.9, "conflict", Reason.ASKS, ("journaling",))
    assert bridge.why(asks) == "This asks for keeping a diary or journal, which is to be avoided."
    assert bridge.why(Match(0.9, "conflict", Reason.ASKS)).startswith("This asks for something close to it")
    monkeypatch.setattr(bridge, "_", {"keeping a diary or journal": "Tagebuch schreiben"}.get)
    assert "Tagebuch schreiben" in bridge.why(asks)
