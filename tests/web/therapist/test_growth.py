"""My growth: nothing below a few, intervals and words first, and nobody but oneself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.demo.stage import hold, meet, say
from reknit.practice.insight.estimates import refresh
from reknit.practice.insight.growth import FEW, growth
from reknit.practice.insight.models import Alert
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Membership, Role

from ..test_every_address import addresses
from ..world import build
from .conftest import NOW, WEEK, browser_of, member

pytestmark = pytest.mark.django_db


def guessed(pair, first, weeks: int, guess: float, rating: float) -> None:
    for week in range(weeks):
        session = hold(pair, first + week * WEEK)
        with clock.at(session.starts_at + timedelta(hours=2)):
            loop.guess_check_in(pair.therapist, session, guess)
        say(pair, session, [rating] * 5)


def page(browser: Client) -> str:
    return browser.get("/practice/growth/").content.decode()


def test_a_new_therapist_sees_what_the_page_waits_for(desk):
    text = page(desk)
    assert "Too few to say: 0 guesses so far." in text
    assert f"From {FEW} on" in text
    assert "<svg" not in text


def test_guesses_that_run_high_are_said_in_words_with_an_interval(desk, owner):
    guessed(meet(owner, "Jo", NOW - 20 * WEEK), NOW - 20 * WEEK, 6, guess=8, rating=5)
    guessed(meet(owner, "Kim", NOW - 20 * WEEK), NOW - 20 * WEEK, 6, guess=8, rating=5)
    text = page(desk)
    assert "You tend to feel a session went better for them than they say." in text
    assert "Your guess minus their rating lies between" in text
    assert "<svg" in text
    assert growth(Visitor(user=owner)).senses[-1].clients == 2


def test_ratings_that_the_client_keeps_to_themselves_count_for_nothing(owner):
    pair = meet(owner, "Jo", NOW - 20 * WEEK)
    guessed(pair, NOW - 20 * WEEK, FEW, guess=8, rating=5)
    before = growth(Visitor(user=owner)).guesses
    session = hold(pair, NOW - WEEK)
    loop.guess_check_in(pair.therapist, session, 8)
    check_in = say(pair, session, [1] * 5)
    check_in.answers.update(audience="only_me")
    refresh(pair.relationship)
    assert growth(Visitor(user=owner)).guesses == before == FEW


def test_from_a_question_to_a_repair_is_counted(desk, jo):
    jo.relationship.alerts.all().delete()
    assert "No question has been asked yet." in page(desk)
    sessions = list(jo.relationship.sessions.order_by("starts_at"))
    alerts = [
        Alert.objects.create(relationship=jo.relationship, session=session, probability=0.7)
        for session in sessions
    ]
    loop.dismiss_alert(jo.therapist, alerts[0])
    episode = loop.open_episode(jo.therapist, jo.relationship, "alert", alert=alerts[1])
    loop.end_well(jo.therapist, episode)
    found = growth(jo.therapist).follow_through
    assert (found.asked, found.looked, found.not_ruptures, found.ended_well, found.mended) == (3, 2, 1, 1, 0)
    assert "Questions you were asked" in page(desk)


def test_nobody_else_sees_anything_of_it(db):
    """Lead, supervisor, administrator, safeguarding: their own empty page, and no figure of it anywhere."""
    world = build()
    pair = world.a.pair
    guess = 6.1847  # a number that nothing else on any page could be
    for session in pair.relationship.sessions.filter(status="attended"):
        loop.guess_check_in(pair.therapist, session, guess)
    for role, user in world.staff.items():
        assert growth(Visitor(user=user)) == growth(Visitor(user=member(f"new.{role}@x.example")))
        browser = browser_of(user)
        for address in addresses():
            body = browser.get(address.path(world.a, "no-such-link"))
            text = b"".join(body).decode() if body.streaming else body.content.decode("utf-8", "replace")
            assert "6.18" not in text, f"{role} saw a guess at {address.name}"
    with pytest.raises(PermissionDenied):
        growth(pair.client)


def test_a_lead_who_is_no_therapist_is_told_so(clinic, db):
    lead = member("lead@x.example")
    Membership.objects.create(user=lead, clinic=clinic, role=Role.LEAD)
    assert "so nothing is shown" in page(browser_of(lead))
