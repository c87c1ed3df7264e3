"""What the clinic owes: said by the client, answered by somebody, closed by the client alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser

from reknit.practice import clock, loop
from reknit.practice.loop.place import ask_about_the_place
from reknit.practice.owed.models import OwedRepair
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Role
from reknit.practice.questionnaires.models import ClinicMeasure, Schedule
from tests.web.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


@pytest.fixture
def said(world) -> OwedRepair:
    address = f"/c/{world.a.token}/clinic/"
    sent = Browser().post(address, {"kind": "billing", "words": "The invoice counted a session twice."})
    assert sent.status_code == 303
    return OwedRepair.objects.exclude(pk=world.a.objects["owed"].pk).get(
        relationship=world.a.pair.relationship
    )


def lead(world: World) -> Browser:
    browser = Browser()
    browser.force_login(world.staff[Role.LEAD])
    return browser


def test_the_whole_way_from_said_to_mended(world, said):
    browser, owner = lead(world), world.staff[Role.SAFEGUARDING]
    page = browser.get("/clinic/owed/").content.decode()
    assert "The invoice counted a session twice." in page
    step = {"state": "understood", "told": "We are looking into it.", "owner": owner.pk}
    assert browser.post(f"/clinic/owed/{said.pk}/", step).status_code == 302
    promise = (clock.today() + timedelta(days=9)).isoformat()
    step = {"state": "replied", "told": "It was our mistake. You get 80 back.", "due_on": promise}
    assert browser.post(f"/clinic/owed/{said.pk}/", step).status_code == 302
    client, own = Browser(), f"/c/{world.a.token}/clinic/"
    page = client.get(own).content.decode()
    assert "You get 80 back." in page
    assert "Read by lead" in page
    assert client.post(f"{own}{said.pk}/", {"state": "agreed", "words": "Thank you."}).status_code == 303
    said.refresh_from_db()
    assert (said.state, said.owner, said.due_on.isoformat()) == ("agreed", owner, promise)
    browser.post(f"/clinic/owed/{said.pk}/", {"state": "followed_up", "told": "It is on its way."})
    assert (
        client.post(f"{own}{said.pk}/", {"state": "not_yet", "words": "It has not come."}).status_code == 303
    )
    browser.post(f"/clinic/owed/{said.pk}/", {"state": "replied", "told": "Sent again today."})
    assert client.post(f"{own}{said.pk}/", {"state": "restored"}).status_code == 303
    said.refresh_from_db()
    assert said.closed_at is not None
    assert not said.is_open
    states = list(said.steps.values_list("state", "by_client"))
    assert states == [
        ("noticed", True), ("understood", False), ("replied", False), ("agreed", True),
        ("followed_up", False), ("not_yet", True), ("replied", False), ("restored", True),
    ]  # fmt: skip


def test_the_clinic_cannot_close_it_nor_leave_out_a_step_nor_say_nothing(world, said):
    browser = lead(world)
    for step in ({"state": "restored", "told": "Done."}, {"state": "followed_up", "told": "Done."},
                 {"state": "understood", "told": " "}):  # fmt: skip
        assert browser.post(f"/clinic/owed/{said.pk}/", step).status_code == 422
    said.refresh_from_db()
    assert said.state == "noticed"
    visitor = Visitor(user=world.staff[Role.LEAD])
    with pytest.raises(loop.NotNow):
        loop.take_owed_on(visitor, said, "restored", "Done.")
    with pytest.raises(loop.NotNow):
        loop.take_owed_on(visitor, said, "understood", "Soon.", owner=world.a.pair.therapist.user)
    with pytest.raises(loop.NotNow):
        loop.take_owed_on(visitor, said, "understood", "Soon.", due_on=clock.today() - timedelta(days=1))


def test_late_is_late_only_while_it_waits_for_the_clinic(world, said):
    with clock.at(clock.now() + timedelta(days=4)):
        assert said.is_late
        assert "overdue" in lead(world).get("/clinic/owed/").content.decode()
    loop.take_owed_on(Visitor(user=world.staff[Role.LEAD]), said, "understood", "We look.")
    loop.take_owed_on(Visitor(user=world.staff[Role.LEAD]), said, "replied", "Sorry.")
    with clock.at(clock.now() + timedelta(days=60)):
        assert not said.is_late


def test_the_therapist_sees_nothing_of_it_even_as_lead(world, said):
    from reknit.practice.people.models import Membership

    therapist = world.a.pair.therapist.user
    browser = Browser()
    browser.force_login(therapist)
    assert browser.get("/clinic/owed/").status_code == 403
    Membership.objects.create(user=therapist, clinic=world.clinic, role=Role.LEAD)
    assert "The invoice" not in browser.get("/clinic/owed/").content.decode()
    assert browser.get(f"/clinic/owed/{said.pk}/").status_code == 404


def test_another_client_can_neither_see_nor_close_it(world, said):
    other = f"/c/{world.b.token}/clinic/"
    assert "The invoice" not in Browser().get(other).content.decode()
    assert Browser().post(f"{other}{said.pk}/", {"state": "restored"}).status_code == 404


def test_the_same_said_twice_is_one_and_nothing_said_is_asked_again(world, said):
    address = f"/c/{world.a.token}/clinic/"
    before = OwedRepair.objects.count()
    Browser().post(address, {"kind": "billing", "words": "The invoice counted a session twice."})
    assert OwedRepair.objects.count() == before
    assert Browser().post(address, {"kind": "billing", "words": ""}).status_code == 422


def test_it_is_in_what_the_client_takes_away(world, said):
    assert "The invoice counted" in Browser().get(f"/c/{world.a.token}/download/").content.decode()


def test_the_clinic_asks_about_itself_once_it_is_on_and_never_against_a_stop(world):
    assert ask_about_the_place() == 0
    ClinicMeasure.objects.create(clinic=world.clinic, key="reknit-clinic-trust", is_on=True)
    assert ask_about_the_place() >= 2
    assert ask_about_the_place() == 0
    Schedule.objects.filter(measure="reknit-clinic-trust").update(ended_at=clock.now())
    assert ask_about_the_place() == 0
    asked = Schedule.objects.filter(measure="reknit-clinic-trust").first()
    assert [place for place in range(1, 12) if asked.falls_on(place)] == [1, 5, 9]


def test_who_puts_it_right_knows_whom_it_is_about_but_who_listens_does_not(world, said):
    browser, name = lead(world), world.a.text("called")
    for address in ("/clinic/owed/", f"/clinic/owed/{said.pk}/"):
        page = browser.get(address).content.decode()
        assert name in page
        assert world.a.pair.relationship.client.code not in page
    heard = browser.get("/clinic/").content.decode()
    assert world.a.text("said-to-the-clinic") in heard
    assert name not in heard
    client = Browser().get(f"/c/{world.a.token}/clinic/").content.decode()
    assert "calls you by" in client  # and the client is told so before they send
