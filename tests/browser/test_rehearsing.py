"""A therapist rehearses by keyboard alone, and looks at their own growth, on a small screen and on paper."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from reknit.practice import clock, loop
from reknit.practice.demo.stage import hold, meet, say
from reknit.practice.insight.growth import FEW
from reknit.practice.people.models import User

from .conftest import PHONE, inspect, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rehearsal_by_keyboard(desk: Page, live_server: Any) -> None:
    robin = User.objects.create_user("robin@practice.example", name="Robin")
    sign_in(desk, robin, live_server.url)
    desk.set_viewport_size(PHONE)
    desk.goto(reverse("therapist:rehearse"))
    inspect(desk)
    desk.get_by_role("link", name="Three pages every morning").press("Enter")
    desk.get_by_label("What would you say?").press_sequentially(
        "You misunderstood me. I only wanted to help."
    )
    expect(desk.locator(".reading mark").first).to_be_visible()  # read as it is typed
    expect(desk.locator("#reading-said")).to_have_text(re.compile("defending"))  # aloud, in one sentence
    desk.route("**/rehearse/journaling/", lambda sent: sent.abort("internetdisconnected"))
    desk.get_by_label("What would you say?").press_sequentially(" Please.")
    expect(desk.get_by_text("This could not be read just now").first).to_be_visible()
    expect(desk.locator(".reading mark")).to_have_count(0)  # not what an earlier draft was read as
    desk.unroute("**/rehearse/journaling/")
    desk.get_by_role("button", name="Say it").press("Enter")
    expect(desk.get_by_text("They say", exact=True)).to_have_count(2)
    inspect(desk)
    desk.get_by_role("button", name="Look back on it").press("Enter")
    expect(desk.get_by_text("Trust fell.")).to_be_visible()
    expect(desk.get_by_role("img", name="Trust from reply to reply")).to_be_visible()
    inspect(desk)
    desk.emulate_media(media="print")
    expect(desk.get_by_role("link", name="Try again")).to_be_hidden()


def test_ones_own_growth(desk: Page, live_server: Any) -> None:
    robin = User.objects.create_user("robin@practice.example", name="Robin")
    loop.open_clinic(robin, "Elm Street")
    sign_in(desk, robin, live_server.url)
    first = clock.now() - timedelta(weeks=FEW + 1)
    pair = meet(robin, "Jo", first)
    for week in range(FEW):
        session = hold(pair, first + timedelta(weeks=week))
        loop.guess_check_in(pair.therapist, session, 9)
        say(pair, session, [6] * 5)
    desk.goto("/practice/")
    desk.get_by_role("link", name="My growth").click()
    expect(desk.get_by_text("better for them than they say")).to_be_visible()
    for summary in desk.locator("summary").all():
        summary.click()
    desk.set_viewport_size(PHONE)
    inspect(desk)
