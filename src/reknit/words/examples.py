"""The sentences that train the language part, all written for the project (CC0) and shipped with it."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from reknit.words.concepts import with_ancestors


@dataclass(frozen=True)
class Example:
    """A learning ("-"), a homework ("+") or one that only looks alike ("~"), with the demands it carries."""

    text: str
    kind: str
    under: str
    carries: frozenset[str]


def examples() -> Iterator[Example]:
    """All sentences of ``data/examples.txt``, in order."""
    under = ""
    for line in (files("reknit.words") / "data" / "examples.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            under = line.strip("[] ")
        elif line[:1] in ("-", "+", "~"):
            text, _, tags = line[1:].partition("|")
            own = set() if line[0] == "~" else {under}
            yield Example(text.strip(), line[0], under, with_ancestors(own | set(tags.split())))


_LABELS = {"!": "conflict", "=": "ok", "?": "unsure"}


@dataclass(frozen=True)
class Pair:
    """A learning with its stored polarity, a homework, how they go together, and the file it stands in.

    ``label`` is "conflict" ("!" in the file), "ok" ("=") or "unsure" ("?", should be asked about).
    """

    learning: str
    polarity: str
    homework: str
    label: str
    source: str


def pairs() -> Iterator[Pair]:
    """All pairs of ``data/pairs*.txt``, in order."""
    folder = files("reknit.words") / "data"
    for name in sorted(one.name for one in folder.iterdir() if re.fullmatch(r"pairs\w*\.txt", one.name)):
        polarity = ""
        for line in (folder / name).read_text("utf-8").splitlines():
            if line.startswith("["):
                polarity = line.strip("[] ")
            elif line[:1] in _LABELS:
                learning, _, homework = line[1:].partition("|")
                yield Pair(learning.strip(), polarity, homework.strip(), _LABELS[line[0]], name)


def read_pairs() -> list[Pair]:
    """All pairs that need reading: a like never does."""
    return [one for one in pairs() if one.polarity != "likes"]


def author(source: str) -> str:
    """Who wrote a file: its name, less "more" where an author has a second one."""
    return source.removesuffix(".txt").removesuffix("_more")


def folds_by_author(sources: Iterable[str], folds: int) -> list[int]:
    """The fold of each row by the file it stands in: no author stands on both sides."""
    authors = [author(one) for one in sources]
    place = {who: n % folds for n, who in enumerate(sorted(set(authors)))}
    return [place[who] for who in authors]


def terms() -> dict[str, frozenset[str]]:
    """The words of the map, bare, each with the demands that it names."""
    table = tomllib.loads((files("reknit.words") / "data" / "demands.toml").read_text("utf-8"))
    named: dict[str, set[str]] = {}
    for code, row in table.items():
        for term in ", ".join(row.get(key, "") for key in ("terms", "says", "asks")).split(","):
            bare = term.strip().replace(" ~ ", " ").replace("*", "").strip(" -")
            if len(bare) > 3:
                named.setdefault(bare, set()).add(code)
    return {term: with_ancestors(codes) for term, codes in named.items()}


def labelled(name: str) -> list[dict[str, str]]:
    """The rows of a tab-separated file in ``data/`` (``name`` without the ending), by column name."""
    text = (files("reknit.words") / "data" / f"{name}.tsv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def replies() -> Iterator[tuple[str, str, str]]:
    """(sentence, heading, file) of ``data/replies*.txt``; a heading is a remark's code or a class."""
    folder = files("reknit.words") / "data"
    for name in sorted(one.name for one in folder.iterdir() if re.fullmatch(r"replies\w*\.txt", one.name)):
        heading = ""
        for line in (folder / name).read_text("utf-8").splitlines():
            if line.startswith("["):
                heading = line.strip("[] ")
            elif line and not line.startswith("#"):
                yield line.strip(), heading, name
