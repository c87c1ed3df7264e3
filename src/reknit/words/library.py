"""A small open library of between-session practices (CC0), and what to offer when one does not suit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from reknit.words.concepts import named, with_ancestors
from reknit.words.homework import match_many
from reknit.words.phrases import asked_part

# what a demand in a homework is usually meant for, so that an alternative serves the same end
_AIMS: dict[str, tuple[str, ...]] = {
    "journaling": ("journal", "reflect"),
    "writing": ("reflect", "journal"),
    "letters": ("feelings", "grief"),
    "forms": ("think", "track"),
    "lists": ("values", "think"),
    "ratings": ("track",),
    "tracking": ("track",),
    "mood_tracking": ("track",),
    "planning_crisis": ("cope", "plan"),
    "positive": ("gratitude", "reflect"),
    "affirmations": ("kind",),
    "thought_work": ("think",),
    "worry_time": ("think",),
    "breathing": ("calm",),
    "meditation": ("calm",),
    "body_awareness": ("calm", "ground"),
    "relaxation": ("calm",),
    "imagery": ("calm",),
    "yoga": ("calm", "move"),
    "exercise": ("move", "active"),
    "walking": ("move", "active"),
    "reading": ("learn",),
    "self_help": ("learn",),
    "screens": ("learn",),
    "listening": ("learn",),
    "exposure": ("face",),
    "crowds": ("face",),
    "strangers": ("face", "connect"),
    "groups": ("connect",),
    "parties": ("connect",),
    "friends": ("connect",),
    "confrontation": ("assert",),
    "role_play": ("assert",),
    "sleep_restriction": ("sleep",),
    "early_rising": ("sleep",),
    "death": ("grief",),
    "values": ("values",),
    "alcohol": ("connect", "enjoy"),
    "eating": ("enjoy",),
    "caring_self": ("kind", "rest"),
    "baths": ("calm",),
    "religion": ("values", "calm"),
    "art": ("feelings",),
    "housework": ("active", "mastery"),
}


@dataclass(frozen=True)
class Practice:
    """One practice: the text as it may be sent, how it is done, what it is for and what it asks for."""

    code: str
    text: str
    mode: str
    aims: tuple[str, ...]
    demands: tuple[str, ...]
    minutes: int

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "aims": list(self.aims), "demands": list(self.demands)}


@lru_cache(maxsize=1)
def practices() -> tuple[Practice, ...]:
    """The whole library, in the order of the data file."""
    table = json.loads((files("reknit.words") / "data" / "practices.json").read_text("utf-8"))
    return tuple(
        Practice(
            row["code"],
            row["text"],
            row["mode"],
            tuple(row["aims"]),
            tuple(row["demands"]),
            int(row["minutes"]),
        )
        for row in table["practices"]
    )


def alternatives(
    homework: str, learnings: Sequence[tuple[str, str]] = (), *, limit: int = 5, by_meaning: bool = True
) -> list[Practice]:
    """Practices that serve the same end as ``homework`` and touch nothing that the learnings rule out.

    Args:
        homework: what was going to be suggested; its demands say what it was meant for.
        learnings: (sentence, polarity) of everything known about the person; liked modes come first.
        limit: at most so many.
        by_meaning: also use the model of meaning for the check, where it is installed.

    Returns:
        Practices, the best fitting first; only those that no learning warns of or asks about.
    """
    said = named(asked_part(homework), "asks")
    aims = {aim for code in with_ancestors(said.plain) or said.implied for aim in _AIMS.get(code, ())}
    aims = aims or {"reflect", "calm", "active"}
    guarded = [(text, polarity) for text, polarity in learnings if polarity != "likes"]
    barred = {
        code
        for text, polarity in guarded
        if polarity == "avoid"
        for code in named(text.lower(), "says").plain
    }
    fitting = [
        one for one in practices() if aims & set(one.aims) and not barred & with_ancestors(one.demands)
    ]
    rows = [(text, polarity, one.text) for one in fitting for text, polarity in guarded]
    decisions = iter(match_many(rows, by_meaning=by_meaning))
    clear = {one.code: [next(decisions).decision == "ok" for _ in guarded] for one in fitting}
    safe = [one for one in fitting if all(clear[one.code])]
    liked = {
        code
        for text, polarity in learnings
        if polarity == "likes"
        for code in named(text.lower(), "says").plain
    }

    def order(one: Practice) -> tuple[int, int]:
        return -len(liked & with_ancestors(one.demands)), -len(aims & set(one.aims))

    return sorted(safe, key=order)[:limit]
