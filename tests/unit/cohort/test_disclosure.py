"""Aggregates that give nobody away, tried by somebody who knows everything but one person."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reknit.cohort.disclosure import LEAST, counts_by_kind, may_be_seen, mean_of_people


def figure(values, seen_by=None, seed=0):
    rng = np.random.default_rng(seed)
    who = [place % 7 for place in range(len(values))] if seen_by is None else seen_by
    return mean_of_people(values, who, lowest=0.0, highest=10.0, spread=2.0, rng=rng)


@pytest.mark.parametrize("people", [0, 1, 4])
def test_a_small_cell_is_hidden_however_it_is_seen(people):
    assert figure([5.0] * people, list(range(people))) is None


def test_few_therapists_hide_many_clients_and_so_does_one_with_half_of_them():
    assert figure([5.0] * 40, [place % 4 for place in range(40)]) is None
    assert figure([5.0] * 40, [0] * 20 + [1 + place % 6 for place in range(20)]) is None
    assert figure([5.0] * 40) is not None


def test_somebody_who_knows_all_others_cannot_read_the_one_who_joined():
    """The difference of two figures that differ by one person is worth no more than not looking at all."""
    rng = np.random.default_rng(1)
    truth, read = [], []
    for trial in range(400):
        others = rng.uniform(3, 10, 59)
        joined = rng.uniform(0, 10)
        before, after = figure(others, seed=2 * trial), figure([*others, joined], seed=2 * trial + 1)
        truth.append(joined)
        read.append(60 * after.value - others.sum())  # everything is known but the one
        assert before is not None
    error = np.abs(np.clip(read, 0, 10) - truth)
    assert np.median(error) > 2.5  # always saying 5 gives 2.5
    assert abs(np.corrcoef(truth, read)[0, 1]) < 0.3


def test_the_interval_holds_the_mean_of_those_the_people_stand_for():
    rng = np.random.default_rng(3)
    held = 0
    for trial in range(500):
        found = figure(rng.normal(6.5, 1.5, 83), seed=trial)
        held += found.lo <= 6.5 <= found.hi
    assert held / 500 > 0.95


def test_people_are_told_in_fives_and_values_beyond_the_ends_count_as_the_ends():
    found = figure([1000.0] * 83)
    assert found.people == 80
    assert 9 < found.value <= 10


def cases(**counts):
    """Each case of another person."""
    return {kind: [f"{kind}{n}" for n in range(count)] for kind, count in counts.items()}


def test_a_kind_that_would_follow_from_the_total_is_hidden_with_another():
    counts, total = counts_by_kind(cases(billing=20, waiting=9, privacy=3))
    assert counts == {"billing": 20, "waiting": None, "privacy": None}
    assert total == 32


def test_many_cases_of_few_people_are_a_small_cell():
    counts, _total = counts_by_kind({"billing": ["a"] * 30, "waiting": [*"abcdefgh"]})
    assert counts["billing"] is None


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12), min_size=1))
def test_what_is_hidden_never_follows_from_what_is_shown(sizes):
    found, total = counts_by_kind(cases(**sizes))
    hidden = [kind for kind, count in found.items() if count is None]
    assert all(count is None or count >= LEAST for count in found.values())
    if total is not None and hidden and len(hidden) < len(found):
        left = total - sum(count for count in found.values() if count is not None)
        assert len(hidden) >= 2
        assert left >= LEAST


@given(st.lists(st.integers(0, 9), max_size=40))
def test_a_figure_is_seen_only_with_five_of_five_and_no_half(seen_by):
    if may_be_seen(seen_by):
        assert len(seen_by) >= LEAST
        assert len(set(seen_by)) >= LEAST
        assert max(seen_by.count(one) for one in set(seen_by)) * 2 < len(seen_by)
