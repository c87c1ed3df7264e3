"""People, hand-over, retention and messages in a real browser: on a phone, at a desk, light and dark."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from reknit.practice.loop import hand_over as steps
from reknit.practice.people.models import Client as Person
from reknit.practice.rights.models import RetentionRule
from tests.browser.conftest import inspect
from tests.browser.test_questionnaires import sign_in
from tests.web.world import World, build


@pytest.fixture
def world(transactional_db: None) -> World:
    call_command("createcachetable", verbosity=0)
    made = build()
    RetentionRule.objects.create(
        clinic=made.clinic, said_years=1, whole_years=10, law_years=7, law="Health Records Act"
    )
    return made


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_no_page_for_staff_fails_at_what_no_page_may_fail_at(
    screen: str, world: World, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(screen)
    a = world.a
    pages = {
        "lead": [
            "/clinic/people/", f"/clinic/people/{a.objects['person'].pk}/", "/clinic/hand-over/",
            f"/clinic/hand-over/client/{world.b.pair.relationship.pk}/", "/clinic/retention/",
            f"/clinic/retention/{a.objects['erasing'].pk}/", "/accounts/sessions/", "/clinic/research/",
        ],
        "successor": ["/clinic/hand-over/mine/", f"/clinic/hand-over/{a.objects['hand_over'].pk}/brought/"],
    }  # fmt: skip
    for who, paths in pages.items():
        sign_in(page, world.staff[who])
        for path in paths:
            answer = page.goto(path)
            assert answer
            assert answer.status == 200, path
            inspect(page)


def test_a_client_decides_on_a_phone_what_goes_along(phone: Page, world: World) -> None:
    phone.goto(f"/c/{world.b.token}/")
    inspect(phone)
    phone.get_by_role("link", name="Read it and answer").first.click()
    inspect(phone)
    phone.get_by_label("Yes", exact=True).check(force=True)
    phone.get_by_label("What was difficult between us").check()
    phone.get_by_label("what I said to my therapist at once", exact=True).check(force=True)
    phone.get_by_role("button", name="Send my answer").click()
    expect(phone.get_by_text("You and successor")).to_be_visible()
    hand_over = world.b.objects["hand_over"]
    hand_over.refresh_from_db()
    assert (hand_over.state, hand_over.with_learnings, hand_over.with_episodes) == ("agreed", False, True)
    assert steps.hand_overs_with(hand_over.to).count() == 2


def test_a_client_sets_messages_and_asks_to_be_erased_on_a_phone(phone: Page, world: World) -> None:
    phone.goto(f"/c/{world.a.token}/messages/")
    inspect(phone)
    phone.get_by_label("Your e-mail address or phone number").fill("anna@")
    phone.get_by_role("button", name="Keep it so").click()
    expect(phone.locator("[name=contact]")).to_have_value("anna@")
    inspect(phone)
    phone.locator("[name=contact]").fill("anna@home.example")
    phone.get_by_label("I may get e-mails").check()
    phone.get_by_role("button", name="Keep it so").click()
    expect(phone.get_by_text("Kept. It holds from now on.")).to_be_visible()
    client: Any = Person.objects.get(pk=world.a.pair.relationship.client_id)
    assert client.contact == "anna@home.example"
    phone.goto(f"/c/{world.b.token}/erase/")
    inspect(phone)
    phone.get_by_role("button", name="Take it back").click()
    phone.get_by_role("button", name="Ask for it").click()
    expect(phone.get_by_text("Your clinic answers by")).to_be_visible()
