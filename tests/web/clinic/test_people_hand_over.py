"""A client moves to another therapist: asked, told, free to say no, and the master of what goes along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.checkins.models import LinkKind, Message
from reknit.practice.demo.stage import hold
from reknit.practice.loop import hand_over as steps
from reknit.practice.loop import staff
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.handing_over import HandOver
from reknit.practice.people.models import Membership, Relationship, Role, User
from reknit.practice.trail import verify
from reknit.practice.trail.models import Entry
from tests.web.world import World, build

pytestmark = pytest.mark.django_db
ALL = {"answer": "yes", "learnings": "on", "episodes": "on", "words": "room_too", "check_ins": "on"}


@pytest.fixture
def world() -> World:
    made = build(moving=False)
    loop.confirm_learning(made.a.pair.client, made.a.objects["learning"])
    return made


@pytest.fixture
def successor(world: World) -> User:
    user = User.objects.create_user("nova@x.example", name="Nova")
    Membership.objects.create(user=user, clinic=world.clinic, role=Role.THERAPIST)
    return user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(world: World, to: User, days: int = 7) -> HandOver:
    lead = browser(world.staff["lead"])
    last = (clock.today() + timedelta(days=days)).isoformat()
    answer = lead.post(
        f"/clinic/hand-over/client/{world.a.pair.relationship.pk}/", {"to": to.pk, "ends_on": last}
    )
    assert answer.status_code == 302, answer.content.decode()
    return HandOver.objects.latest("pk")


def answer(world: World, **given: str) -> Any:
    return Client().post(f"/c/{world.a.token}/moving/", given)


def brought(user: User, hand_over: HandOver) -> str:
    page = browser(user).get(f"/clinic/hand-over/{hand_over.pk}/brought/")
    return page.content.decode() if page.status_code == 200 else str(page.status_code)


def test_all_three_are_told_and_the_lead_sees_nothing_that_was_said(
    world: World, successor: User, django_capture_on_commit_callbacks: Any
) -> None:
    client = world.a.pair.relationship.client
    client.contact = "anna@home.example"
    client.save()
    with django_capture_on_commit_callbacks(execute=True):
        ask(world, successor)
    told = {letter.to[0] for letter in mail.outbox}
    assert {successor.email, world.a.pair.therapist.user.email} <= told
    assert all("anna" not in str(letter.body).lower() for letter in mail.outbox)
    assert Message.objects.get(relationship=world.a.pair.relationship, kind="news").state == "waiting"
    page = Client().get(f"/c/{world.a.token}/").content.decode()
    assert "whether you would like to go on with Nova" in page
    lead = browser(world.staff["lead"]).get("/clinic/hand-over/").content.decode()
    assert world.a.text("called") in lead  # without a name nobody could speak with them
    assert not [text for kind, text in world.a.texts.items() if text in lead and kind != "called"]
    mine = browser(successor).get("/clinic/hand-over/mine/").content.decode()
    assert world.a.text("called") not in mine  # before a yes they learn no name
    assert "being handed over" in browser(successor).get("/practice/").content.decode()


def test_a_yes_takes_along_what_was_chosen_and_never_what_nobody_was_to_see(
    world: World, successor: User
) -> None:
    hand_over = ask(world, successor)
    done = answer(world, **ALL)
    assert done.status_code == 303
    new_page = Client().get(done["Location"]).content.decode()
    assert "Nova" in new_page
    page = brought(successor, hand_over)
    for kind in ("learned", "felt", "intended", "reply", "answered", "said-now"):
        assert world.a.text(kind) in page, kind
    for kind in (
        "reflection", "draft", "said-to-nobody", "said-to-the-clinic", "concern", "asked-supervisor",
        "said-for-the-room",  # they have not met since
    ):  # fmt: skip
        assert world.a.text(kind) not in page, kind
    hand_over.refresh_from_db()
    new = hand_over.new
    assert new is not None
    assert [learning.sentence for learning in new.learnings.all()] == [world.a.text("learned")]
    assert new.has_consent
    assert not new.check_ins.exists()
    read = Entry.objects.filter(
        relationship_id=world.a.pair.relationship.pk, verb="read_words", actor=f"user:{successor.pk}"
    )
    assert read.exists()
    assert "Nova" in Client().get(f"/c/{world.a.token}/readers/").content.decode()
    assert verify() == []


def test_the_room_opens_to_the_new_one_only_what_it_opened_to_the_old(world: World, successor: User) -> None:
    hold(world.a.pair, clock.now() - timedelta(days=1))
    hand_over = ask(world, successor)
    answer(world, **ALL | {"words": "said_openly"})
    assert world.a.text("said-for-the-room") not in brought(successor, hand_over)
    answer(world, learnings="", episodes="", words="room_too")
    assert world.a.text("said-for-the-room") in brought(successor, hand_over)


def test_nothing_chosen_nothing_goes_and_it_can_be_closed_again(world: World, successor: User) -> None:
    hand_over = ask(world, successor)
    answer(world, answer="yes")
    assert "Nothing came along" in brought(successor, hand_over)
    answer(world, words="said_openly", episodes="on")
    assert world.a.text("said-now") in brought(successor, hand_over)
    answer(world, words="none")
    page = brought(successor, hand_over)
    assert not [text for kind, text in world.a.texts.items() if text in page and kind != "called"]


def test_a_no_takes_nothing_along_and_the_lead_sees_them_without_a_therapist(
    world: World, successor: User
) -> None:
    hand_over = ask(world, successor, days=0)
    answer(world, answer="no")
    assert brought(successor, hand_over) == "404"
    assert not access.relationships(Visitor(user=successor)).exists()
    with clock.at(clock.now() + timedelta(days=1)):
        page = browser(world.staff["lead"]).get("/clinic/hand-over/").content.decode()
        assert "Without a therapist" in page
        assert "the client said no" in page.lower()


def test_silence_takes_nothing_along_and_the_old_therapist_is_out_after_the_last_day(
    world: World, successor: User
) -> None:
    ask(world, successor, days=2)
    old, relationship = browser(world.a.pair.therapist.user), world.a.pair.relationship
    assert old.get(f"/practice/with/{relationship.pk}/").status_code == 200
    with clock.at(clock.now() + timedelta(days=2)):
        assert old.get(f"/practice/with/{relationship.pk}/").status_code == 200
    with clock.at(clock.now() + timedelta(days=3)):
        assert old.get(f"/practice/with/{relationship.pk}/").status_code == 404
        assert old.get(f"/practice/episodes/{world.a.objects['episode'].pk}/").status_code == 404
        assert not access.relationships(Visitor(user=successor)).exists()
        assert steps.without_therapist(world.clinic).get() == relationship
        assert Client().get(f"/c/{world.a.token}/said/").status_code == 200  # the client keeps their page


def test_after_a_yes_the_old_relationship_ends_by_itself(world: World, successor: User) -> None:
    ask(world, successor, days=1)
    answer(world, **ALL)
    assert steps.finish_hand_overs() == 0
    with clock.at(clock.now() + timedelta(days=2)):
        assert steps.finish_hand_overs() == 1
        assert steps.finish_hand_overs() == 0
        assert Relationship.objects.get(pk=world.a.pair.relationship.pk).ending == "ended_well"
        assert not steps.without_therapist(world.clinic).exists()


def test_a_therapist_who_left_leaves_clients_whom_the_lead_sees_until_they_are_looked_after(
    world: World, successor: User
) -> None:
    leaver, relationship = world.b.pair.therapist.user, world.b.pair.relationship
    staff.end_role(Visitor(user=world.staff["lead"]), world.clinic, leaver, Role.THERAPIST)
    lead = browser(world.staff["lead"])
    assert relationship.client.called in lead.get("/clinic/hand-over/").content.decode()
    lead.post(f"/clinic/hand-over/client/{relationship.pk}/end/", {"ending": "ended_well"})
    assert Relationship.objects.get(pk=relationship.pk).ending == "ended_well"
    assert not steps.without_therapist(world.clinic).exists()
    with_therapist = world.a.pair.relationship.pk
    lead.post(f"/clinic/hand-over/client/{with_therapist}/end/", {"ending": "ended_well"})
    assert Relationship.objects.get(pk=with_therapist).ending == "running"


def test_called_off_the_old_therapist_stays_and_the_client_is_asked_no_more(
    world: World, successor: User
) -> None:
    hand_over = ask(world, successor, days=1)
    browser(world.staff["lead"]).post(f"/clinic/hand-over/{hand_over.pk}/off/")
    assert "Nothing is asked of you" in Client().get(f"/c/{world.a.token}/moving/").content.decode()
    answer(world, **ALL)
    assert not access.relationships(Visitor(user=successor)).exists()
    with clock.at(clock.now() + timedelta(days=5)):
        assert access.relationships(world.a.pair.therapist).exists()


@pytest.mark.parametrize("who", ["administrator", "safeguarding", "supervisor", "researcher", "stranger"])
def test_only_a_lead_begins_or_sees_it(world: World, successor: User, who: str) -> None:
    by, pk = browser(world.staff[who]), world.a.pair.relationship.pk
    for path in ("/clinic/hand-over/", f"/clinic/hand-over/client/{pk}/"):
        assert by.get(path).status_code == 403
    given = {"to": successor.pk, "ends_on": clock.today().isoformat()}
    assert by.post(f"/clinic/hand-over/client/{pk}/", given).status_code == 403
    assert not HandOver.objects.exists()


def test_nobody_but_the_new_therapist_opens_what_came_along(world: World, successor: User) -> None:
    hand_over = ask(world, successor)
    answer(world, **ALL)
    for user in (*world.staff.values(), world.a.pair.therapist.user, world.b.pair.therapist.user):
        assert brought(user, hand_over) == "404"
    staff.end_role(Visitor(user=world.staff["lead"]), world.clinic, successor, Role.THERAPIST)
    assert brought(successor, hand_over) == "404"


def test_only_the_clients_own_page_answers(world: World, successor: User) -> None:
    ask(world, successor)
    pair = world.a.pair
    link = loop.issue_link(pair.therapist, pair.relationship, LinkKind.WELCOME)
    assert Client().post(f"/c/{link}/moving/", ALL).status_code == 404
    assert HandOver.objects.get().state == "asked"
    assert Client().post(f"/c/{world.b.token}/moving/", ALL).status_code == 200  # nothing is asked of them
    assert HandOver.objects.get().state == "asked"


def test_a_yes_twice_opens_one_relationship(world: World, successor: User) -> None:
    ask(world, successor)
    answer(world, **ALL)
    answer(world, **ALL)
    assert Relationship.objects.filter(therapist=successor).count() == 1
    assert Relationship.objects.get(therapist=successor).learnings.count() == 1
