"""Who may take which step, and in which order."""

import pytest
from django.core.exceptions import PermissionDenied

from reknit.practice import loop
from reknit.practice.demo.stage import hold, say
from reknit.practice.loop import NotNow
from reknit.practice.loop.steps import FOLLOWS, move_to
from reknit.practice.repairs.models import CLOSED, State

from .conftest import FIRST, WEEK

UNDERSTANDING = {"kind": "withdrawal", "cause": "impact", "felt": "not heard", "intended": "to help"}


@pytest.fixture
def session(jo):
    say(jo, hold(jo, FIRST - WEEK), [7] * 5)
    return hold(jo, FIRST)


@pytest.fixture
def episode(jo, session):
    say(jo, session, [3] * 5, bothered=2, words="you did not listen")
    return loop.open_episode(jo.therapist, jo.relationship, "own_sense")


def agree(jo, episode):
    loop.understand(jo.therapist, episode, **UNDERSTANDING)
    reply = loop.share_reply(jo.therapist, episode, "I did not listen, and that hurt. I am sorry.")
    loop.answer_reply(jo.client, reply, "yes")
    agreement = loop.propose_agreement(jo.therapist, jo.relationship, "We begin with you.", episode=episode)
    loop.answer_agreement(jo.client, agreement, True)
    episode.refresh_from_db()


def test_the_episode_begins_with_the_session_and_the_check_in_it_is_about(episode, session):
    assert (episode.session, episode.check_in) == (session, session.check_in)


def test_the_question_about_the_same_session_is_answered_by_it_however_it_began(jo, episode, session):
    alert = jo.relationship.alerts.get(session=session)
    assert (alert.state, alert.episode) == ("episode", episode)


def test_no_reply_before_understanding(jo, episode):
    with pytest.raises(NotNow):
        loop.share_reply(jo.therapist, episode, "Sorry.")
    assert not episode.replies.filter(shared_at__isnull=False).exists()


def test_a_draft_is_kept_and_shared_once(jo, episode):
    loop.draft_reply(jo.therapist, episode, "I am")
    loop.draft_reply(jo.therapist, episode, "I am sorry")
    assert [reply.text for reply in episode.replies.all()] == ["I am sorry"]


def test_a_no_leads_to_another_reply(jo, episode):
    loop.understand(jo.therapist, episode, **UNDERSTANDING)
    first = loop.share_reply(jo.therapist, episode, "I meant well.")
    loop.answer_reply(jo.client, first, "no", "That is not it.")
    second = loop.share_reply(jo.therapist, episode, "I did not listen.")
    assert episode.replies.count() == 2
    assert second.shared_at


def test_an_answer_stands(jo, episode):
    loop.understand(jo.therapist, episode, **UNDERSTANDING)
    reply = loop.share_reply(jo.therapist, episode, "I did not listen.")
    loop.answer_reply(jo.client, reply, "not_quite", "Almost.")
    loop.answer_reply(jo.client, reply, "not_quite", "Almost.")  # a double tap
    with pytest.raises(NotNow):
        loop.answer_reply(jo.client, reply, "yes")


def test_agreed_only_after_the_clients_yes(jo, episode):
    agree(jo, episode)
    assert episode.state == State.AGREED


def test_one_later_check_in_closes_nothing_and_two_do(jo, episode):
    agree(jo, episode)
    last = episode.steps.last().at
    for week, state in ((1, State.AGREED), (2, State.EXCEEDED)):
        say(jo, hold(jo, last + week * WEEK), [9] * 5)
        episode.refresh_from_db()
        assert (episode.state in CLOSED) is (state in CLOSED)


def test_only_the_client_says_mended(jo, episode, other):
    for visitor in (jo.therapist, other.client, other.therapist):
        with pytest.raises(PermissionDenied):
            loop.say_mended(visitor, episode)
    loop.say_mended(jo.client, episode)
    assert episode.state == State.RESTORED


def test_ending_well_is_open_to_the_therapist(jo, episode):
    loop.end_well(jo.therapist, episode)
    assert episode.state == State.ENDED_WELL


@pytest.mark.parametrize("closed", CLOSED)
def test_a_closed_episode_stays_closed_but_restored_may_turn_out_to_have_grown_past(episode, closed):
    episode.state = closed
    for state in State:
        if (closed, state) != (State.RESTORED, State.EXCEEDED):
            with pytest.raises(NotNow):
                move_to(episode, state, by_client=False)


def test_only_check_ins_lead_to_exceeded():
    assert FOLLOWS[State.EXCEEDED] == [State.FOLLOWED_UP, State.RESTORED]


def test_a_question_put_off_comes_back(jo, session):
    from reknit.practice import clock
    from reknit.practice.insight.briefs import waiting_alert
    from reknit.practice.insight.models import Alert

    alert = Alert.objects.create(relationship=jo.relationship, session=session, probability=0.6)
    with clock.at(FIRST):
        loop.snooze_alert(jo.therapist, alert, days=7)
        assert waiting_alert(jo.relationship) is None
    with clock.at(FIRST + WEEK):
        assert waiting_alert(jo.relationship) == alert
