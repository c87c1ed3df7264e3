"""Where somebody else has power over the client, access runs the other way."""

import pytest
from django.core.exceptions import PermissionDenied

from reknit.practice import clock, loop
from reknit.practice.concerns.models import Concern, ConcernState
from reknit.practice.demo.stage import say
from reknit.practice.loop import NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Membership, Role

from .conftest import FIRST, WEEK, member


@pytest.fixture
def guardian(clinic) -> Visitor:
    return Visitor(user=member("guardian@x.example", Role.SAFEGUARDING, clinic=clinic))


@pytest.fixture
def concern(jo, guardian):
    with clock.at(FIRST):
        return loop.raise_concern(jo.client, "He came too close.")


def test_a_concern_is_read_by_safeguarding_alone(concern, jo, guardian, lead, administrator, other, stranger):
    readers = [guardian, jo.client]
    outsiders = [jo.therapist, lead, administrator, other.therapist, other.client, stranger, Visitor()]
    assert [list(loop.read_concerns(visitor)) for visitor in readers] == [[concern], [concern]]
    assert [list(loop.read_concerns(visitor)) for visitor in outsiders] == [[]] * len(outsiders)


def test_a_therapist_who_is_also_safeguarding_never_reads_one_about_themselves(concern, jo, clinic):
    Membership.objects.create(user=jo.therapist.user, clinic=clinic, role=Role.SAFEGUARDING)
    assert not loop.read_concerns(jo.therapist).exists()
    with pytest.raises(PermissionDenied):
        loop.take_concern_on(jo.therapist, concern, ConcernState.ACKNOWLEDGED, "Nothing to see.")


def test_where_nobody_but_the_therapist_would_hear_it_no_concern_is_taken(jo, clinic):
    Membership.objects.create(user=jo.therapist.user, clinic=clinic, role=Role.SAFEGUARDING)
    with pytest.raises(NotNow):
        loop.raise_concern(jo.client, "He came too close.")


def test_a_concern_sent_twice_is_one(concern, jo, guardian):
    assert loop.raise_concern(jo.client, "He came too close.") == concern
    assert Concern.objects.count() == 1


def test_a_concern_has_deadlines_and_the_client_is_told_at_each_step(concern, guardian):
    assert (concern.due_on - FIRST.date()).days == 3
    with clock.at(FIRST + WEEK):
        assert concern.is_late
        with pytest.raises(NotNow):
            loop.take_concern_on(guardian, concern, ConcernState.CLOSED, "Done.")
        with pytest.raises(NotNow):
            loop.take_concern_on(guardian, concern, ConcernState.ACKNOWLEDGED, " ")
        loop.take_concern_on(guardian, concern, ConcernState.ACKNOWLEDGED, "I read it and will call you.")
        assert not concern.is_late
    assert [step.told_client for step in concern.steps.all()] == ["", "I read it and will call you."]


@pytest.fixture
def episode(jo, session):
    say(jo, session, [3] * 5, bothered=2, words="only for me", audience="only_me")
    return loop.open_episode(jo.therapist, jo.relationship, "own_sense")


def test_a_reflection_is_the_authors_alone(jo, episode, lead):
    loop.reflect(jo.therapist, episode, "I was tired and hid behind the method.")
    assert loop.reflections(jo.therapist, episode).count() == 1
    assert not loop.reflections(lead, episode).exists()
    with pytest.raises(PermissionDenied):
        loop.reflect(lead, episode, "mine")


def test_an_episode_is_shown_to_a_supervisor_only_while_it_is_shared(jo, episode, clinic, lead):
    supervisor = Visitor(user=member("supervisor@x.example", Role.SUPERVISOR, clinic=clinic))
    with pytest.raises(PermissionDenied):
        loop.share_episode(jo.therapist, episode, lead.user, "What did I miss?")
    share = loop.share_episode(jo.therapist, episode, supervisor.user, "What did I miss?")
    assert loop.open_share(supervisor, share.pk) == share
    assert loop.open_share(lead, share.pk) is None
    assert not access.relationships(supervisor).exists()
    loop.remark(supervisor, share, "What did they hope for?", next_step="Ask them.")
    loop.take_share_back(jo.therapist, share)
    assert loop.open_share(supervisor, share.pk) is None
    with pytest.raises(PermissionDenied):
        loop.remark(supervisor, share, "Again")


def test_something_good_is_said_and_may_be_answered(jo):
    said = loop.acknowledge(
        jo.therapist, jo.relationship, "You told me when it went wrong. That took courage."
    )
    loop.answer_acknowledgement(jo.client, said, "Thank you.")
    with pytest.raises(NotNow):
        loop.answer_acknowledgement(jo.client, said, "No.")
    with pytest.raises(PermissionDenied):
        loop.acknowledge(jo.client, jo.relationship, "me")
