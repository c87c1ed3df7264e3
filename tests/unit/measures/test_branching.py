"""Which items are shown, given what was answered (FHIR `enableWhen`)."""

from __future__ import annotations

from reknit.measures import load, parse


def keys(name: str, answers: dict[str, object]) -> list[str]:
    return [item.key for item in load(name).enabled(answers) if item.asks]


def test_the_question_about_difficulty_comes_only_when_something_bothered():
    assert "difficulty" not in keys("phq_9", {})
    assert "difficulty" not in keys("phq_9", {f"phq-{n}": 0.0 for n in range(1, 10)})
    for n in range(1, 10):
        assert "difficulty" in keys("phq_9", {f"phq-{n}": 1.0})


def test_a_goal_opens_its_line_and_the_next_goal():
    assert keys("goals", {}) == ["goal-1"]
    assert keys("goals", {"goal-1": "sleep"}) == ["goal-1", "near-1", "goal-2"]
    assert keys("goals", {"goal-1": "", "goal-2": "walk"}) == ["goal-1"]


def test_an_answer_to_a_hidden_item_opens_nothing():
    assert "near-3" not in keys("goals", {"goal-3": "left over from an earlier page"})


def test_all_conditions_or_any():
    def item(behaviour: str) -> dict:
        asked = [{"question": q, "operator": "exists", "answerBoolean": True} for q in ("a", "b")]
        return {"linkId": "c", "text": "c", "type": "text", "enableWhen": asked, "enableBehavior": behaviour}

    plain = [{"linkId": key, "text": key, "type": "text"} for key in ("a", "b")]
    for behaviour, expected in (("all", False), ("any", True)):
        measure = parse({"id": "x", "title": "X", "item": [*plain, item(behaviour)]})
        assert ("c" in [i.key for i in measure.enabled({"a": "said"})]) is expected


def test_groups_are_read_in_order():
    group = {"linkId": "g", "text": "Part one", "type": "group",
             "item": [{"linkId": "a", "text": "A", "type": "text"}]}  # fmt: skip
    measure = parse({"id": "x", "title": "X", "item": [group, {"linkId": "b", "text": "B", "type": "text"}]})
    assert [(item.key, item.asks) for item in measure.items] == [("g", False), ("a", True), ("b", True)]
