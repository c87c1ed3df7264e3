"""The safety papers point at code and tests; what they point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAPERS = sorted((ROOT / "docs" / "safety").glob("*.md"))
POINTED_AT = re.compile(r"`((?:src|tests|docs|requirements|bench)/[\w./-]+)(?:::(\w+))?`")
LINKED = re.compile(r"\]\(([\w./-]+\.md)\)")


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: path.name)
def test_what_a_paper_points_at_is_there(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    missing = [
        f"{path}::{name}"
        for path, name in POINTED_AT.findall(text)
        if not (ROOT / path).exists() or (name and f"def {name}(" not in (ROOT / path).read_text())
    ]
    missing += [link for link in LINKED.findall(text) if not (paper.parent / link).exists()]
    assert not missing


def test_every_hazard_says_what_stands_against_it_and_what_remains() -> None:
    hazards = re.split(r"^## ", (ROOT / "docs/safety/hazard-log.md").read_text(), flags=re.M)[1:]
    assert len(hazards) >= 10
    for hazard in hazards:
        for line in (
            "what could happen",
            "causes",
            "S, L, initial",
            "controls in the software",
            "what remains",
        ):
            assert f"| {line} |" in hazard, hazard[:40]
        assert re.search(r"Residual [1-5]", hazard), hazard[:40]
