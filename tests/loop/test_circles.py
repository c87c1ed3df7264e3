"""A virtuous circle is found where there is one, and not where only one thing goes well."""

import pytest

from reknit.practice import clock, loop
from reknit.practice.appointments.models import Status
from reknit.practice.demo.stage import hold, say
from reknit.practice.insight.circles import circle
from reknit.practice.insight.estimates import curve

from .conftest import FIRST, WEEK


def look(pair):
    return circle(pair.relationship, curve(pair.relationship), list(pair.relationship.episodes.all()))


def meet_weekly(pair, ratings, missed=()):
    for week, rating in enumerate(ratings):
        if week in missed:
            hold(pair, FIRST + week * WEEK, Status.MISSED)
        else:
            say(pair, hold(pair, FIRST + week * WEEK), [rating] * 5)


def propose(pair, answer, times=2):
    for _time in range(times):
        homework = loop.propose_homework(pair.therapist, pair.relationship, "A walk by the river")
        loop.answer_homework(pair.client, homework, answer)


def test_rising_trust_with_two_lighter_signs_is_a_virtuous_circle(jo):
    meet_weekly(jo, [4, 4.5, 5, 6, 6.5, 7, 8, 8.5, 9])
    propose(jo, "suits")
    found = look(jo)
    assert found.is_virtuous
    assert not found.is_stuck
    assert len(found.signs) == 3


def test_rising_trust_alone_is_not_yet_one(jo):
    meet_weekly(jo, [4, 4.5, 5, 6, 6.5, 7, 8, 8.5, 9], missed=[5])
    assert not look(jo).is_virtuous


def test_light_things_alone_are_none(jo):
    meet_weekly(jo, [7] * 9)
    propose(jo, "suits")
    found = look(jo)
    assert not found.is_virtuous
    assert len(found.signs) == 2


def test_flat_trust_with_declined_proposals_is_stuck(jo):
    meet_weekly(jo, [6] * 10)
    propose(jo, "rather_not")
    assert look(jo).is_stuck


@pytest.mark.parametrize("sessions", [0, 1])
def test_at_the_beginning_nothing_is_claimed(jo, sessions):
    meet_weekly(jo, [6] * sessions)
    with clock.at(FIRST + WEEK):
        found = look(jo)
    assert (found.is_virtuous, found.is_stuck) == (False, False)
