"""A day to look again: when it comes it asks both, and the client's answer is the second look."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reknit.practice import clock, loop
from reknit.practice.demo.stage import hold

from .conftest import FIRST, WEEK

pytestmark = pytest.mark.django_db


@pytest.fixture
def learning(jo):
    day = clock.today() + timedelta(days=7)
    kept = loop.propose_learning(
        jo.therapist, jo.relationship, sentence="No writing.", topic="writing", polarity="avoid",
        strength="never", review_on=day,
    )  # fmt: skip
    loop.confirm_learning(jo.client, kept)
    return kept


def test_it_remembers_the_session_in_which_it_was_learned(jo):
    hold(jo, FIRST)
    second = hold(jo, FIRST + WEEK)
    kept = loop.propose_learning(
        jo.therapist, jo.relationship, sentence="No writing.", topic="writing", polarity="avoid",
        strength="never",
    )  # fmt: skip
    assert kept.session == second


def test_it_is_quiet_until_the_day_and_asks_from_then_on(learning):
    assert learning.review_on is not None
    assert not learning.is_to_review
    with clock.at(clock.now() + timedelta(days=8)):
        assert learning.is_to_review


def test_the_clients_answer_is_the_second_look(jo, learning):
    with clock.at(clock.now() + timedelta(days=8)):
        loop.correct_learning(jo.client, learning, "A little writing is all right now.")
    learning.refresh_from_db()
    assert learning.review_on is None
    assert [change.sentence for change in learning.said_before] == ["No writing."]


def test_an_agreement_is_looked_at_again_too(jo):
    day = clock.today() + timedelta(days=7)
    agreement = loop.propose_agreement(jo.therapist, jo.relationship, "We begin on time.", day)
    loop.answer_agreement(jo.client, agreement, True)
    assert agreement.review_on == day
    with clock.at(clock.now() + timedelta(days=8)):
        assert agreement.is_to_review
        loop.answer_agreement(jo.client, agreement, True)
    agreement.refresh_from_db()
    assert agreement.review_on is None
