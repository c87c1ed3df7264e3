"""The documentation keeps up with the command line and the criteria."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import typer

from reknit import cli
from reknit.criteria import CRITERIA

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = typer.main.get_command(cli.app)


def commands() -> list[tuple[str, list[str]]]:
    found = []
    for name, command in COMMANDS.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", {"": command})
        for part, leaf in inner.items():
            options = [max(p.opts, key=len) for p in leaf.params if p.opts[0].startswith("-")]
            found.append((f"{name} {part}".strip(), options))
    return found


@pytest.mark.parametrize(
    ("name", "options"), commands(), ids=lambda part: part if isinstance(part, str) else ""
)
def test_every_command_and_option_has_its_place(name: str, options: list[str]) -> None:
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    assert f"reknit {name}" in text
    for option in options:
        known = option == "--output" and " -o " in text
        assert known or option in text, option


@pytest.mark.parametrize("name", CRITERIA)
def test_every_criterion_and_its_own_parameters_have_their_place(name: str) -> None:
    text = (DOCS / "criteria.md").read_text(encoding="utf-8")
    (row,) = [
        line for line in text.splitlines() if line.startswith("| `") and f"`{name}`" in line.split("|")[1]
    ]
    for parameter in inspect.signature(CRITERIA[name].rule).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.name not in ("params", "amount"):
            assert re.search(rf"`{parameter.name}`", row), parameter.name
