"""A client's words: opened on purpose, never more than they allow, and every reading on the trail."""

from __future__ import annotations

from typing import Any

from django.test import Client

from reknit.practice import loop
from reknit.practice.checkins.models import Guess
from reknit.practice.demo.stage import hold, say
from reknit.practice.people.audience import Audience
from reknit.practice.trail.models import Entry

from .conftest import HURT, NOW, WEEK


def reads(jo: Any) -> int:
    return Entry.objects.filter(relationship_id=jo.relationship.pk, verb="read_words").count()


def test_new_words_are_sealed_until_they_are_opened(desk: Client, jo: Any, home: str) -> None:
    before = desk.get(home).content.decode()
    assert "Jo wrote to you after session 3" in before
    assert "hate journaling" not in before
    assert reads(jo) == 0
    assert "hate journaling" in desk.get(f"{home}words/").content.decode()
    assert reads(jo) == 1
    after = desk.get(home).content.decode()
    assert "hate journaling" in after
    assert "wrote to you" not in after
    assert reads(jo) == 1


def test_a_guess_comes_first_and_stays(desk: Client, jo: Any, last: Any, home: str) -> None:
    asked = desk.post(f"/practice/sessions/{last.pk}/guess/", {"value": "8", "open": ""}, follow=True)
    assert "You had guessed 8 of 10; their lines come to 2." in asked.content.decode()
    desk.post(f"/practice/sessions/{last.pk}/guess/", {"value": "3"})
    assert Guess.objects.get(session=last).value == 8


def test_no_guess_is_asked_for_kindly_and_opens_nothing(desk: Client, jo: Any, last: Any) -> None:
    asked = desk.post(f"/practice/sessions/{last.pk}/guess/", {"open": ""}, follow=True)
    assert "or go on without a guess" in asked.content.decode()
    assert "hate journaling" not in asked.content.decode()
    assert reads(jo) == 0


def test_what_is_kept_is_neither_shown_nor_hinted_at(desk: Client, jo: Any, home: str) -> None:
    desk.get(f"{home}words/")
    for day, audience in enumerate((Audience.ONLY_ME, Audience.CLINIC, Audience.IN_THE_ROOM), start=1):
        session = hold(jo, NOW - WEEK + day * WEEK / 7)
        say(jo, session, [7] * 5, words=f"secret {audience}", audience=audience)
    for address in (home, f"{home}words/", "/practice/"):
        shown = desk.get(address).content.decode()
        assert "secret" not in shown
        assert "wrote to you" not in shown
        assert "Words to open" not in shown


def test_words_for_the_room_open_once_they_have_met_again(desk: Client, jo: Any, home: str) -> None:
    session = hold(jo, NOW - WEEK / 2)
    say(jo, session, [6] * 5, words="For the room.", audience=Audience.IN_THE_ROOM)
    desk.get(f"{home}words/")
    assert "Words to open" not in desk.get("/practice/").content.decode()
    hold(jo, NOW - WEEK / 7)
    assert "Words to open, from session 4." in desk.get("/practice/").content.decode()
    assert "For the room." in desk.get(f"{home}words/").content.decode()


def test_words_that_are_added_later_wait_again(desk: Client, jo: Any, last: Any, home: str) -> None:
    desk.get(f"{home}words/")
    loop.add_words(jo.client, last.check_in, "One thing more.", Audience.THERAPIST_NOW)
    assert "Jo wrote to you after session 3" in desk.get(home).content.decode()
    assert "One thing more." in desk.get(f"{home}words/").content.decode()
    assert "wrote to you" not in desk.get(home).content.decode()


def test_an_episode_can_begin_from_their_words(desk: Client, jo: Any, last: Any, home: str) -> None:
    assert HURT.split(".", maxsplit=1)[0] in desk.get(f"{home}words/").content.decode().replace("&#x27;", "'")
    desk.post(f"{home}episodes/", {"check_in": last.check_in.pk})
    episode = jo.relationship.episodes.get()
    assert (episode.origin, episode.session) == ("client_words", last)


def test_an_episode_cannot_begin_from_words_that_are_not_there(desk: Client, jo: Any, home: str) -> None:
    for unknown in ("0", "999999", "x", "²"):
        assert desk.post(f"{home}episodes/", {"check_in": unknown}).status_code == 404
    assert not jo.relationship.episodes.exists()
