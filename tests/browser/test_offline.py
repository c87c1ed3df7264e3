"""A check-in typed in a tunnel: kept on the phone, seen to be kept, sent once when the network returns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from reknit.practice import clock, loop
from reknit.practice.checkins.models import Answer, CheckIn, LinkKind
from reknit.practice.demo.stage import hold, meet
from reknit.practice.people.models import User

from .conftest import inspect

WORDS = "it went too fast, and then the train went under the hill"


@pytest.fixture
def address(transactional_db: None) -> str:
    therapist = User.objects.create_user(email="ana@x.example", name="Ana Ruiz")
    loop.open_clinic(therapist, "A clinic")
    jo = meet(therapist, "Jo", clock.now() - timedelta(days=9))
    session = hold(jo, clock.now() - timedelta(days=2))
    return f"/c/{loop.issue_link(jo.therapist, jo.relationship, LinkKind.CHECK_IN, session)}/"


def opened(phone: Page, address: str) -> None:
    """Open the check-in, and wait until the phone could do without the network."""
    phone.goto(address, timeout=60_000)
    ready = "async (path) => !!(await caches.match(path)) && !!navigator.serviceWorker.controller"
    for _try in range(200):
        if phone.evaluate(ready, address):
            return
        phone.wait_for_timeout(50)
    raise AssertionError("the phone did not make ready for a tunnel")


def typed_without_a_network(phone: Page, address: str) -> Any:
    opened(phone, address)
    phone.context.set_offline(True)
    phone.locator("textarea[name=words]").fill(WORDS)
    phone.get_by_role("button", name="Send", exact=True).click()
    note = phone.get_by_text("Kept on this phone, not sent yet")
    expect(note).to_be_visible()
    expect(phone.locator("form.check-in")).to_be_hidden()
    return note


def test_it_is_kept_and_sent_once_when_the_network_is_back(phone: Page, address: str) -> None:
    typed_without_a_network(phone, address)
    inspect(phone)
    assert not CheckIn.objects.exists()
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="It has arrived")).to_be_visible()
    assert [answer.words for answer in Answer.objects.exclude(words="")] == [WORDS]
    assert CheckIn.objects.count() == 1
    assert phone.evaluate("async (path) => !!(await caches.match(path))", address) is False


def test_it_outlives_a_reload_without_a_network(phone: Page, address: str) -> None:
    typed_without_a_network(phone, address)
    phone.reload()
    expect(phone.get_by_text("Kept on this phone, not sent yet")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="It has arrived")).to_be_visible()
    assert CheckIn.objects.count() == 1
    phone.goto(address)
    assert CheckIn.objects.count() == 1


def test_what_waits_can_be_deleted_from_the_phone(phone: Page, address: str) -> None:
    typed_without_a_network(phone, address)
    phone.get_by_role("button", name="Delete it from this phone").click()
    expect(phone.locator("form.check-in")).to_be_visible()
    phone.context.set_offline(False)
    phone.goto(address)
    expect(phone.get_by_role("heading", name="How was it for you?")).to_be_visible()
    assert not CheckIn.objects.exists()


def test_with_a_network_it_is_sent_as_ever_and_the_server_may_ask_back(phone: Page, address: str) -> None:
    opened(phone, address)
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.get_by_text("Nothing is filled in yet")).to_be_visible()
    phone.locator("textarea[name=words]").fill(WORDS)
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.get_by_role("heading", name="It has arrived")).to_be_visible()
    assert CheckIn.objects.count() == 1
