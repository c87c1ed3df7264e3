"""What a frightened person needs is on every page a client can open: a way out, and who to turn to now."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser

from reknit.practice import clock, loop

from .conftest import Person
from .test_doors import NAMES, address

NOT_PAGES = {"download"}
SENT_ONLY = {"begin", "add", "mended", "new_link"}


def stands_on(page: str, contact: str = 'href="tel:116123"') -> None:
    assert "data-leave" in page
    assert 'href="https://www.wikipedia.org/"' in page
    assert "Nobody reads this page in real time." in page
    assert "call the emergency number where you are" in page
    assert contact in page


@pytest.mark.parametrize("name", sorted(set(NAMES) - NOT_PAGES - SENT_ONLY))
def test_a_way_out_and_help_now_on_every_page(phone: Browser, owner: Person, name: str) -> None:
    answer = phone.get(address(owner.home, owner, name))
    assert answer.status_code in (200, 404)  # also where what it was about is gone
    stands_on(answer.content.decode())


def test_also_on_the_check_in_and_when_it_has_arrived(phone: Browser, owner: Person) -> None:
    form = owner.at(token=owner.check_in)
    stands_on(phone.get(form).content.decode())
    stands_on(phone.post(form, {"bothered": "", "words": ""}).content.decode())  # nothing filled in
    arrived = phone.post(form, {"words": "The clock, again."}, follow=True).content.decode()
    stands_on(arrived)
    assert "What happens next" in arrived
    assert "What came of what you said before" in arrived


def test_also_where_nothing_opens(phone: Browser, owner: Person) -> None:
    stands_on(phone.get("/c/no-such-link/").content.decode(), contact="")


def test_what_happens_next_is_said_with_and_without_a_date(phone: Browser, owner: Person) -> None:
    form = owner.at(token=owner.check_in)
    arrived = phone.post(form, {"words": "The clock, again."}, follow=True)
    assert "Before you next meet, Ana Ruiz looks at" in arrived.content.decode()
    loop.plan_session(owner.pair.therapist, owner.relationship, clock.now() + timedelta(days=1))
    again = phone.get(arrived.redirect_chain[-1][0]).content.decode()
    assert "You meet next on" in again
    assert "Before that, Ana Ruiz looks at" in again
