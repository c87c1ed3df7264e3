"""Five short plays: what a client can say, and what comes of it, in the browsers of those concerned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from reknit.practice import clock, loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.demo.stage import Pair, hold, meet, say
from reknit.practice.people.models import Membership, Role, User

from .conftest import inspect, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

WEEK = timedelta(days=7)
JOURNAL = "Write in your journal every morning"


@dataclass
class Stage:
    """Robin and Jo, two sessions in; Mo hears concerns. Each at their own browser."""

    pair: Pair
    desk: Page
    phone: Page
    office: Page
    home: str

    def at_desk(self, path: str = "") -> Page:
        self.desk.goto(f"/practice/{path}")
        return self.desk

    def with_jo(self, path: str = "") -> Page:
        return self.at_desk(f"with/{self.pair.relationship.pk}/{path}")

    def at_home(self, path: str = "") -> Page:
        self.phone.goto(self.home + path)
        return self.phone


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page that answers, before anybody else looks."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).first.check(force=True)


@pytest.fixture
def stage(desk: Page, phone: Page, office: Page, live_server: Any) -> Stage:
    robin = User.objects.create_user("robin@practice.example", name="Robin")
    mo = User.objects.create_user("mo@practice.example", name="Mo")
    clinic = loop.open_clinic(mo, "Elm Street", crisis_contacts="Helpline: 116 123")
    Membership.objects.create(user=robin, clinic=clinic, role=Role.THERAPIST)
    Membership.objects.create(user=mo, clinic=clinic, role=Role.SAFEGUARDING)
    pair = meet(robin, "Jo", clock.now() - 3 * WEEK)
    for weeks in (3, 2):
        say(pair, hold(pair, clock.now() - weeks * WEEK), [7] * 5)
    sign_in(desk, robin, live_server.url)
    sign_in(office, mo, live_server.url)
    token = loop.issue_link(pair.client, pair.relationship, LinkKind.HOME)
    return Stage(pair, desk, phone, office, f"/c/{token}/")


def test_a_hidden_complaint(stage: Stage) -> None:
    """Jo tells safeguarding; Robin sees nothing of it anywhere; safeguarding answers, and Jo reads it."""
    phone, office, complaint = stage.at_home(), stage.office, "Robin writes to me at night."
    follow(phone, "A concern about your therapist")
    phone.get_by_label("What happened, in your own words").fill(complaint)
    press(phone, "Send it to Mo")
    expect(phone.get_by_text("Your therapist is not told")).to_be_visible()

    relationship = f"with/{stage.pair.relationship.pk}/"
    for path in ("", "caseload/", "growth/", relationship, f"{relationship}words/"):
        assert "at night" not in stage.at_desk(path).content()
    stage.desk.goto("/clinic/concerns/")
    assert "at night" not in stage.desk.content()

    office.goto("/clinic/concerns/")
    expect(office.get_by_text(complaint)).to_be_visible()
    inspect(office)
    for state, told in (
        ("read, and being looked into", "I am looking into it."),
        ("answered", "I spoke with Robin. It will not happen again."),
    ):
        follow(office, "What was done, and the next step")
        choose(office, state)
        office.get_by_label("What the client is told").fill(told)
        press(office, "Keep it, and tell the client")
    expect(office.get_by_text("The client can read it on their page.")).to_be_visible()

    stage.at_home("concern/")
    expect(phone.get_by_text("It will not happen again.")).to_be_visible()
    expect(phone.get_by_text("Read by Mo")).to_be_visible()
    inspect(phone)


def test_once_i_am_in_the_room(stage: Stage) -> None:
    """What is kept for the room opens when the next session is marked as held, and not before."""
    hard, pair = "I was ashamed when you laughed.", stage.pair
    session = hold(pair, clock.now() - WEEK)
    phone = stage.at_home(f"check-in/{session.pk}/")
    phone.get_by_label("Say it in your own words").fill(hard)
    choose(phone, "My therapist, once I am in the room")
    press(phone, "Send")
    expect(phone.get_by_text("once you are in the room together, and not before").first).to_be_visible()

    assert hard not in stage.with_jo().content()
    expect(stage.with_jo("words/").get_by_text("There are no words to read yet.")).to_be_visible()

    loop.plan_session(pair.therapist, pair.relationship, clock.now() - timedelta(hours=1))
    press(stage.with_jo(), "We met")
    expect(stage.with_jo("words/").get_by_text(hard)).to_be_visible()
    expect(stage.at_home("readers/").get_by_text("Robin:")).to_be_visible()


def learned(pair: Pair, sentence: str) -> Any:
    return loop.propose_learning(
        pair.therapist, pair.relationship, sentence=sentence, topic="journaling", polarity="avoid",
        strength="never",
    )  # fmt: skip


def propose(stage: Stage, text: str) -> Page:
    desk = stage.with_jo()
    desk.get_by_label("What you would like to propose").fill(text)
    press(desk, "Propose")
    return desk


def test_a_learning_is_corrected_by_the_client(stage: Stage) -> None:
    """Jo says it better; from then on Robin sees Jo's sentence in the brief and beside a proposal."""
    learned(stage.pair, "Jo finds journaling boring.")
    loop.plan_session(stage.pair.therapist, stage.pair.relationship, clock.now() + timedelta(hours=2))
    better = "I hate journaling. It is not boring, it is school."
    phone = stage.at_home()
    follow(phone, "Is this so?")
    choose(phone, "Nearly: I would say it differently")
    phone.get_by_label("How you would say it").fill(better)
    press(phone, "Send")

    expect(stage.at_desk().get_by_text(better)).to_be_visible()
    desk = propose(stage, JOURNAL)
    expect(desk.locator("#propose").get_by_text(better)).to_be_visible()
    assert "Jo finds journaling boring." not in desk.locator("#propose").inner_text()
    desk.get_by_text("What it said before").click()
    expect(desk.get_by_text("Jo finds journaling boring.")).to_be_visible()
    inspect(desk)


