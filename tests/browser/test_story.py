"""The story of the client who hates journaling, played through the pages, from account to closed episode."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from reknit.practice import clock

from .conftest import inspect

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
HURT = "I almost didn't come back. I hate journaling. It felt like school again."
REPLY = (
    "Thank you for telling me. When I asked you to write every morning, it felt like school, and "
    "you almost didn't "
    "come back. That is on me: I never asked. I just learned something about you, and I won't "
    "suggest it again. "
    "What else should I know?"
)


@pytest.fixture
def open_signup(settings):
    settings.OPEN_SIGNUP = True


class Therapist:
    """What a therapist does, by the words on the pages."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def sign_up(self) -> None:
        self.page.goto("/")
        self.page.get_by_role("link", name="Open the first account").click()
        inspect(self.page)
        self.page.get_by_label("Your name").fill("Robin")
        self.page.get_by_label("Email").fill("robin@practice.example")
        self.page.get_by_label("Password").fill("a long quiet sentence")
        self.press("Open the account")
        self.page.wait_for_url("**/practice/")

    def add_client(self, called: str, first: datetime) -> str:
        """Returns the address of the welcome link."""
        self.page.goto("/practice/clients/new/")
        inspect(self.page)
        self.page.get_by_label("What you call them").fill(called)
        self.page.get_by_label("First session").fill(first.strftime("%Y-%m-%dT%H:%M"))
        self.press("Add")
        inspect(self.page)
        return self.page.get_by_label("The same link as text").input_value()

    def open(self, called: str) -> None:
        self.page.goto("/practice/caseload/")
        self.page.get_by_role("link", name=called).first.click()
        self.page.wait_for_url("**/practice/with/**")

    def met(self, called: str) -> str:
        """Record that the session took place; returns the address of the check-in."""
        self.open(called)
        self.press("We met")
        return self.page.get_by_label("The same link as text").input_value()

    def plan(self, called: str, when: datetime) -> None:
        self.open(called)
        field = self.page.get_by_label("Date and time")
        if not field.is_visible():
            self.page.locator("summary", has_text="Plan a session").click()
        field.fill(when.strftime("%Y-%m-%dT%H:%M"))
        self.press("Plan it")

    def propose(self, called: str, text: str) -> None:
        self.open(called)
        self.page.get_by_label("What you would like to propose").fill(text)
        self.press("Propose")


