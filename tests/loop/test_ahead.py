"""The estimate is reckoned before the transaction; what is kept is what the records say even so."""

from itertools import product
from uuid import uuid4

import pytest

from reknit.practice import loop
from reknit.practice.demo.stage import hold, say
from reknit.practice.insight import estimates
from reknit.practice.loop import CheckInData
from reknit.practice.people.audience import Audience

from .conftest import FIRST, WEEK

RATINGS = {"understood": 3.0, "matters": 4.0, "way": None, "trust": 2.0}


@pytest.fixture
def earlier(jo):
    first, second = hold(jo, FIRST), hold(jo, FIRST + WEEK)
    say(jo, first, [7, 8, 7, 6, 8])
    return second


def kept(jo):
    return estimates.curve(jo.relationship)


def from_the_records(jo):
    estimates.refresh(jo.relationship)
    return kept(jo)


@pytest.mark.parametrize(("numbers", "words"), list(product(Audience, Audience)))
def test_it_is_what_the_records_say(jo, earlier, numbers, words):
    data = CheckInData(
        uuid4(), RATINGS, 2, "hm", words_audience=words, ratings_audience=numbers, seconds_taken=2
    )
    loop.receive_check_in(jo.client, earlier, data)
    found = kept(jo)
    assert found == from_the_records(jo)
    assert (found[-1].rating is not None) == (numbers == Audience.THERAPIST_NOW)


def test_what_changed_meanwhile_counts(jo, earlier, monkeypatch):
    reckon = estimates.ahead

    def interrupted(*given):
        found = reckon(*given)
        hold(jo, FIRST + 2 * WEEK)  # the therapist records a session just then
        return found

    monkeypatch.setattr(estimates, "ahead", interrupted)
    loop.receive_check_in(jo.client, earlier, CheckInData(uuid4(), RATINGS, 0))
    assert [point.rating is None for point in kept(jo)] == [False, False, True]
    assert kept(jo) == from_the_records(jo)


def test_it_is_not_reckoned_twice(jo, earlier, monkeypatch):
    def twice(_relationship):
        raise AssertionError("nothing happened meanwhile")

    monkeypatch.setattr(estimates, "refresh", twice)
    loop.receive_check_in(jo.client, earlier, CheckInData(uuid4(), RATINGS, 0))
