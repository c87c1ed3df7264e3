"""The open library of practices and the map of demands."""

from __future__ import annotations

from reknit.words import alternatives, practices
from reknit.words.concepts import demands, with_ancestors
from reknit.words.examples import examples


def test_every_practice_and_parent_names_a_known_demand() -> None:
    known = set(demands())
    assert len({one.code for one in practices()}) == len(practices())
    for practice in practices():
        assert set(practice.demands) <= known, practice.code
    for demand in demands().values():
        assert {*demand.parents, *demand.related} <= known, demand.code


def test_every_demand_has_sentences() -> None:
    carried = {example.under for example in examples()}
    assert carried == set(demands())


def test_alternatives_leave_out_what_is_avoided() -> None:
    offered = alternatives(
        "Write three pages every morning", [("Hates journaling", "avoid")], by_meaning=False
    )
    assert offered
    assert not any("writing" in with_ancestors(one.demands) for one in offered)


def test_alternatives_put_what_is_liked_first() -> None:
    known = [("Hates journaling", "avoid"), ("Music is her refuge", "likes")]
    offered = alternatives("Keep a diary", known, by_meaning=False)
    assert "music" in offered[0].demands
    assert len(alternatives("Keep a diary", known, limit=2, by_meaning=False)) == 2
