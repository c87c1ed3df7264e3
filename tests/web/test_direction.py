"""Own words keep their own direction: wherever they are quoted, the browser finds it out (`dir`)."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client

from .test_every_address import addresses
from .world import READERS, Side, build

pytestmark = pytest.mark.django_db

VOID = {"meta", "link", "input", "img", "br", "hr", "path", "circle", "rect", "use", "source"}
NOT_QUOTES = {"called", "reflection"}  # a name stands in a sentence of ours; so does what is only typed
UNSEEN = ("title", "option", "script", "style")


class Quotes(HTMLParser):
    """The texts of a page that stand outside any element which finds out its own direction."""

    def __init__(self, kept: set[str]) -> None:
        super().__init__()
        self.kept, self.open, self.wrong = kept, [], []
        self.quoted = 0

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            given = dict(attrs)
            hidden = tag in UNSEEN or "hidden-text" in (given.get("class") or "")
            self.open.append((tag, hidden or tag == "bdi" or given.get("dir") == "auto"))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        for text in self.kept:
            if text in data:
                self.quoted += 1
                if not any(is_free for _tag, is_free in self.open):
                    self.wrong.append(data.strip()[:80])


def wrong(browser: Client, about: Side, token: str) -> tuple[int, list[str]]:
    kept = {about.text(kind) for kind in READERS if kind not in NOT_QUOTES}
    quoted, found = 0, []
    for address in addresses():
        answer = browser.get(address.path(about, token))
        if "text/html" in answer.get("Content-Type", ""):
            page = Quotes(kept)
            page.feed(answer.content.decode())
            quoted += page.quoted
            found += [f"{address.name}: {each}" for each in page.wrong]
    return quoted, found


def test_own_words_are_quoted_in_their_own_direction():
    world = build()
    desk = Client()
    desk.force_login(world.a.pair.therapist.user)
    for browser, token in ((desk, "no-such-link"), (Client(), world.a.token)):
        quoted, found = wrong(browser, world.a, token)
        assert quoted > 10
        assert not found, found
