"""PHQ-9, PHQ-2 and GAD-7 totals and bands as published, at every boundary, and what keeps a score honest."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reknit.measures import SHIPPED, Direction, change, crossed_cutoff, load

# Published bands, typed here from the papers and not from the files: Kroenke 2001; Spitzer 2006.
PHQ_9 = {range(5): "none to minimal", range(5, 10): "mild", range(10, 15): "moderate",
         range(15, 20): "moderately severe", range(20, 28): "severe"}  # fmt: skip
GAD_7 = {range(5): "minimal", range(5, 10): "mild", range(10, 15): "moderate", range(15, 22): "severe"}
PUBLISHED = {"phq_9": (9, PHQ_9), "gad_7": (7, GAD_7)}


def spread(total: int, items: int) -> list[float]:
    """Answers of 0 to 3 that add up to a total."""
    return [float(min(3, max(0, total - 3 * place))) for place in range(items)]


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_total_has_its_published_band(name):
    items, bands = PUBLISHED[name]
    score = load(name).leading
    keys = [item.key for item in score.items]
    assert len(keys) == items
    assert sorted(itertools.chain(*bands)) == list(range(items * 3 + 1))
    for totals, band in bands.items():
        for total in totals:
            found = score.of(dict(zip(keys, spread(total, items), strict=True)))
            assert (found, score.band(found)) == (total, band)


@pytest.mark.parametrize(("name", "cutoff"), [("phq_9", 10), ("gad_7", 10), ("phq_2", 3)])
def test_the_cut_off_lies_where_it_was_published(name, cutoff):
    score = load(name).leading
    assert score.cutoff.value == cutoff
    assert crossed_cutoff(score, cutoff, cutoff - 1)
    assert not crossed_cutoff(score, cutoff - 1, cutoff - 2)


@given(st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_the_total_is_the_plain_sum_whatever_the_answers(values):
    measure = load("phq_9")
    answers = {f"phq-{place}": float(value) for place, value in enumerate(values, 1)}
    assert measure.score(answers) == sum(values)
    assert measure.score({**answers, "difficulty": 3.0}) == sum(values)


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_missing_answer_is_never_guessed(name):
    score = load(name).leading
    answers = {item.key: 3.0 for item in score.items}
    for item in score.items:
        assert score.of({**answers, item.key: None}) is None


@pytest.mark.parametrize("value", [-1.0, 4.0, 1.5, float("nan")])
def test_an_answer_that_is_not_on_the_form_is_refused(value):
    with pytest.raises(ValueError, match="phq-1"):
        load("phq_9").score({f"phq-{n}": 1.0 for n in range(2, 10)} | {"phq-1": value})


@pytest.mark.parametrize("name", SHIPPED)
def test_the_ends_of_every_scale_can_be_reached(name):
    for score in load(name).scores:
        lo, hi = score.scale
        reached = set()
        for high in (True, False):
            answers = {}
            for item in score.items:
                ends = (
                    (item.lo, item.hi) if item.is_rating else (item.choices[0].value, item.choices[-1].value)
                )
                answers[item.key] = float(ends[high != (item.key in score.reversed)])
            reached.add(score.of(answers))
        assert reached == {lo, hi}


def test_reversed_items_count_backwards():
    core = load("core_10")
    calm = {item.key: 0.0 for item in core.leading.items}
    assert core.score(calm) == 8  # two positively worded items answered "not at all"
    assert core.score({**calm, "item-2": 4.0, "item-3": 4.0}) == 0


@pytest.mark.parametrize(
    ("name", "first", "latest", "direction"),
    [
        ("phq_9", 15, 9, Direction.BETTER),  # six points are reliable
        ("phq_9", 15, 10, Direction.NOT_SURE),
        ("phq_9", 9, 15, Direction.WORSE),
        ("gad_7", 12, 8, Direction.BETTER),
        ("gad_7", 12, 9, Direction.NOT_SURE),
        ("ors", 20, 25, Direction.BETTER),
        ("ors", 20, 15, Direction.WORSE),
        ("self_trust", 2, 9, Direction.UNKNOWN),  # nothing published, so nothing said
        ("c_nip", -10, 10, Direction.UNKNOWN),
    ],
)
def test_change_against_reliable_change(name, first, latest, direction):
    assert change(load(name).leading, first, latest).direction == direction


def test_only_an_answer_that_says_danger_alerts():
    measure = load("phq_9")
    assert [item.key for item in measure.risks({"phq-9": 1.0})] == ["phq-9"]
    assert not measure.risks({"phq-9": 0.0, "phq-1": 3.0})
    assert not measure.risks({"phq-9": None})
