"""Learnings, agreements, and homework that is held against them before it is sent."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

import pytest
from django.test import Client

from reknit.practice import loop
from reknit.practice.homework.models import HomeworkState

PAGES = "Write three pages in a journal every morning"


@pytest.fixture
def learned(jo: Any) -> Any:
    return loop.propose_learning(
        jo.therapist, jo.relationship, sentence="I hate journaling.", topic="journaling", polarity="avoid",
        strength="never",
    )  # fmt: skip


def test_homework_that_touches_nothing_is_sent(desk: Client, jo: Any, home: str, learned: Any) -> None:
    desk.post(f"{home}homework/", {"text": "A ten-minute walk after lunch"})
    assert jo.relationship.homework.get().text == "A ten-minute walk after lunch"


def test_a_conflict_shows_the_clients_own_sentence_and_sends_nothing(
    desk: Client, jo: Any, home: str, learned: Any
) -> None:
    asked = desk.post(f"{home}homework/", {"text": PAGES})
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "Jo told you something about this" in page
    assert "I hate journaling." in page
    assert f"{PAGES}</textarea>" in page
    assert not jo.relationship.homework.exists()


def test_sending_a_conflict_again_needs_a_reason(desk: Client, jo: Any, home: str, learned: Any) -> None:
    for reason in ("", "   "):
        again = {"text": PAGES, "asked_about": PAGES, "override_reason": reason}
        assert desk.post(f"{home}homework/", again).status_code == 422
    assert not jo.relationship.homework.exists()
    desk.post(f"{home}homework/", {"text": PAGES, "override_reason": "You asked for it today."})
    sent = jo.relationship.homework.get()
    assert (sent.override_reason, sent.overridden_sentence) == (
        "You asked for it today.",
        "I hate journaling.",
    )
    assert "proposed although it touches something learned" in desk.get(home).content.decode()


def test_what_is_unsure_is_asked_once_about_those_very_words(
    desk: Client, jo: Any, home: str, learned: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reknit.practice.insight import words

    unsure = [words.Clash(learned, "unsure", "It may ask for writing.")]
    monkeypatch.setattr(words, "clashes", lambda *_: unsure)
    plan = "A written plan for a panic attack"
    asked = desk.post(f"{home}homework/", {"text": plan})
    assert asked.status_code == 422
    assert "Does this touch what Jo told you?" in asked.content.decode()
    assert f'name="asked_about" value="{plan}"' in asked.content.decode()
    other = desk.post(f"{home}homework/", {"text": "A written letter", "asked_about": plan})
    assert other.status_code == 422
    desk.post(f"{home}homework/", {"text": plan, "asked_about": plan})
    assert jo.relationship.homework.get().text == plan


def test_what_they_like_never_warns(desk: Client, jo: Any, home: str) -> None:
    loop.propose_learning(
        jo.therapist, jo.relationship, sentence="I love journaling.", topic="journaling", polarity="likes",
        strength="likes",
    )  # fmt: skip
    desk.post(f"{home}homework/", {"text": PAGES})
    assert jo.relationship.homework.exists()


def test_a_proposal_is_taken_back(desk: Client, jo: Any, home: str) -> None:
    homework = loop.propose_homework(jo.therapist, jo.relationship, "A walk")
    desk.post(f"/practice/homework/{homework.pk}/withdraw/")
    homework.refresh_from_db()
    assert homework.state == HomeworkState.WITHDRAWN
    assert ">A walk<" not in desk.get(home).content.decode()


def test_one_that_was_tried_is_not_taken_back(desk: Client, jo: Any, home: str) -> None:
    homework = loop.propose_homework(jo.therapist, jo.relationship, "A walk")
    loop.report_homework(jo.client, homework, done=True, words="It rained, and I went.")
    asked = desk.post(f"/practice/homework/{homework.pk}/withdraw/", follow=True)
    assert "already said how it went" in asked.content.decode()
    assert "It rained, and I went." in asked.content.decode()


@pytest.mark.parametrize(
    ("follows", "polarity", "strength"),
    [
        ("never", "avoid", "never"),
        ("rather_not", "avoid", "rather_not"),
        ("likes", "likes", "likes"),
        ("needs", "likes", "needs"),
    ],
)
def test_what_follows_is_asked(
    desk: Client, jo: Any, home: str, follows: str, polarity: str, strength: str
) -> None:
    desk.post(f"{home}learnings/", {"sentence": "Mornings.", "topic": "mornings", "follows": follows})
    learning = jo.relationship.learnings.get()
    assert (learning.polarity, learning.strength, learning.scope) == (polarity, strength, "everywhere")


def test_where_it_counts_can_be_said(desk: Client, jo: Any, home: str) -> None:
    given = {"sentence": "No music.", "topic": "music", "follows": "never", "scope": "in_the_room"}
    desk.post(f"{home}learnings/", given)
    assert jo.relationship.learnings.get().scope == "in_the_room"


def test_only_if_needs_a_condition(desk: Client, jo: Any, home: str) -> None:
    given = {"sentence": "Closing my eyes is hard.", "topic": "closing eyes", "follows": "only_if"}
    asked = desk.post(f"{home}learnings/", given)
    assert asked.status_code == 422
    assert "under which condition" in asked.content.decode()
    assert "Closing my eyes is hard.</textarea>" in asked.content.decode()
    desk.post(f"{home}learnings/", given | {"condition": "I sit by the door"})
    assert jo.relationship.learnings.get().condition == "I sit by the door"


def test_a_review_lies_ahead(desk: Client, jo: Any, home: str) -> None:
    given = {"text": "We begin with a pause.", "review_on": "2026-03-24"}
    assert desk.post(f"{home}agreements/", given).status_code == 422
    desk.post(f"{home}agreements/", given | {"review_on": "2026-06-24"})
    assert jo.relationship.agreements.get().review_on is not None


def test_an_agreement_stands_once_they_say_yes_and_can_rest(desk: Client, jo: Any, home: str) -> None:
    desk.post(f"{home}agreements/", {"text": "We begin with a pause."})
    agreement = jo.relationship.agreements.get()
    assert "waiting for the client" in desk.get(home).content.decode()
    loop.answer_agreement(jo.client, agreement, True)
    desk.post(f"/practice/agreements/{agreement.pk}/retire/")
    assert "We begin with a pause." not in desk.get(home).content.decode()


def test_a_very_long_text_is_refused_and_kept_on_the_page(desk: Client, jo: Any, home: str) -> None:
    long = "word " * 2500
    asked = desk.post(f"{home}homework/", {"text": long})
    assert asked.status_code == 422
    assert long.strip() in asked.content.decode()


def test_an_alternative_is_taken_by_one_tap_and_proposes_nothing(
    desk: Client, jo: Any, home: str, learned: Any
) -> None:
    asked = desk.post(f"{home}homework/", {"text": PAGES}).content.decode()
    offered = unescape(re.findall(r'name="instead" value="([^"]+)"', asked)[0])
    answer = desk.post(f"{home}homework/", {"text": PAGES, "instead": offered})
    taken = answer.content.decode()
    assert answer.status_code == 200
    assert f"{escape(offered)}</textarea>" in taken
    assert PAGES not in taken
    assert "told you something about this" not in taken
    assert not jo.relationship.homework.exists()
    desk.post(f"{home}homework/", {"text": offered})
    assert jo.relationship.homework.get().text == offered


def test_what_stands_between_the_two_is_in_view_where_homework_is_written(
    desk: Client, jo: Any, home: str
) -> None:
    promised = loop.propose_agreement(jo.therapist, jo.relationship, "No writing homework")
    form = desk.get(home).content.decode().split('id="propose"')[1].split("</form>")[0]
    assert "No writing homework" not in form
    loop.answer_agreement(jo.client, promised, accept=True)
    form = desk.get(home).content.decode().split('id="propose"')[1].split("</form>")[0]
    assert "You two agreed:" in form
    assert "No writing homework" in form


@pytest.mark.parametrize(
    ("state", "said"),
    [("suits", "It suits them"), ("change", "They ask for a change"), ("rather_not", "They would")],
)
def test_where_a_proposal_stands_is_said_from_the_therapists_side(
    desk: Client, jo: Any, home: str, state: str, said: str
) -> None:
    sent = loop.propose_homework(jo.therapist, jo.relationship, "A walk")
    assert "Waits for their answer" in desk.get(home).content.decode()
    loop.answer_homework(jo.client, sent, state)
    assert said in desk.get(home).content.decode()


def test_an_override_without_a_reason_says_that_one_is_needed(
    desk: Client, jo: Any, home: str, learned: Any
) -> None:
    page = desk.post(f"{home}homework/", {"text": PAGES, "override": "1"}).content.decode()
    assert "Say why: they will read it" in page
    assert "<details open><summary>Propose it all the same" in page
    assert not jo.relationship.homework.exists()
    assert "Say why" not in desk.post(f"{home}homework/", {"text": PAGES}).content.decode()
