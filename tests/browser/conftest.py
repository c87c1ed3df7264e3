"""Two people in real browsers: a therapist at a desk, a client on a phone; and what no page may fail at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import get_resolver
from playwright.sync_api import Browser, Page

from reknit.practice.people.models import User

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def desk(browser: Browser, live_server: Any) -> Iterator[Page]:
    """The therapist's browser."""
    yield from _page(browser, live_server.url, DESK)


@pytest.fixture
def phone(browser: Browser, live_server: Any) -> Iterator[Page]:
    """The client's browser: a phone, and a person of their own."""
    yield from _page(browser, live_server.url, PHONE)


@pytest.fixture
def office(browser: Browser, live_server: Any) -> Iterator[Page]:
    """The browser of somebody else at the clinic."""
    yield from _page(browser, live_server.url, DESK)


def sign_in(page: Page, user: User, base: str) -> None:
    """Sign somebody in without the pages for it, which have plays of their own."""
    someone = Client()
    someone.force_login(user)
    page.context.add_cookies([{"name": k, "value": c.value, "url": base} for k, c in someone.cookies.items()])


def _page(browser: Browser, base: str, viewport: Any) -> Iterator[Page]:
    assert get_resolver().url_patterns  # loads every page's code before the first page's time is taken
    context = browser.new_context(viewport=viewport, base_url=base, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(20_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    # as the test meant it to be
    fine = ("status of 4", "ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
    unexpected = [problem for problem in problems if not any(word in problem for word in fine)]
    assert not unexpected, f"the browser complained: {unexpected}"


def inspect(page: Page) -> None:
    """No serious accessibility violation in light or dark, and nothing wider than the screen."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        grave = [
            f"{each['id']}: {node['html'][:120]}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
        assert not grave, f"{page.url} ({scheme}): {grave}"
    page.emulate_media(color_scheme="light")
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} is {width} px too wide"