class Client:
    """What a client does on a phone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.home = ""

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def begin(self, address: str) -> None:
        self.page.goto(urlsplit(address).path)
        inspect(self.page)
        self.press("Yes, ask me after sessions")
        expect(self.page.get_by_role("heading", name="Your page")).to_be_visible()
        self.home = urlsplit(self.page.url).path
        inspect(self.page)

    def check_in(self, address: str, rating: int, *, bothered: str = "No", words: str = "") -> None:
        self.page.goto(urlsplit(address).path)
        for group in self.page.locator("fieldset", has=self.page.locator(".line")).all():
            group.get_by_role("radio").nth(rating).check(force=True)
        self.page.get_by_role("radio", name=bothered, exact=True).check(force=True)
        if words:
            self.page.get_by_label("Say it in your own words").fill(words)
        inspect(self.page)
        self.press("Send")
        expect(self.page.get_by_role("heading", name="It has arrived")).to_be_visible()
        inspect(self.page)

    def at_home(self, link: str) -> None:
        self.page.goto(self.home)
        self.page.get_by_role("link", name=link).first.click()
        inspect(self.page)


@pytest.mark.usefixtures("open_signup", "transactional_db")
def test_from_account_to_closed_episode(desk: Page, phone: Page) -> None:
    therapist, jo = Therapist(desk), Client(phone)
    with clock.at(START):
        therapist.sign_up()
        inspect(desk)
        jo.begin(therapist.add_client("Jo", START + timedelta(hours=1)))

    with clock.at(START + timedelta(hours=2)):
        jo.check_in(therapist.met("Jo"), 7)
        therapist.propose("Jo", "Write three pages in a journal every morning")
        jo.at_home("Does it suit you?")
        phone.get_by_label("Suits me").check(force=True)
        jo.press("Send")
        therapist.plan("Jo", START + WEEK)

    with clock.at(START + WEEK + timedelta(hours=1)):
        jo.check_in(therapist.met("Jo"), 3, bothered="Yes", words=HURT)

    with clock.at(START + WEEK + timedelta(days=1)):
        _repair(therapist, desk)
        _answer(jo, phone)

    with clock.at(START + WEEK + timedelta(days=2)):
        _learn(therapist, desk)
        _confirm(jo, phone)

    _the_guard_refuses(therapist, jo)

    for week, rating in ((2, 8), (3, 9)):
        with clock.at(START + WEEK + timedelta(days=3 + week)):
            therapist.plan("Jo", START + week * WEEK)
        with clock.at(START + week * WEEK + timedelta(hours=1)):
            jo.check_in(therapist.met("Jo"), rating)

    with clock.at(START + 4 * WEEK):
        therapist.open("Jo")
        expect(desk.get_by_text(re.compile("trust came back|trust grew past"))).not_to_have_count(0)
        expect(desk.locator("svg").first).to_be_visible()
        inspect(desk)
        phone.goto(jo.home)
        expect(phone.get_by_text("has been talked through")).to_be_visible()
        phone.get_by_role("link", name="Who read your words, and when").click()
        expect(phone.get_by_text("Robin").first).to_be_visible()
        inspect(phone)


def _repair(therapist: Therapist, desk: Page) -> None:
    """The question is answered by looking into it; the reply is read privately, then shared."""
    therapist.open("Jo")
    inspect(desk)
    expect(desk.get_by_text(HURT)).to_have_count(0)
    desk.get_by_role("link", name="Open without a guess").click()
    expect(desk.get_by_text(HURT).first).to_be_visible()
    therapist.open("Jo")
    expect(desk.get_by_role("heading", name="Might something have hurt in session 2?")).to_be_visible()
    therapist.press("Look into it")
    inspect(desk)
    desk.get_by_label("What they felt").fill("Back at school, and close to leaving.")
    desk.get_by_label("What you intended").fill("Something simple to do.")
    desk.get_by_role("radio", name=re.compile("withdrawal", re.IGNORECASE)).check(force=True)
    desk.get_by_label("What may lie behind it? Nobody is to blame.").select_option(label="not knowing")
    therapist.press("That is how I understand it")
    desk.get_by_label("Your reply").fill("You misunderstood me. I only wanted to help.")
    therapist.press("Read my draft")
    expect(desk.locator("mark").first).to_be_visible()
    inspect(desk)
    desk.get_by_label("Your reply").fill(REPLY)
    therapist.press("Share it")
    expect(desk.get_by_text("reply shared").first).to_be_visible()


def _answer(jo: Client, phone: Page) -> None:
    jo.at_home("Read it and answer")
    expect(phone.get_by_text("I never asked")).to_be_visible()
    phone.get_by_label("yes, that is it").check(force=True)
    jo.press("Send")


def _learn(therapist: Therapist, desk: Page) -> None:
    therapist.open("Jo")
    desk.get_by_role("link", name="Go on with it").click()
    inspect(desk)
    sentence = desk.get_by_label("What you learned, in their own words").first
    sentence.fill("I hate journaling. It is like school.")
    desk.get_by_label("In a word or two, what it is about").first.fill("journaling")
    desk.get_by_label("never again").first.check(force=True)
    desk.locator("#learn").get_by_role("button", name="Keep it").click()


def _confirm(jo: Client, phone: Page) -> None:
    jo.at_home("Is this so?")
    phone.get_by_label(re.compile("yes", re.IGNORECASE)).first.check(force=True)
    jo.press("Send")


def _the_guard_refuses(therapist: Therapist, jo: Client) -> None:
    desk = therapist.page
    with clock.at(START + WEEK + timedelta(days=2, hours=1)):
        therapist.propose("Jo", "Three pages every morning, about anything")
        expect(desk.get_by_text("I hate journaling. It is like school.").first).to_be_visible()
        inspect(desk)
        jo.page.goto(jo.home)
        expect(jo.page.get_by_text("Three pages every morning")).to_have_count(0)
