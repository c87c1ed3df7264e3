"""The pages in a browser: on a phone and at a desk, by keyboard, without a script, read by axe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from reknit.practice import loop
from reknit.practice.appointments.models import Status

from .conftest import NOW
from .test_episode import DRAFT, UNDERSTOOD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]


def sit_down(browser: Browser, live_server: Any, desk: Client, **how: Any) -> Iterator[Page]:
    """A browser in which the owner has signed in. Whatever it complains about fails the test."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB", **how)
    cookie = desk.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert not [one for one in complaints if "status of 4" not in one]


@pytest.fixture
def screen(browser: Browser, live_server: Any, desk: Client) -> Iterator[Page]:
    yield from sit_down(browser, live_server, desk)


@pytest.fixture
def plain(browser: Browser, live_server: Any, desk: Client) -> Iterator[Page]:
    yield from sit_down(browser, live_server, desk, java_script_enabled=False)


@pytest.fixture
def pages(jo: Any, due: Any, last: Any, home: str) -> list[str]:
    loop.plan_session(jo.therapist, jo.relationship, NOW + timedelta(hours=3))
    loop.propose_homework(jo.therapist, jo.relationship, "A walk after lunch")
    episode = loop.open_episode(jo.therapist, jo.relationship, "own_sense", session=due)
    loop.understand(jo.therapist, episode, **UNDERSTOOD)
    here = [f"/practice/episodes/{episode.pk}/", f"/practice/sessions/{due.pk}/move/"]
    lists = ["/practice/", "/practice/caseload/", "/practice/clients/new/"]
    return [
        *lists,
        *here,
        home,
        f"{home}words/",
        f"{home}welcome/",
        f"/practice/sessions/{last.pk}/check-in/",
    ]


def test_no_page_shuts_anybody_out(screen: Page, pages: list[str]) -> None:
    for address in pages:
        screen.goto(address)
        for size in SIZES:
            screen.set_viewport_size(size)  # type: ignore[arg-type]
            for scheme in ("light", "dark"):
                screen.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                found = Axe().run(screen).response["violations"]
                assert not found, f"{address} {size['width']} {scheme}: {[each['id'] for each in found]}"
            wide = screen.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{address} is {wide} px wider than {size['width']}"


def test_a_session_is_recorded_by_keyboard_and_handed_over(screen: Page, due: Any) -> None:
    screen.goto("/practice/")
    button = screen.get_by_role("button", name="We met")
    for _press in range(40):
        screen.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    screen.keyboard.press("Enter")
    expect(screen.get_by_role("heading", name="How was it for Jo?")).to_be_visible()
    assert "/c/" in screen.get_by_label("The same link as text").input_value()
    due.refresh_from_db()
    assert due.status == Status.ATTENDED


def test_a_draft_is_read_while_it_is_typed(screen: Page, jo: Any) -> None:
    episode = loop.open_episode(jo.therapist, jo.relationship, "own_sense")
    loop.understand(jo.therapist, episode, **UNDERSTOOD)
    screen.goto(f"/practice/episodes/{episode.pk}/")
    screen.get_by_label("Your reply").press_sequentially(DRAFT)
    expect(screen.locator("mark").first).to_have_text("I was only trying")
    expect(screen.get_by_label("Your reply")).to_be_focused()
    expect(screen.get_by_label("Your reply")).to_have_value(DRAFT)
    screen.reload()
    expect(screen.get_by_label("Your reply")).to_have_value(DRAFT)


def test_everything_works_without_a_script(plain: Page, jo: Any, home: str) -> None:
    plain.goto(home)
    plain.locator(".line__step").nth(8).click()
    plain.get_by_role("button", name="Keep my guess and open").click()
    expect(plain.get_by_text("You had guessed 8 of 10")).to_be_visible()
    plain.get_by_role("button", name="Something hurt: look into it").click()
    plain.get_by_label("What they felt").fill("Back at school.")
    plain.get_by_label("withdrawal").check()
    plain.get_by_label("What may lie behind it?").select_option("naivety")
    plain.get_by_role("button", name="That is how I understand it").click()
    plain.get_by_label("Your reply").fill(DRAFT)
    plain.get_by_role("button", name="Read my draft").click()
    expect(plain.locator("mark").first).to_have_text("I was only trying")
    plain.get_by_role("button", name="Share it").click()
    expect(plain.get_by_role("heading", name="Your reply is with Jo")).to_be_visible()
    assert jo.relationship.episodes.get().state == "replied"


def test_only_if_asks_for_its_condition_when_it_is_chosen(screen: Page, home: str) -> None:
    screen.goto(home)
    screen.locator("summary", has_text="I just learned something").click()
    condition = screen.get_by_label("Only if what?")
    expect(condition).to_be_hidden()
    screen.get_by_label("only if …").check()
    expect(condition).to_be_visible()
