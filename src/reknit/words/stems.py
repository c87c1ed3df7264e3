"""Words cut to their stems, and those too common to say what a text is about."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Words too common to say what a text is about."""
    return frozenset((files("reknit.words") / "data" / "common_words.txt").read_text("utf-8").split())


def stem(word: str) -> str:
    """The word without its commonest English endings."""
    for ending in ("ings", "ing", "ies", "ers", "er", "ed", "es", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word
