"""Rehearsal: scenes cover what they must, and trust follows the model."""

from __future__ import annotations

import itertools

import pytest

from reknit.trust.params import DEFAULT
from reknit.words import practice, read_draft

CAUSES = set(
    "impact culture projection misunderstanding naivety broken_agreement technique other".split()  # noqa: SIM905
)
GOOD = "You told me and I forgot. That is my mistake. What was it like for you? I won't do it again."
OTHER = "I can see how that was painful. I'm sorry, I got that wrong. Would you tell me more?"
NAMED = (
    "You told me that you hate journaling, and I forgot. That is my mistake. "
    "What was it like for you, with the notebook at six? I won't suggest it again."
)
BAD = "You should have told me earlier. I was only trying to help."


def _read(text: str) -> practice.DraftReading:
    return read_draft(text, by_meaning=False)


def _play(code: str, *replies: str, **more: object) -> practice.Rehearsal:
    rehearsal = practice.begin(code)
    for text in replies:
        rehearsal = practice.reply(rehearsal, text, read=_read, **more)  # type: ignore[arg-type]
    return rehearsal


def test_scenes_cover_every_cause_and_both_kinds() -> None:
    scenes = practice.scenes()
    assert len(scenes) >= 12
    assert scenes[0].code == "journaling"
    assert {scene.cause for scene in scenes} == CAUSES
    assert {scene.kind for scene in scenes} == {"withdrawal", "confrontation"}
    assert any(scene.ending_well for scene in scenes)
    assert len({scene.code for scene in scenes}) == len(scenes)


@pytest.mark.parametrize("scene", practice.scenes(), ids=lambda scene: scene.code)
def test_every_scene_can_answer_anything(scene: practice.Scene) -> None:
    for manner in ("acknowledging", "ordinary", "defensive", "general", "repeated"):
        for level in ("hurt", "wary", "open"):
            assert all(scene.answers[manner][level])
    assert 0 < scene.strain < scene.bond < 1
    assert scene.notice


def test_acknowledging_repairs_and_defending_strains() -> None:
    good, bad = _play("journaling", NAMED), _play("journaling", BAD)
    start = practice.begin("journaling")
    assert good.strain == pytest.approx(start.strain * DEFAULT["repair_keep"])
    assert bad.strain == pytest.approx(start.strain + DEFAULT["jump_mean"])
    assert practice.debrief(bad).moved[0].startswith("strain: blaming.you")


def test_the_repair_gain_lifts_trust_above_where_it_stood() -> None:
    gain = DEFAULT.with_values(repair_gain=0.9)
    rehearsal = _play("journaling", GOOD, NAMED, OTHER, params=gain)
    told = practice.debrief(rehearsal, gain)
    assert told.outcome == "exceeded"
    assert len(told.curve) == 4
    assert practice.debrief(_play("journaling", GOOD, NAMED, OTHER)).outcome == "restored"


def test_ending_well_is_an_outcome() -> None:
    honest = (
        "You need somebody who knows your illness. I waited too long to say so, and that is on me. "
        "I will write to a colleague today. What else do you need from me?"
    )
    assert practice.debrief(_play("not-the-right-one", GOOD, honest)).outcome == "ended well"
    assert practice.debrief(_play("not-the-right-one", BAD)).outcome == "not yet"


def test_no_reply_is_kept() -> None:
    assert "forgot" not in repr(_play("late-again", GOOD).turns[0].moves)
    assert GOOD not in repr(_play("late-again", GOOD))
    assert "mistake" not in repr(_play("late-again", GOOD).turns)


def test_another_speaker_may_be_plugged_in() -> None:
    def echo(scene: practice.Scene, manner: str, level: str, turn: int, reply: str) -> str:
        return f"{scene.code} {manner} {turn}"

    assert _play("journaling", NAMED, NAMED, speaker=echo).turns[0].answer == "journaling acknowledging 0"
    assert _play("silence", GOOD, GOOD, speaker=echo).turns[1].answer == "silence repeated 1"


def test_trust_stays_a_share_whatever_is_said() -> None:
    rehearsal = _play("the-bill", *[BAD] * 8)
    assert 0 <= rehearsal.bond - rehearsal.strain <= 1


@pytest.mark.parametrize("scene", practice.scenes(), ids=lambda scene: scene.code)
def test_what_would_do_for_anybody_settles_no_scene(scene: practice.Scene) -> None:
    rehearsal = _play(scene.code, OTHER, GOOD)
    assert [turn.named for turn in rehearsal.turns] == [False, False]
    assert rehearsal.turns[0].manner == "general"
    assert rehearsal.turns[0].trust > scene.bond - scene.strain  # it reached them, so far
    assert practice.level(rehearsal.strain) == "wary"
    assert rehearsal.turns[0].answer in [
        line for lines in scene.answers["general"].values() for line in lines
    ]
    assert practice.debrief(rehearsal).outcome == "not yet"


def test_naming_what_they_said_settles_it() -> None:
    assert practice.debrief(_play("journaling", NAMED)).outcome == "restored"
    assert practice.debrief(_play("journaling", OTHER, NAMED)).outcome == "restored"
    assert _play("journaling", NAMED, OTHER).turns[1].manner == "acknowledging"  # it was named before


@pytest.mark.parametrize("scene", practice.scenes(), ids=lambda scene: scene.code)
@pytest.mark.parametrize("again", [OTHER, OTHER.replace("I'm sorry", "I am so sorry").upper()])
def test_the_same_sentence_does_not_count_again(scene: practice.Scene, again: str) -> None:
    once = _play(scene.code, OTHER)
    twice = practice.reply(once, again, read=_read)
    assert twice.strain == once.strain
    assert (twice.turns[1].manner, twice.turns[1].moves) == ("repeated", ())
    assert twice.turns[1].answer in itertools.chain(*scene.answers["repeated"].values())
    assert practice.debrief(twice).moved[1] == "nothing"


def test_only_what_is_new_in_a_reply_counts() -> None:
    once = _play("journaling", NAMED)
    more = practice.reply(once, NAMED + " What else should I know?", read=_read)
    assert more.turns[1].moves == ("more_invited",)
    assert _play("journaling", "All right.", "All right.").turns[1].manner == "repeated"


def test_defending_hurts_as_often_as_it_is_said() -> None:
    assert _play("journaling", BAD, BAD).turns[1].manner == "defensive"
    assert _play("journaling", BAD, BAD).strain > _play("journaling", BAD).strain
