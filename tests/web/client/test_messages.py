"""Messages: the client says where to and when never, and ends them in one click."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client as Browser

from reknit.practice import clock, loop
from reknit.practice.checkins.models import Message, MessageState
from reknit.practice.demo.stage import hold
from reknit.practice.loop.messages import stop_address
from reknit.practice.people.models import Client
from reknit.practice.trail.models import Entry

from .conftest import Person

WISHES = {
    "contact": "robin@home.example", "by_email": "on", "by_texts": "on", "quiet_from": "21",
    "quiet_until": "8", "time_zone": "Europe/Berlin",
}  # fmt: skip
NOON = datetime(2026, 6, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def reachable(owner: Person, settings: Any) -> Client:
    settings.PUBLIC_URL = "https://reknit.example"
    Message.objects.all().delete()
    client = owner.relationship.client
    client.contact = "robin@home.example"
    client.save()
    return client


def waiting(owner: Person, moment: datetime = NOON) -> None:
    hold(owner.pair, moment - timedelta(hours=2))
    Message.objects.filter(kind="reminder").delete()


def test_the_client_sees_and_changes_their_own_address(phone: Browser, owner: Person) -> None:
    page = phone.get(owner.at("messages")).content.decode()
    assert "robin@home.example" in page
    answer = phone.post(owner.at("messages"), WISHES | {"contact": "+44 20 7946 0000", "quiet_from": "19"})
    assert answer.status_code == 303
    client = Client.objects.get(pk=owner.relationship.client_id)
    assert (client.contact, client.quiet_from, client.time_zone) == ("+44 20 7946 0000", 19, "Europe/Berlin")
    assert Entry.objects.filter(relationship_id=owner.relationship.pk, subject="messages").exists()


@pytest.mark.parametrize("contact", ["robin@", "call me", "12", "javascript:alert(1)"])
def test_a_mistyped_address_is_asked_for_again_and_kept_on_the_page(
    phone: Browser, owner: Person, contact: str
) -> None:
    page = phone.post(owner.at("messages"), WISHES | {"contact": contact})
    assert page.status_code == 422
    assert contact.replace("'", "&#x27;") in page.content.decode()
    assert Client.objects.get(pk=owner.relationship.client_id).contact == "robin@home.example"


@pytest.mark.parametrize(
    ("contact", "off", "goes"),
    [
        ("robin@home.example", "by_texts", True), ("robin@home.example", "by_email", False),
        ("+44 20 7946 0000", "by_texts", False), ("+44 20 7946 0000", "by_email", True),
    ],
)  # fmt: skip
def test_each_way_is_ended_by_itself(
    phone: Browser, owner: Person, contact: str, off: str, goes: bool
) -> None:
    waiting(owner)
    wishes = {name: value for name, value in WISHES.items() if name != off}
    phone.post(owner.at("messages"), wishes | {"contact": contact})
    out: list[str] = []
    with clock.at(NOON):
        loop.send_due(send=lambda to, _text: out.append(to))
    assert out == ([contact] if goes else [])
    assert Message.objects.get().state == (MessageState.SENT if goes else MessageState.EXPIRED)


@pytest.mark.parametrize(
    ("quiet", "hour", "goes"),
    [
        ((21, 8), 7, False), ((21, 8), 8, True), ((21, 8), 20, True), ((21, 8), 21, False),
        ((9, 17), 12, False), ((9, 17), 17, True), ((9, 17), 3, True), ((5, 5), 5, True),
    ],
)  # fmt: skip
def test_quiet_hours_are_the_clients_own(
    owner: Person, reachable: Client, quiet: tuple[int, int], hour: int, goes: bool
) -> None:
    reachable.quiet_from, reachable.quiet_until, reachable.time_zone = *quiet, "Asia/Kolkata"
    reachable.save()
    moment = datetime(2026, 6, 2, hour, 30, tzinfo=reachable.zone)
    waiting(owner, moment)
    out: list[str] = []
    with clock.at(moment):
        loop.send_due(send=lambda to, _text: out.append(to))
        assert bool(out) is goes
        if not goes:
            due = Message.objects.get().due_at.astimezone(reachable.zone)
            assert due.hour == quiet[1]
            assert moment < due < moment + timedelta(days=1)


def test_whoever_stopped_is_written_to_no_more_until_they_begin_again(phone: Browser, owner: Person) -> None:
    waiting(owner)
    phone.post(owner.at("stop"))
    out: list[str] = []
    with clock.at(NOON):
        loop.send_due(send=lambda to, _text: out.append(to))
    waiting(owner, NOON + timedelta(days=7))  # the two go on meeting
    Message.objects.update(state=MessageState.WAITING)  # even one that was written by mistake
    with clock.at(NOON + timedelta(days=7)):
        loop.send_due(send=lambda to, _text: out.append(to))
    assert out == []
    phone.post(owner.at("begin"), {"answer": "yes"})
    waiting(owner, NOON + timedelta(days=14))
    with clock.at(NOON + timedelta(days=14)):
        loop.send_due(send=lambda to, _text: out.append(to))
    assert out == ["robin@home.example"]


def test_a_letter_carries_the_address_that_ends_it_and_one_click_does(phone: Browser, owner: Person) -> None:
    waiting(owner)
    with clock.at(NOON):
        assert loop.send_due() == 1
    letter = mail.outbox[-1]
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in str(letter.body)
    path = stop.removeprefix("https://reknit.example")
    page = Browser(enforce_csrf_checks=True).get(path)
    assert page.status_code == 200
    assert not re.search("Elm Street|Robin|Ana|therap", page.content.decode())
    assert Client.objects.get(pk=owner.relationship.client_id).wants_email  # looking ends nothing
    done = Browser(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    client = Client.objects.get(pk=owner.relationship.client_id)
    assert (client.wants_email, client.wants_texts) == (False, True)
    phone.post(path)
    assert (
        Entry.objects.filter(relationship_id=owner.relationship.pk, subject="messages:email:off").count() == 1
    )


def test_the_address_opens_nothing_else_and_a_forged_one_nothing(
    phone: Browser, owner: Person, reachable: Client
) -> None:
    path = stop_address(reachable).removeprefix("https://reknit.example")
    secret = path.rstrip("/").rpartition("/")[2]
    for name in ("door", "said", "messages", "readers", "download"):
        assert phone.get(owner.at(name, token=secret)).status_code == 404
    for forged in (secret[:-2], secret.swapcase(), "x", "x:y:z"):
        assert phone.post(f"/c/no-more/{forged}/").status_code == 404
    with clock.at(clock.now()):
        assert Client.objects.get(pk=reachable.pk).wants_email
