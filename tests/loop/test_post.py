"""The outbox: once each, at a decent hour, and nothing that gives anything away."""

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reknit.practice import clock, loop
from reknit.practice.checkins.models import Message, MessageState
from reknit.practice.demo.stage import hold, say

from .conftest import FIRST, WEEK


@pytest.fixture
def reachable(jo, settings):
    settings.PUBLIC_URL = "https://reknit.example"
    client = jo.relationship.client
    client.contact, client.time_zone = "jo@home.example", "America/New_York"
    client.save()
    return jo


class Post:
    def __init__(self, failures: int = 0) -> None:
        self.out: list[tuple[str, str]] = []
        self.failures = failures

    def __call__(self, contact: str, text: str) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("no network")
        self.out.append((contact, text))


def test_a_message_goes_out_once_and_reveals_nothing(reachable):
    hold(reachable, FIRST)
    post = Post()
    with clock.at(FIRST + timedelta(hours=2)):
        assert loop.send_due(send=post) == 1
        assert loop.send_due(send=post) == 0
    [(contact, text)] = post.out
    assert contact == "jo@home.example"
    words, _space, address = text.rpartition(" ")
    assert words == "You have a form to fill in."
    with clock.at(FIRST + WEEK):
        link = loop.open_link(address.rstrip("/").rpartition("/")[2])
    assert link.session == reachable.relationship.sessions.get()
    for giveaway in ("Jo", "Robin", "clinic", "therap", "session"):
        assert giveaway.lower() not in text.lower()


def test_the_night_of_the_client_is_quiet(reachable):
    night = datetime(2026, 3, 3, 4, tzinfo=ZoneInfo("UTC"))  # 23:00 in New York
    hold(reachable, night - timedelta(hours=2))
    post = Post()
    with clock.at(night):
        assert loop.send_due(send=post) == 0
    with clock.at(datetime(2026, 3, 3, 12, 59, tzinfo=ZoneInfo("UTC"))):
        assert loop.send_due(send=post) == 0
    with clock.at(datetime(2026, 3, 3, 13, 1, tzinfo=ZoneInfo("UTC"))):
        assert loop.send_due(send=post) == 1


def test_a_failure_is_tried_again_ever_later_and_then_given_up(reachable):
    hold(reachable, FIRST)
    Message.objects.filter(kind="reminder").delete()
    post, moment, waits = Post(failures=99), FIRST + timedelta(hours=2), []
    for _try in range(8):
        with clock.at(moment):
            loop.send_due(send=post)
        message = Message.objects.get()
        waits.append((message.due_at - moment).total_seconds() / 60)
        moment = message.due_at.replace(hour=18)  # by day
        Message.objects.update(due_at=moment)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256]
    assert message.state == MessageState.FAILED
    assert message.last_error == "OSError"


def test_no_reminder_after_the_check_in_has_come(reachable):
    say(reachable, hold(reachable, FIRST), [7] * 5)
    post = Post()
    with clock.at(FIRST + timedelta(days=2, hours=4)):
        loop.send_due(send=post)
    assert post.out == []


def test_nothing_is_sent_to_somebody_who_wants_nothing_or_too_late(reachable):
    hold(reachable, FIRST)
    post = Post()
    with clock.at(FIRST + 3 * WEEK):
        assert loop.send_due(send=post) == 0
    assert set(Message.objects.values_list("state", flat=True)) == {MessageState.EXPIRED}
    hold(reachable, FIRST + 4 * WEEK)
    reachable.relationship.client.wants_messages = False
    reachable.relationship.client.save()
    with clock.at(FIRST + 4 * WEEK + timedelta(hours=2)):
        assert loop.send_due(send=post) == 0


def test_a_sender_that_died_leaves_nothing_behind(reachable):
    hold(reachable, FIRST)
    with clock.at(FIRST + timedelta(hours=2)):
        Message.objects.filter(kind="check_in").update(state=MessageState.SENDING)
    with clock.at(FIRST + timedelta(hours=3)):
        assert loop.send_due(send=Post()) == 1


def test_two_senders_send_it_once(reachable, monkeypatch):
    """The other one claims it between our look and our claim."""
    from reknit.practice.loop import post as module

    hold(reachable, FIRST)
    claim = module._claim

    def beaten(message):
        Message.objects.filter(pk=message.pk).update(state=MessageState.SENDING)
        return claim(message)

    monkeypatch.setattr(module, "_claim", beaten)
    out = Post()
    with clock.at(FIRST + timedelta(hours=2)):
        assert loop.send_due(send=out) == 0
    assert out.out == []


def test_laid_in_a_folder(reachable, settings, tmp_path):
    settings.MESSAGES, settings.HOME = "file", tmp_path
    hold(reachable, FIRST)
    with clock.at(FIRST + timedelta(hours=2)):
        loop.send_due()
    [letter] = (tmp_path / "outbox").iterdir()
    assert json.loads(letter.read_text())["to"] == "jo@home.example"
