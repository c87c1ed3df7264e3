"""Whether a text is in a language that is read here, so that "I can't tell" can be said instead of guessing.

By its script, by small words that give a language away (``data/function_words.toml``), and by how many of its
words are English ones: those of the sentences that ship, and the whole words of the model's vocabulary.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files

from reknit.words.sentences import straighten

_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_OTHER_SCRIPT = 0.3  # of the letters
_KNOWN, _MOSTLY = 0.4, 0.7  # of the words
_FEW = 3  # words: of so few or fewer, one that is known is enough
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly", "er", "ers", "ling", "led", "'s")


def reads(text: str) -> bool:
    """True unless ``text`` is shown to be in a language other than English (no letters at all: True)."""
    lowered = straighten(text).lower()
    letters = [one for one in lowered if one.isalpha()]
    if sum(not _latin(one) for one in letters) > _OTHER_SCRIPT * len(letters):
        return False
    words = [word for word in _TOKEN.findall(lowered) if len(word) > 1]
    rows = _function_words()
    counts = {name: sum(word in row for word in words) for name, row in rows.items()}
    other = max(count for name, count in counts.items() if name != "en")
    known = sum(word in rows["en"] or _is_english(word) for word in words)
    if other > counts["en"] and (other > 1 or known < _MOSTLY * len(words)):
        return False
    return not words or known >= (1 if len(words) <= _FEW else _KNOWN * len(words))


def _is_english(word: str) -> bool:
    stems = [word, *(word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending))]
    return any(stem in _english() or f"{stem}e" in _english() for stem in stems if len(stem) > 2)


def _latin(letter: str) -> bool:
    return letter.isascii() or unicodedata.name(letter, "").startswith("LATIN")


@lru_cache(maxsize=1)
def _function_words() -> dict[str, frozenset[str]]:
    table = tomllib.loads((files("reknit.words") / "data" / "function_words.toml").read_text("utf-8"))
    english = frozenset(table["en"].split())
    others = {name: frozenset(row.split()) - english for name, row in table.items()}
    return others | {"en": english}


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    """The words of the sentences that ship, the map among them, and of the model's vocabulary."""
    folder = files("reknit.words") / "data"
    wanted = re.compile(r"(?:examples|replies\w*)\.txt|demands\.toml")
    texts = [one.read_text("utf-8") for one in folder.iterdir() if wanted.fullmatch(one.name)]
    model = json.loads((folder / "minilm" / "tokenizer.json").read_text("utf-8"))["model"]
    whole = {word for word in model["vocab"] if word.isalpha() and word.isascii()}
    return frozenset(whole.union(*(_TOKEN.findall(straighten(text).lower()) for text in texts)))
