"""Supervision: an episode by consent and without what was withheld, and trust between the two of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reknit.practice import clock, loop
from reknit.practice.demo.stage import Pair, hold, say
from reknit.practice.insight.friction import friction_table
from reknit.practice.loop import hand_over
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.trail.models import Entry
from tests.web.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def signed_in(user: Any) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def supervisor(world: World) -> Client:
    return signed_in(world.staff["supervisor"])


def test_the_page_of_a_shared_episode_shows_what_was_said_and_nothing_that_was_withheld(
    world: World, supervisor: Client
) -> None:
    page = supervisor.get(f"/supervision/{world.a.objects['share'].pk}/").content.decode()
    assert world.a.text("asked-supervisor") in page
    assert world.a.text("reply") in page
    for kind in ("said-to-nobody", "said-to-the-clinic", "said-for-the-room", "reflection", "draft"):
        assert world.a.text(kind) not in page
    assert world.a.pair.relationship.client.called not in page
    read = Entry.objects.filter(verb="read_words", actor=f"user:{world.staff['supervisor'].pk}")
    assert read.exists()


def test_the_two_talk_and_agree_on_a_next_step(world: World, supervisor: Client) -> None:
    share = world.a.objects["share"]
    address = f"/supervision/{share.pk}/"
    assert supervisor.post(address, {"text": ""}).status_code == 422
    supervisor.post(address, {"text": "What did they hope for?", "next_step": "Ask them so."})
    page = signed_in(world.a.pair.therapist.user).get(address).content.decode()
    assert "What did they hope for?" in page
    assert "Ask them so." in page


@pytest.mark.parametrize("who", ["lead", "safeguarding", "administrator", "researcher", "stranger"])
def test_nobody_else_opens_it(who: str, world: World) -> None:
    address = f"/supervision/{world.a.objects['share'].pk}/"
    assert signed_in(world.staff[who]).get(address).status_code == 404


def test_taken_back_it_is_gone_for_the_supervisor(world: World, supervisor: Client) -> None:
    share = world.a.objects["share"]
    loop.take_share_back(world.a.pair.therapist, share)
    assert supervisor.get(f"/supervision/{share.pk}/").status_code == 404


def begun(world: World) -> tuple[Client, Relationship, str]:
    """A therapist begins with their supervisor and says yes to check-ins."""
    user = world.a.pair.therapist.user
    browser = signed_in(user)
    went = browser.post(f"/supervision/with/{world.staff['supervisor'].pk}/")
    relationship = Relationship.objects.get(supervisee=user)
    return browser, relationship, went["Location"]


def test_the_one_supervised_stands_in_the_clients_place(world: World) -> None:
    browser, relationship, address = begun(world)
    assert relationship.therapist == world.staff["supervisor"]
    assert "your supervisor is meant" in browser.get(address, follow=True).content.decode()
    loop.give_consent(Visitor.client(relationship))
    again = browser.post(f"/supervision/with/{world.staff['supervisor'].pk}/")["Location"]
    assert again != address
    assert browser.get(again, follow=True).status_code == 200
    assert Relationship.objects.filter(supervisee=world.a.pair.therapist.user).count() == 1


def test_the_same_loop_runs_between_them(world: World) -> None:
    _browser, relationship, _address = begun(world)
    pair = Pair(relationship, Visitor(user=world.staff["supervisor"]), Visitor.client(relationship))
    loop.give_consent(pair.client)
    session = hold(pair, clock.now() - timedelta(days=3))
    say(pair, session, [3] * 5, bothered=2, words="I felt examined.")
    desk = signed_in(world.staff["supervisor"])
    page = desk.get(reverse("therapist:relationship", args=[relationship.pk]))
    assert page.status_code == 200
    read = desk.get(reverse("therapist:words", args=[relationship.pk])).content.decode()
    assert "I felt examined." in read
    episode = loop.open_episode(pair.therapist, relationship, "client_words", session=session)
    assert episode.relationship == relationship


def test_nobody_begins_with_somebody_who_is_not_their_supervisor(world: World) -> None:
    browser = signed_in(world.a.pair.therapist.user)
    for who in ("lead", "safeguarding", "stranger"):
        assert browser.post(f"/supervision/with/{world.staff[who].pk}/").status_code == 403
    assert not Relationship.objects.filter(supervisee__isnull=False).exists()


def test_a_supervisor_who_has_left_no_longer_reads_it(world: World) -> None:
    _browser, relationship, _address = begun(world)
    supervisor = Visitor(user=world.staff["supervisor"])
    assert access.relationships(supervisor).filter(pk=relationship.pk).exists()
    world.staff["supervisor"].memberships.all().delete()
    assert not access.relationships(supervisor).exists()


def test_supervision_is_not_counted_as_therapy(world: World) -> None:
    _browser, relationship, _address = begun(world)
    assert relationship not in hand_over.running(world.clinic)
    pair = Pair(relationship, Visitor(user=world.staff["supervisor"]), Visitor.client(relationship))
    loop.give_consent(pair.client)
    session = hold(pair, clock.now() - timedelta(days=3))
    say(pair, session, [3] * 5)
    counted = friction_table(world.clinic, clock.now())
    assert world.a.pair.relationship.pk in counted["client"]
    assert relationship.pk not in counted["client"]
