"""A client's pages in every language, on a phone: axe in light and dark, nothing wider than the screen.

`PICTURES=folder` keeps a picture of every page, for whoever reviews a translation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext as _
from playwright.sync_api import Browser, Page, expect

from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.languages import LANGUAGES
from tests.web.client.conftest import Person, a_person, therapist  # noqa: F401

from .conftest import PHONE, inspect

pytestmark = pytest.mark.django_db(transaction=True)
LOCALES = {"ar": "ar-EG", "zh-hans": "zh-CN", "de": "de-CH", "fr": "fr-FR", "es": "es-MX", "en": "en-GB"}
WORDS = {"ar": "كان الوقت قصيرًا", "zh-hans": "时间太短了"}


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    with translation.override(request.param):
        yield request.param


@pytest.fixture
def handset(browser: Browser, live_server: Any, language: str) -> Iterator[Page]:
    """A phone that asks for this language, as it was bought."""
    context = browser.new_context(
        viewport=PHONE, base_url=live_server.url, locale=LOCALES[language], bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.fixture
def person(therapist: Any) -> Person:  # noqa: F811
    return a_person(therapist, "Robin")


def picture(page: Page, language: str, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{folder}/{language}-{name}-{scheme}.png", full_page=True)


def looks_right(page: Page, language: str, name: str) -> None:
    html = page.locator("html")
    expect(html).to_have_attribute("lang", language)
    expect(html).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    inspect(page)
    picture(page, language, name)


def test_a_check_in_from_first_look_to_own_page(handset: Page, language: str, person: Person) -> None:
    handset.goto(person.at(token=person.check_in))
    looks_right(handset, language, "check-in")
    step = handset.locator(".line").first.locator(".line__step")
    boxes = [step.nth(n).bounding_box() for n in (0, 10)]
    assert (boxes[0]["x"] > boxes[1]["x"]) == (language == "ar"), "the line grows in the reading direction"
    step.nth(8).click()
    handset.locator("input[name=bothered]").nth(1).check()
    handset.locator("textarea[name=words]").fill(WORDS.get(language, "Too short"))
    handset.get_by_role("button", name=_("Send"), exact=True).click()
    expect(handset.get_by_role("heading", name=_("It has arrived"))).to_be_visible()
    looks_right(handset, language, "received")
    kept = CheckIn.objects.get(session=person.session)
    assert Answer.objects.get(check_in=kept, question="understood").value == 8
    assert Answer.objects.get(check_in=kept, question="words").words == WORDS.get(language, "Too short")
    handset.goto(person.at())
    looks_right(handset, language, "home")


def test_every_other_page_fits(handset: Page, language: str, person: Person) -> None:
    things = {name: getattr(person.things.get(name), "pk", 0) for name in ("reply", "learning", "homework")}
    addresses = {name: person.at(name, pk=pk) for name, pk in things.items()}
    addresses |= {name: person.at(name) for name in ("readers", "concern", "stop", "said")}
    addresses["closed"] = "/c/none/"
    for name, address in addresses.items():
        handset.goto(address)
        looks_right(handset, language, name)


@pytest.mark.parametrize("language", ["en"], indirect=True)
def test_changing_the_language_keeps_what_was_typed(handset: Page, language: str, person: Person) -> None:
    handset.goto(person.at(token=person.check_in))
    handset.locator(".line").first.locator(".line__step").nth(3).click()
    handset.locator("textarea[name=words]").fill("Half a thought")
    handset.locator("a.tongue").click()
    handset.locator("button[name=language][value=ar]").click()
    looks_right(handset, "ar", "changed")
    assert handset.locator("textarea[name=words]").input_value() == "Half a thought"
    assert handset.locator("input[name=understood]:checked").get_attribute("value") == "3"
    person.relationship.client.refresh_from_db()
    assert person.relationship.client.language == "ar"
    assert not CheckIn.objects.filter(session=person.session).exists(), "nothing is sent by it"
