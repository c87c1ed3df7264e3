"""The story of the client who hates journaling, through the loop alone."""

import pytest

from reknit.practice import loop
from reknit.practice.demo import journaling
from reknit.practice.homework.models import Homework
from reknit.practice.insight.estimates import curve
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import Episode, Origin, State


@pytest.fixture
def story(therapist) -> Relationship:
    journaling.play(therapist)
    return Relationship.objects.get(therapist=therapist)


def test_the_difficulty_was_noticed_from_the_check_in(story):
    alert = story.alerts.get()
    assert alert.session.number == 3
    assert alert.state == "episode"


def test_the_episode_went_through_its_states_in_order_and_closed(story):
    episode = Episode.objects.get(relationship=story)
    assert episode.origin == Origin.ALERT
    steps = [step.state for step in episode.steps.all()]
    assert steps[:6] == ["noticed", "understood", "replied", "answered", "agreed", "followed_up"]
    assert episode.state in (State.RESTORED, State.EXCEEDED)
    assert episode.closed_at
    assert 0.5 < episode.p_restored <= 1


def test_journaling_was_refused_and_something_else_suited(story):
    texts = [
        homework.text for homework in Homework.objects.filter(relationship=story).order_by("proposed_at")
    ]
    assert len(texts) == 2
    assert not any("three pages every morning, about" in text.lower() for text in texts)


def test_an_override_keeps_its_reason_beside_the_clients_sentence(story, therapist):
    visitor = loop.people.Visitor(user=therapist)
    homework = loop.propose_homework(
        visitor, story, "Keep a journal this week", override_reason="You asked for it."
    )
    assert homework.override_reason == "You asked for it."
    assert homework.overridden_sentence == journaling.LEARNING


def test_trust_stands_above_its_earlier_level(story):
    points = curve(story)
    assert points[-1].trust_lo80 > points[1].trust
    assert points[2].trust < points[1].trust
