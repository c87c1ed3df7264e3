"""The audience of every word where no page is: the API, what is taken away, error pages, the log, an admin.

The walk over every address in `test_every_address` goes without tokens and without faults; this adds them.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from reknit.practice import loop
from reknit.practice.doors.api.models import Scope, Token
from reknit.practice.logs import QuietLines
from reknit.practice.people.models import User
from reknit.practice.rights.export import export

from .test_every_address import addresses
from .world import READERS, Side, World, build

pytestmark = pytest.mark.django_db

SECRET = "he laughed when I cried"
FOR_THE_CLIENT_TOO = {"said-for-the-room", "said-to-the-clinic", "said-to-nobody", "concern"}


@pytest.fixture
def world() -> World:
    return build()


def forbidden(relations: dict[str, str], world: World) -> set[str]:
    """What somebody who is this to each side may not read."""
    return {
        side.text(kind)
        for side in (world.a, world.b)
        for kind, readers in READERS.items()
        if relations.get(side.name, "") not in readers
    }


def staff(world: World) -> Iterator[tuple[str, User, dict[str, str]]]:
    for side in (world.a, world.b):
        yield f"therapist of {side.name}", side.pair.therapist.user, {side.name: "therapist"}
    for role, user in world.staff.items():
        yield role, user, {side.name: role for side in (world.a, world.b)}


def body_of(response) -> str:
    content = b"".join(response) if response.streaming else response.content
    return content.decode("utf-8", "replace").encode().decode("unicode_escape", "replace") + str(
        response.headers
    )


def test_a_token_opens_no_more_than_its_owner_may_read(world):
    """Every address of the API, with every scope at once, as everybody on the staff."""
    opened: set[str] = set()
    for name, user, relations in staff(world):
        headers = {"authorization": f"Bearer {Token.issue(user, 'all', [scope.value for scope in Scope])}"}
        closed = forbidden(relations, world)
        for address in addresses():
            if not address.name.startswith("api-v1:"):
                continue
            for about in (world.a, world.b):
                path = address.path(about, "no-such-link")
                text = body_of(Client(headers=headers).get(path, {"words": "true"}))
                leaked = {secret for secret in closed if secret in text}
                assert not leaked, f"{name} read {leaked} at {path}"
                opened |= {kind for kind, secret in about.texts.items() if secret in text}
    assert "said-now" in opened, "the API showed nothing, so this proves nothing"


def test_what_a_client_takes_away_is_theirs_and_nothing_else(world):
    for side, other in ((world.a, world.b), (world.b, world.a)):
        answer = Client().get(reverse("client:download", kwargs={"token": side.token}))
        text = json.dumps(answer.json(), ensure_ascii=False)
        assert not [
            kind for kind, readers in READERS.items() if "client" not in readers and side.text(kind) in text
        ]
        assert not [secret for secret in other.texts.values() if secret in text]
        assert all(side.text(kind) in text for kind in FOR_THE_CLIENT_TOO)


def test_the_whole_copy_holds_nothing_that_somebody_keeps_for_themselves(world, tmp_path: Path):
    """It is for the client: their own words, those said to them, and no other's."""
    loop.guess_check_in(world.b.pair.therapist, world.b.objects["session"], 6.1847)
    export(world.b.pair.relationship, tmp_path / "copy.zip")
    with zipfile.ZipFile(tmp_path / "copy.zip") as file:
        text = "".join(file.read(name).decode() for name in file.namelist())
    shown = {kind for kind in READERS if world.b.text(kind) in text}
    assert shown == {kind for kind, readers in READERS.items() if "client" in readers}
    assert "6.1847" not in text
    assert not [secret for secret in world.a.texts.values() if secret in text]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged meanwhile, down to the last debugging line, as it would be written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(QuietLines())
    root, before = logging.getLogger(), logging.getLogger().level
    quiet = {name: logging.getLogger(name).level for name in ("django", "django.request", "reknit")}
    root.addHandler(handler)
    for name in ("", *quiet):
        logging.getLogger(name or None).setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(before)
    for name, level in quiet.items():
        logging.getLogger(name).setLevel(level)


def wrong_turns(side: Side, browser: Client) -> Iterator[tuple[int, str]]:
    """Requests that go wrong with somebody's words in them: status, and what the error page says."""
    desk = Client(raise_request_exception=False, enforce_csrf_checks=True)
    desk.force_login(side.pair.therapist.user)
    home = reverse("client:door", kwargs={"token": side.token})
    asked = [
        browser.get("/nowhere/", {"words": SECRET}),
        browser.post(f"/c/no-such-link/?{SECRET}", {"said": SECRET}),
        browser.put(home, {"words": SECRET}),
        desk.post("/practice/clients/new/", {"called": SECRET}),
        browser.post(
            "/api/v1/relationships/1/check-ins/1", {"words": SECRET}, content_type="application/json"
        ),
    ]
    for response in asked:
        yield response.status_code, response.content.decode()


def test_a_request_that_fails_leaves_no_word_behind(world, log):
    seen = list(wrong_turns(world.a, Client(raise_request_exception=False)))
    assert all(400 <= status < 500 for status, _page in seen)
    assert not [page for _status, page in seen if SECRET in page]
    assert SECRET not in log.getvalue()
    assert world.a.token not in log.getvalue()


def test_a_fault_of_ours_shows_and_logs_no_word(world, log, monkeypatch):
    """Even when the fault itself quotes what was being stored."""

    def breaks(visitor, check_in, words, audience):
        raise RuntimeError(f"could not store {words} for {visitor}")

    monkeypatch.setattr(loop, "add_words", breaks)
    key = world.a.objects["check_in"].key
    address = reverse("client:add", kwargs={"token": world.a.token, "key": key})
    answer = Client(raise_request_exception=False).post(address, {"words": SECRET, "audience": "only_me"})
    assert answer.status_code == 500
    assert SECRET not in answer.content.decode()
    assert '"error": "RuntimeError"' in log.getvalue()
    assert SECRET not in log.getvalue()
    assert world.a.token not in log.getvalue()


def test_there_is_no_admin():
    def spaces(patterns) -> Iterator[str]:
        for each in patterns:
            if isinstance(each, URLResolver):
                yield str(each.namespace)
                yield from spaces(each.url_patterns)

    assert not apps.is_installed("django.contrib.admin")
    assert "admin" not in set(spaces(get_resolver().url_patterns))
    for path in ("/admin/", "/admin/login/", "/practice/admin/", "/__debug__/"):
        assert Client().get(path).status_code == 404
