"""Rehearsal: scenes cover what they must, and trust follows the model."""

from __future__ import annotations

import pytest

from reknit.trust.params import DEFAULT
from reknit.words import practice, read_draft

CAUSES = set(
    "impact culture projection misunderstanding naivety broken_agreement technique other".split()  # noqa: SIM905
)
GOOD = "You told me and I forgot. That is my mistake. What was it like for you? I won't do it again."
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
    for manner in ("acknowledging", "ordinary", "defensive"):
        for level in ("hurt", "wary", "open"):
            assert all(scene.answers[manner][level])
    assert 0 < scene.strain < scene.bond < 1
    assert scene.notice


def test_acknowledging_repairs_and_defending_strains() -> None:
    good, bad = _play("journaling", GOOD), _play("journaling", BAD)
    start = practice.begin("journaling")
    assert good.strain == pytest.approx(start.strain * DEFAULT["repair_keep"])
    assert bad.strain == pytest.approx(start.strain + DEFAULT["jump_mean"])
    assert practice.debrief(bad).moved[0].startswith("strain: blaming.you")


def test_the_repair_gain_lifts_trust_above_where_it_stood() -> None:
    gain = DEFAULT.with_values(repair_gain=0.9)
    rehearsal = _play("journaling", GOOD, GOOD, GOOD, params=gain)
    told = practice.debrief(rehearsal, gain)
    assert told.outcome == "exceeded"
    assert len(told.curve) == 4
    assert practice.debrief(_play("journaling", GOOD, GOOD, GOOD)).outcome == "restored"


def test_ending_well_is_an_outcome() -> None:
    assert practice.debrief(_play("not-the-right-one", GOOD, GOOD)).outcome == "ended well"
    assert practice.debrief(_play("not-the-right-one", BAD)).outcome == "not yet"


def test_no_reply_is_kept() -> None:
    assert "forgot" not in repr(_play("late-again", GOOD).turns[0].moves)
    assert GOOD not in repr(_play("late-again", GOOD))


def test_another_speaker_may_be_plugged_in() -> None:
    def echo(scene: practice.Scene, manner: str, level: str, turn: int, reply: str) -> str:
        return f"{scene.code} {manner} {turn}"

    assert _play("silence", GOOD, speaker=echo).turns[0].answer == "silence acknowledging 0"


def test_trust_stays_a_share_whatever_is_said() -> None:
    rehearsal = _play("the-bill", *[BAD] * 8)
    assert 0 <= rehearsal.bond - rehearsal.strain <= 1
