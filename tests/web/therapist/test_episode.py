"""A difficulty from being noticed to what became of it: one thing to do at a time, nothing typed lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.demo.stage import hold, say
from reknit.practice.repairs.models import Episode, Reply, State
from reknit.practice.trail.models import Entry

from .conftest import NOW, WEEK

UNDERSTOOD = {
    "kind": "withdrawal",
    "cause": "naivety",
    "felt": "Sent back to school.",
    "intended": "To help.",
}
DRAFT = "I was only trying to help. You misunderstood me. Is there more?"


@pytest.fixture
def episode(jo: Any) -> Episode:
    loop.read_answers(jo.therapist, jo.relationship)
    return loop.open_episode(jo.therapist, jo.relationship, "alert", alert=jo.relationship.alerts.get())


@pytest.fixture
def here(episode: Episode) -> str:
    return f"/practice/episodes/{episode.pk}/"


@pytest.fixture
def understood(episode: Episode, jo: Any) -> Episode:
    loop.understand(jo.therapist, episode, **UNDERSTOOD)
    return episode


def state(episode: Episode) -> str:
    return Episode.objects.get(pk=episode.pk).state


def answered(jo: Any, episode: Episode, answer: str, words: str = "") -> None:
    reply = Reply.objects.get(episode=episode, answered_at=None)
    with clock.at(NOW + timedelta(hours=episode.replies.count())):
        loop.answer_reply(jo.client, reply, answer, words)


def test_first_it_is_understood_beside_the_clients_own_words(
    desk: Client, episode: Episode, here: str
) -> None:
    page = desk.get(here).content.decode()
    assert "First, understand" in page
    assert "hate journaling" in page
    desk.post(f"{here}understand/", UNDERSTOOD)
    assert state(episode) == State.UNDERSTOOD
    page = desk.get(here).content.decode()
    assert "Now reply to Jo" in page
    assert "Sent back to school." in page
    assert "To help." in page


def test_words_that_were_not_opened_stay_sealed_here_too(desk: Client, jo: Any) -> None:
    episode = loop.open_episode(jo.therapist, jo.relationship, "own_sense")
    page = desk.get(f"/practice/episodes/{episode.pk}/").content.decode()
    assert "hate journaling" not in page
    assert "wait to be opened" in page


def test_what_is_missing_is_said_and_what_was_typed_stays(desk: Client, episode: Episode, here: str) -> None:
    asked = desk.post(f"{here}understand/", {"intended": "To help.", "cause": "naivety", "felt": " "})
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "Choose one of these." in page
    assert "A few words are needed here." in page
    assert "To help.</textarea>" in page
    assert '<option value="naivety" selected>' in page
    assert state(episode) == State.NOTICED


def test_what_was_learned_stands_beside_the_reply(
    desk: Client, jo: Any, understood: Episode, here: str
) -> None:
    loop.propose_learning(
        jo.therapist, jo.relationship, sentence="Ask me before you go on.", topic="pace", polarity="likes",
        strength="needs",
    )  # fmt: skip
    assert "Ask me before you go on." in desk.get(here).content.decode()


def test_a_draft_is_kept_and_nobody_else_sees_it(
    desk: Client, jo: Any, understood: Episode, here: str
) -> None:
    desk.post(f"{here}reply/", {"text": DRAFT, "save": ""})
    assert "I was only trying to help." in desk.get(here).content.decode()
    assert state(understood) == State.UNDERSTOOD
    assert not understood.replies.exclude(shared_at=None).exists()


def test_a_post_without_text_does_not_wipe_the_draft(desk: Client, understood: Episode, here: str) -> None:
    desk.post(f"{here}reply/", {"text": DRAFT, "save": ""})
    desk.post(f"{here}reply/", {})
    assert understood.replies.get().text == DRAFT


def test_a_draft_is_read_without_script_and_nothing_of_the_reading_is_kept(
    desk: Client, understood: Episode, here: str
) -> None:
    before = Entry.objects.count()
    page = desk.post(f"{here}reply/", {"text": DRAFT, "read": "1"}).content.decode()
    assert "<mark>I was only trying</mark>" in page
    assert "You could say:" in page
    assert "none of this is kept" in page
    assert f"{DRAFT}</textarea>" in page
    assert "reading" not in {field.name for field in Reply._meta.get_fields()}
    assert Entry.objects.count() == before
    assert "<mark>" not in desk.get(here).content.decode()


def test_with_script_only_the_reading_comes_back(desk: Client, understood: Episode, here: str) -> None:
    asked = desk.post(f"{here}reply/", {"text": DRAFT, "read": "1"}, headers={"HX-Request": "true"})
    assert "<html" not in asked.content.decode()
    assert "<mark>I was only trying</mark>" in asked.content.decode()
    said = asked.content.decode().partition("</p>")[0]  # aloud only this sentence, not all of the reading
    assert 'id="reading-said"' in said
    assert "sound like defending" in said or "take it back" in said
    assert understood.replies.get().text == DRAFT


def test_an_empty_reply_is_not_shared(desk: Client, understood: Episode, here: str) -> None:
    asked = desk.post(f"{here}reply/", {"text": " ", "share": ""})
    assert asked.status_code == 422
    assert "write a few words first" in asked.content.decode()
    assert state(understood) == State.UNDERSTOOD


def test_a_reply_that_comes_too_early_keeps_what_was_typed(desk: Client, episode: Episode, here: str) -> None:
    asked = desk.post(f"{here}reply/", {"text": DRAFT, "share": ""})
    assert asked.status_code == 422
    assert state(episode) == State.NOTICED
    assert f'<p dir="auto" class="quote">{DRAFT}</p>' in asked.content.decode()


def test_from_reply_to_agreement_to_follow_up(desk: Client, jo: Any, understood: Episode, here: str) -> None:
    desk.post(f"{here}reply/", {"text": "First reply.", "share": ""})
    assert "Your reply is with Jo" in desk.get(here).content.decode()
    answered(jo, understood, "not_quite", "It was the three pages.")
    page = desk.get(here).content.decode()
    assert "Listen once more" in page
    assert "It was the three pages." in page
    desk.post(f"{here}reply/", {"text": "Second reply.", "share": ""})
    answered(jo, understood, "yes")
    assert "Jo said yes. What did you learn?" in desk.get(here).content.decode()
    _learn_and_agree(desk, jo, understood, here)
    assert "Neither has come yet." in desk.get(here).content.decode()
    for week in (1, 2):
        session = hold(jo, NOW + week * WEEK)
        say(jo, session, [9] * 5)
    with clock.at(NOW + 3 * WEEK):
        page = desk.get(here).content.decode()
    assert state(understood) in (State.RESTORED, State.EXCEEDED, State.NOT_YET)
    assert "that trust is back where it would be had nothing happened" in page


def _learn_and_agree(desk: Client, jo: Any, episode: Episode, here: str) -> None:
    learned = {"sentence": "I hate journaling.", "topic": "journaling", "follows": "never"}
    desk.post(f"{here}learning/", learned)
    desk.post(f"{here}agreement/", {"text": "No writing homework."})
    learning, agreement = jo.relationship.learnings.get(), jo.relationship.agreements.get()
    assert (learning.polarity, learning.strength, learning.session) == ("avoid", "never", episode.session)
    assert "waiting for the client to confirm" in desk.get(here).content.decode()
    loop.confirm_learning(jo.client, learning)
    loop.answer_agreement(jo.client, agreement, True)
    assert state(episode) == State.AGREED


def test_only_two_ways_to_close_are_the_therapists(desk: Client, understood: Episode, here: str) -> None:
    for claimed in ("restored", "exceeded", "", "agreed"):
        desk.post(f"{here}close/", {"as": claimed})
        assert state(understood) == State.UNDERSTOOD
    desk.post(f"{here}close/", {"as": "ended_well"})
    page = desk.get(here).content.decode()
    assert state(understood) == State.ENDED_WELL
    assert "an outcome, not a failure" in page
    assert "Close it another way" not in page


def test_not_a_rupture(desk: Client, episode: Episode, here: str) -> None:
    desk.post(f"{here}close/", {"as": "not_a_rupture"})
    assert state(episode) == State.NOT_A_RUPTURE
    asked = desk.post(f"{here}understand/", UNDERSTOOD)
    assert asked.status_code == 422


def test_a_thought_for_oneself_is_kept_apart(desk: Client, episode: Episode, here: str) -> None:
    assert desk.post(f"{here}reflections/", {"text": ""}).status_code == 422
    desk.post(f"{here}reflections/", {"text": "It reminded me of my brother."})
    assert "It reminded me of my brother." in desk.get(here).content.decode()
    assert not Entry.objects.filter(subject__startswith="reflection").exists()
