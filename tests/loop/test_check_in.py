"""A check-in is kept whole, once, and nothing the client wrote is ever dropped."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from reknit.practice import loop
from reknit.practice.appointments.models import Status
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.demo.stage import hold, say
from reknit.practice.loop import CheckInData, NotNow
from reknit.practice.people.audience import Audience
from reknit.practice.trail.models import Entry

from .conftest import FIRST, WEEK


def test_answers_are_stored_each_with_its_audience(jo, session):
    data = CheckInData(
        key=uuid4(), ratings={"understood": 7, "trust": None}, bothered=1, words="a little rushed",
        words_audience=Audience.IN_THE_ROOM,
    )  # fmt: skip
    check_in = loop.receive_check_in(jo.client, session, data)
    kept = {a.question: (a.value, a.words, a.audience) for a in check_in.answers.all()}
    assert kept == {
        "understood": (7, "", "therapist_now"),
        "bothered": (1, "", "in_the_room"),
        "words": (None, "a little rushed", "in_the_room"),
    }


def test_a_double_tap_is_one_check_in(jo, session):
    data = CheckInData(key=uuid4(), ratings={"trust": 8}, bothered=0, words="fine")
    first, second = (loop.receive_check_in(jo.client, session, data) for _ in range(2))
    assert first == second
    assert CheckIn.objects.count() == 1
    assert Answer.objects.filter(check_in=first).count() == 3


def test_a_second_sending_keeps_the_first_ratings_and_adds_new_words(jo, session):
    loop.receive_check_in(jo.client, session, CheckInData(key=uuid4(), ratings={"trust": 8}, words="fine"))
    later = CheckInData(
        key=uuid4(), ratings={"trust": 2}, words="no, it was not", words_audience=Audience.ONLY_ME
    )
    check_in = loop.receive_check_in(jo.client, session, later)
    assert [a.value for a in check_in.answers.filter(question="trust")] == [8]
    assert [(a.words, a.audience) for a in check_in.answers.all() if a.words] == [
        ("fine", "therapist_now"),
        ("no, it was not", "only_me"),
    ]


def test_nothing_is_kept_when_a_later_step_fails(jo, session, monkeypatch):
    def fail(*_args):
        raise RuntimeError("disk full")

    monkeypatch.setattr("reknit.practice.loop.check_in.notice", fail)
    with pytest.raises(RuntimeError):
        loop.receive_check_in(
            jo.client, session, CheckInData(key=uuid4(), ratings={"trust": 8}, words="fine")
        )
    assert not CheckIn.objects.exists()
    assert not Answer.objects.exists()


def test_no_check_in_before_consent_or_after_it_was_withdrawn(jo, session):
    loop.withdraw_consent(jo.client)
    with pytest.raises(NotNow):
        loop.receive_check_in(jo.client, session, CheckInData(key=uuid4(), ratings={"trust": 8}))


def test_no_check_in_for_a_session_that_was_missed(jo):
    with pytest.raises(NotNow):
        say(jo, hold(jo, FIRST, Status.MISSED), [5] * 5)


def test_nobody_else_can_send_or_widen(jo, session, other):
    data = CheckInData(key=uuid4(), ratings={"trust": 8}, words="for me", words_audience=Audience.ONLY_ME)
    for visitor in (other.client, jo.therapist, other.therapist):
        with pytest.raises(PermissionDenied):
            loop.receive_check_in(visitor, session, data)
    words = loop.receive_check_in(jo.client, session, data).answers.get(question="words")
    for visitor in (other.client, jo.therapist, other.therapist):
        with pytest.raises(PermissionDenied):
            loop.widen_audience(visitor, words, Audience.THERAPIST_NOW)


def test_an_audience_only_grows(jo, session):
    words = say(jo, session, [5] * 5, words="hm", audience=Audience.IN_THE_ROOM).answers.get(question="words")
    with pytest.raises(NotNow):
        loop.widen_audience(jo.client, words, Audience.ONLY_ME)
    loop.widen_audience(jo.client, words, Audience.THERAPIST_NOW)
    words.refresh_from_db()
    assert words.audience == "therapist_now"


def test_every_reading_of_words_is_on_the_trail(jo, session):
    check_in = say(jo, session, [5] * 5, words="hm")
    loop.read_answers(jo.therapist, jo.relationship)
    read = Entry.objects.filter(verb="read_words", relationship_id=jo.relationship.pk)
    assert [(e.actor, e.subject) for e in read] == [(jo.therapist.trail_name, f"check_in:{check_in.pk}")]


def test_a_recording_can_be_taken_back_until_the_client_has_answered(jo):
    first, second = hold(jo, FIRST), hold(jo, FIRST + WEEK)
    say(jo, first, [7] * 5)
    loop.unrecord_session(jo.therapist, second)
    second.refresh_from_db()
    assert second.status == Status.PLANNED
    with pytest.raises(NotNow):
        loop.unrecord_session(jo.therapist, first)
