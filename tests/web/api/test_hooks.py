"""Other programs are told: signed, in order, again until they have it, and never what was said."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from reknit.practice import clock
from reknit.practice.demo.stage import hold, say
from reknit.practice.doors.api import hooks
from reknit.practice.doors.api.models import Event, Hook
from tests.web.world import World, build

pytestmark = pytest.mark.django_db
ALL = [event.value for event in Event]


@dataclass
class Receiver:
    """Another program; `status` is what it answers next."""

    url: str = ""
    status: int = 204
    taken: list[tuple[Message, bytes]] = field(default_factory=list)

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _headers, body in self.taken]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    there = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if there.status < 300:
                there.taken.append((self.headers, body))
            self.send_response(there.status)
            if there.status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    there.url = f"http://127.0.0.1:{server.server_port}/events"
    settings.HOOK_HOSTS = ["127.0.0.1"]
    yield there
    server.shutdown()


@pytest.fixture
def world() -> World:
    return build()


def a_check_in_for(world: World, name: str = "a") -> None:
    side = getattr(world, name)
    session = hold(side.pair, clock.now() - timedelta(days=2))
    say(side.pair, session, [6] * 5, words="hidden words")


def test_events_arrive_in_order_signed_and_without_words(receiver: Receiver, world: World) -> None:
    hook = hooks.begin(world.a.pair.therapist.user, receiver.url, ALL)
    a_check_in_for(world)
    assert hooks.tell_all() == 3
    assert receiver.types == ["session.planned", "session.recorded", "check_in.received"]
    headers, body = receiver.taken[-1]
    assert json.loads(body)["data"]["relationship"] == world.a.pair.relationship.pk
    assert not {"hidden", "anna"} & set(body.decode().replace('"', " ").split())
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert hooks.tell_all() == 0, "each is told once"


def test_what_was_refused_is_told_again_in_its_turn(receiver: Receiver, world: World) -> None:
    hook = hooks.begin(world.a.pair.therapist.user, receiver.url, ["check_in.received"])
    a_check_in_for(world)
    receiver.status = 503
    assert hooks.tell_all() == 0
    hook.refresh_from_db()
    assert (hook.failures, hook.last_error) == (1, "HTTP 503")
    assert hooks.tell_all() == 0, "not before its time"
    receiver.status = 204
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert hooks.tell_all() == 1
    assert receiver.types == ["check_in.received"]


def test_a_detour_is_not_followed(receiver: Receiver, world: World) -> None:
    hook = hooks.begin(world.a.pair.therapist.user, receiver.url, ALL)
    a_check_in_for(world)
    receiver.status = 302
    assert hooks.tell_all() == 0
    hook.refresh_from_db()
    assert hook.last_error == "HTTP 302"


def test_nobody_answers_for_days_and_it_ends(receiver: Receiver, world: World) -> None:
    hook = hooks.begin(world.a.pair.therapist.user, receiver.url, ALL)
    a_check_in_for(world)
    receiver.status = 500
    for days in range(1, hooks.PATIENCE + 1):
        with clock.at(clock.now() + timedelta(days=days)):
            hooks.tell_all()
    hook.refresh_from_db()
    assert hook.ended_at is not None


def test_somebody_elses_events_are_not_told(receiver: Receiver, world: World) -> None:
    for user in (world.b.pair.therapist.user, world.staff["lead"], world.staff["administrator"]):
        hooks.begin(user, receiver.url, ALL)
    a_check_in_for(world, "a")
    assert hooks.tell_all() == 0
    assert receiver.taken == []


def test_only_named_hosts_are_told(receiver: Receiver, world: World, client: Client, settings: Any) -> None:
    client.force_login(world.a.pair.therapist.user)
    wrong = [
        "https://elsewhere.example/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://127.0.0.1@evil.example",
    ]
    for url in wrong:
        assert client.post("/api/hooks/", {"url": url, "events": ALL}).status_code == 422
    settings.HOOK_HOSTS = ["hooks.example"]
    assert client.post("/api/hooks/", {"url": "http://hooks.example/", "events": ALL}).status_code == 422
    assert not Hook.objects.exists()


def test_the_page_shows_the_secret_once_and_ends_a_hook(
    receiver: Receiver, world: World, client: Client
) -> None:
    client.force_login(world.a.pair.therapist.user)
    page = client.post("/api/hooks/", {"url": receiver.url, "events": ["check_in.received"]})
    hook = Hook.objects.get()
    assert hook.secret in page.content.decode()
    assert hook.secret not in client.get("/api/hooks/").content.decode()
    stranger = Client()
    stranger.force_login(world.b.pair.therapist.user)
    assert stranger.post(f"/api/hooks/{hook.pk}/end/").status_code == 404
    client.post(f"/api/hooks/{hook.pk}/end/")
    a_check_in_for(world)
    assert hooks.tell_all() == 0


def test_without_a_named_host_there_is_no_page(world: World, client: Client) -> None:
    client.force_login(world.a.pair.therapist.user)
    assert client.get("/api/hooks/").status_code == 404
