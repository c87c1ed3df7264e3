"""The client's pages in a browser on a phone: by touch, by keyboard, without a script, and read by axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from reknit.practice.checkins.models import Answer

from .conftest import Person
from .test_doors import ABOUT, NAMES, address

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}
PAGES = sorted(set(NAMES) - {"begin", "add", "mended", "download", "new_link"})


@pytest.fixture
def quick_exit(settings: Any, live_server: Any) -> str:
    settings.REKNIT_QUICK_EXIT_URL = f"{live_server.url}/healthz"
    return settings.REKNIT_QUICK_EXIT_URL


def a_phone(browser: Browser, **how: Any) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, **how)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture
def touch(browser: Browser) -> Iterator[Page]:
    yield from a_phone(browser)


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    yield from a_phone(browser, java_script_enabled=False)


def ratings(person: Person) -> dict[str, float | None]:
    answers = Answer.objects.filter(check_in__session=person.session)
    return dict(answers.exclude(value=None).values_list("question", "value"))


def test_a_check_in_by_taps_without_any_script(plain: Page, live_server: Any, owner: Person) -> None:
    plain.goto(live_server.url + owner.at(token=owner.check_in))
    plain.locator(".line").nth(0).locator(".line__step").nth(8).click()
    plain.locator(".line").nth(2).locator(".line__step").nth(3).click()
    plain.locator(".line").nth(4).locator(".line__step").nth(5).click()
    plain.locator(".line").nth(4).get_by_label("Take this answer back").click()
    plain.get_by_label("A little").check()
    plain.get_by_label("Say it in your own words").fill("The clock")
    plain.get_by_label("My therapist, once I am in the room").first.check()
    plain.get_by_role("button", name="Send").click()
    assert plain.get_by_role("heading", name="It has arrived").is_visible()
    assert ratings(owner) == {"understood": 8, "way": 3, "bothered": 1}
    plain.go_back()
    plain.reload()
    assert Answer.objects.filter(check_in__session=owner.session).count() == 4


def test_a_finger_drawn_along_the_line_takes_the_bead(touch: Page, live_server: Any, owner: Person) -> None:
    touch.goto(live_server.url + owner.at(token=owner.check_in))
    line = touch.locator(".line__steps").first.bounding_box()
    assert line
    middle = line["y"] + line["height"] / 2
    touch.mouse.move(line["x"] + 10, middle)
    touch.mouse.down()
    touch.mouse.move(line["x"] + line["width"] - 10, middle, steps=12)
    touch.mouse.up()
    assert touch.locator("input[name=understood]:checked").get_attribute("value") == "10"


def test_a_check_in_by_keyboard(touch: Page, live_server: Any, owner: Person) -> None:
    touch.goto(live_server.url + owner.at(token=owner.check_in))
    touch.locator("input[name=understood]").first.focus()
    for _step in range(4):
        touch.keyboard.press("ArrowRight")
    assert touch.locator("input[name=understood]:checked").get_attribute("aria-label") == "4"
    touch.keyboard.press("Tab")
    assert touch.evaluate("document.activeElement.name") == "matters"


def test_leaving_leaves_nothing_to_go_back_to(
    touch: Page, live_server: Any, owner: Person, quick_exit: str
) -> None:
    touch.goto(live_server.url + "/healthz?before")
    touch.goto(live_server.url + owner.at())
    touch.get_by_role("link", name="Leave this page").click()
    touch.wait_for_url(quick_exit)
    touch.go_back()
    assert touch.url.endswith("/healthz?before")


def test_typed_words_survive_going_away_and_back(touch: Page, live_server: Any, owner: Person) -> None:
    touch.goto(live_server.url + owner.at(token=owner.check_in))
    touch.get_by_label("Say it in your own words").fill("Half a thought")
    touch.goto(live_server.url + "/healthz")
    touch.go_back()
    assert touch.get_by_label("Say it in your own words").input_value() == "Half a thought"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, live_server: Any, owner: Person, scheme: Any, quick_exit: str
) -> None:
    errors: list[str] = []
    for page in a_phone(browser, color_scheme=scheme, bypass_csp=True):
        page.on("pageerror", lambda error: errors.append(str(error)))
        paths = [address(owner.home, owner, name) for name in PAGES] + [
            owner.at(token=owner.check_in),
            "/c/none/",
        ]
        for path in paths:
            page.goto(live_server.url + path)
            violations = Axe().run(page).response["violations"]
            assert not violations, (path, [(v["id"], v["nodes"][0]["html"]) for v in violations])
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert not errors
    assert ABOUT


def test_the_security_policy_is_kept(touch: Page, live_server: Any, owner: Person) -> None:
    said: list[str] = []
    touch.on("console", lambda message: said.append(message.text))
    for path in (owner.at(), owner.at(token=owner.check_in), "/"):
        touch.goto(live_server.url + path)
    assert said == []
