"""Rehearsing: the talk lives in the page alone, the reading is private, the debrief says what moved trust."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.apps import apps
from django.core import signing
from django.test import Client

pytestmark = pytest.mark.django_db

SCENE = "/practice/rehearse/journaling/"
GOOD = (
    "You told me at the very beginning, and I forgot. That hurt, and you felt like a girl at school again. "
    "That is on me. I won't suggest it again. How was it for you, sitting there? What else should I know?"
)
DEFENDING = "I was only trying to help. You misunderstood me."


def kept(page: str) -> str:
    return unescape(re.search(r'name="kept" value="([^"]+)"', page)[1])


def talk(desk: Client, *said: str) -> str:
    """The page after these replies."""
    page = desk.get(SCENE).content.decode()
    for text in said:
        page = desk.post(SCENE, {"kept": kept(page), "text": text}).content.decode()
    return page


def look_back(desk: Client, *said: str) -> str:
    answer = desk.post(SCENE, {"kept": kept(talk(desk, *said)), "look_back": "1"})
    assert answer.status_code == 200
    return answer.content.decode()


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def test_every_scene_is_listed_and_opens(desk):
    page = desk.get("/practice/rehearse/").content.decode()
    found = re.findall(r'href="(/practice/rehearse/[\w-]+/)"', page)
    assert len(set(found)) >= 12
    assert all(desk.get(address).status_code == 200 for address in found)


def test_scenes_with_the_same_cause_come_first(desk):
    page = desk.get("/practice/rehearse/?like=culture").content.decode()
    assert "Close to what you are repairing" in page
    assert page.index("The day of the feast") < page.index("Three pages every morning")
    assert "Close to what" not in desk.get("/practice/rehearse/?like=<script>").content.decode()


def test_the_client_answers_and_the_talk_goes_on(desk):
    page = talk(desk, DEFENDING, GOOD)
    assert page.count("They say") == 3
    assert GOOD.split(".", maxsplit=1)[0] in page


def test_the_draft_is_read_without_becoming_part_of_the_talk(desk):
    page = desk.post(SCENE, {"kept": kept(talk(desk)), "text": DEFENDING, "read": "1"}).content.decode()
    assert "<mark>" in page
    assert page.count("They say") == 1
    assert DEFENDING in unescape(page)


def test_an_empty_reply_is_asked_for_again(desk):
    answer = desk.post(SCENE, {"kept": kept(talk(desk, GOOD)), "text": "  "})
    assert answer.status_code == 422
    assert "Say a few words first." in answer.content.decode()
    assert GOOD.split(".", maxsplit=1)[0] in answer.content.decode()


def test_looking_back_says_what_moved_trust_in_sentences(desk):
    good, bad = look_back(desk, GOOD), look_back(desk, DEFENDING)
    assert "Trust rose." in good
    assert "Trust fell." in bad
    assert "It is not mended yet" in bad
    assert "This speaks of what you meant." in unescape(bad)
    assert "<svg" in good
    assert "What you might still try" in bad


def test_there_is_an_end_to_a_rehearsal(desk):
    page = talk(desk, *["All right."] * 9)
    assert page.count("They say") == 9  # the opening, and eight answers
    assert "Eight replies are enough" in page


ANYBODY = "That was painful, and I'm sorry. I got that wrong. Would you tell me more?"


def test_what_was_said_before_or_would_do_for_anybody_is_answered_so(desk):
    page = unescape(talk(desk, ANYBODY, ANYBODY))
    assert "But what is it that you are sorry for?" in page or "the word notebook" in page
    assert "You've said that already." in page or "I heard them the first time" in page
    assert "This is a good place to stop" not in page
    back = unescape(look_back(desk, ANYBODY, ANYBODY))
    assert "It named nothing of what they had told you" in back
    assert "They had heard this from you already." in back


def test_once_they_have_come_back_it_offers_to_look_back(desk):
    assert "A good place to stop" not in talk(desk, DEFENDING)
    settled = talk(desk, *[GOOD] * 3)
    assert "This is a good place to stop and look back" in settled
    form = settled.split('id="say"')[1]
    assert form.index('name="look_back"') < form.index("Say it")  # the first thing to press
    assert "Trust rose." in look_back(desk, *[GOOD] * 3)


def test_somebody_who_reads_another_language_is_told_that_scenes_are_english(desk, owner):
    assert "in English for now" not in desk.get("/practice/rehearse/").content.decode()
    owner.language = "es"
    owner.save(update_fields=["language"])
    for address in ("/practice/rehearse/", SCENE):
        page = desk.get(address, headers={"accept-language": "es"}).content.decode()
        assert "por ahora" in page


def test_nothing_of_it_is_kept_anywhere(desk):
    desk.get("/practice/")
    before, session = rows(), set(desk.session.keys())
    look_back(desk, GOOD, DEFENDING)
    assert rows() == before
    assert set(desk.session.keys()) == session
    assert DEFENDING not in str(dict(desk.session))


def test_a_talk_that_was_tampered_with_or_is_somebody_elses_begins_anew(desk, colleague):
    mine = kept(talk(desk, GOOD))
    for browser, value in ((desk, mine[:-2]), (desk, ""), (colleague, mine)):
        answer = browser.post(SCENE, {"kept": value, "text": "Hello."})
        assert answer.status_code == 302
        assert answer["Location"] == SCENE
    forged = signing.dumps({"code": "journaling", "turns": [], "said": []})
    assert desk.post(SCENE, {"kept": forged, "text": "Hello."}).status_code == 302


def test_no_such_scene(desk):
    assert desk.get("/practice/rehearse/no-such-scene/").status_code == 404


def test_the_day_and_the_reply_lead_here(desk, jo):
    from reknit.practice import loop

    assert "/practice/rehearse/" in desk.get("/practice/").content.decode()
    episode = loop.open_episode(jo.therapist, jo.relationship, "own_sense")
    loop.understand(
        jo.therapist, episode, kind="withdrawal", cause="technique", felt="At school.", intended=""
    )
    assert (
        "/practice/rehearse/?like=technique" in desk.get(f"/practice/episodes/{episode.pk}/").content.decode()
    )