def test_an_override_is_seen_by_the_client(stage: Stage) -> None:
    """Robin proposes it all the same, with a reason; Jo sees sentence and reason, and has the last word."""
    own, reason = "I hate journaling.", "You asked me to try it once more."
    loop.confirm_learning(stage.pair.client, learned(stage.pair, own))
    desk = propose(stage, JOURNAL)
    desk.locator("summary", has_text="Propose it all the same").click()
    desk.get_by_label("Why you propose it all the same").fill(reason)
    press(desk, "Propose it with this reason")
    expect(desk.get_by_text("proposed although it touches something learned")).to_be_visible()

    phone = stage.at_home()
    expect(phone.get_by_text("It touches something you said before.")).to_be_visible()
    follow(phone, "Does it suit you?")
    expect(phone.get_by_text(own)).to_be_visible()
    expect(phone.get_by_text(reason)).to_be_visible()
    inspect(phone)
    choose(phone, "I would rather not")
    phone.get_by_label("In your own words").fill("I only said perhaps.")
    press(phone, "Send")
    expect(stage.with_jo().get_by_text("I only said perhaps.")).to_be_visible()


def test_an_episode_that_ends_well(stage: Stage) -> None:
    """Jo needs somebody else. That is heard, the end is a good one, and nobody is shown a red mark."""
    pair, word = stage.pair, "Yes. And I need somebody who knows my illness."
    episode = loop.open_episode(pair.therapist, pair.relationship, "own_sense")
    loop.understand(
        pair.therapist, episode, kind="confrontation", cause="other", felt="Alone with it.", intended=""
    )
    loop.share_reply(
        pair.therapist, episode, "You have been explaining your illness to me. I waited too long."
    )
    phone = stage.at_home()
    follow(phone, "Read it and answer")
    choose(phone, "Yes, that is it")
    phone.get_by_label("In your own words").fill(word)
    press(phone, "Send")

    desk = stage.at_desk(f"episodes/{episode.pk}/")
    expect(desk.get_by_text(word).first).to_be_visible()
    desk.get_by_text("Close it another way").click()
    press(desk, "We end well, or I refer on")
    expect(desk.get_by_text("Ending well is an outcome, not a failure.")).to_be_visible()
    expect(stage.at_home().get_by_text("ended it well")).to_be_visible()
    for page in (desk, phone):
        assert page.evaluate(RED) == []


RED = """() => [...document.querySelectorAll("*")].filter((each) => {
  const style = getComputedStyle(each);
  return [style.color, style.backgroundColor, style.borderTopColor].some((colour) => {
    const [red, green, blue] = colour.match(/\\d+/g).map(Number);
    return red > 150 && green < 70 && blue < 70;
  });
}).map((each) => each.outerHTML.slice(0, 80))"""
