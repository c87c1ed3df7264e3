"""The page for researchers runs from top to bottom, and the model's page knows every parameter."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reknit
from reknit.trust.spec import reference

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: str) -> list[tuple[str, str]]:
    """The shell and Python blocks of a page, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(r"^```(sh|python)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_the_page_for_researchers_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = f'reknit() {{ "{sys.executable}" -m reknit.cli "$@"; }}\n'
    path = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    names: dict[str, object] = {}
    for kind, code in blocks("research.md"):
        code = code.replace("--relationships 400", "--relationships 150")  # noqa: PLW2901  for time's sake
        if kind == "sh":
            done = subprocess.run(
                ["sh", "-ec", command + code], env=path, capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), code
        else:
            exec(code, names)
    said = capsys.readouterr().out
    assert "is off the scale 1:7; this column runs from" in said
    assert f"150 relationships with Reknit {reknit.__version__}" in said
    assert "rupture-repair" in said
    made = {"trust.csv", "smooth.csv", "episodes.csv", "params.json", "figure-1.svg", "figure-1-data.csv"}
    assert made <= {item.name for item in tmp_path.iterdir()}


def test_every_public_name_and_argument_is_on_the_page_of_functions() -> None:
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    for name in set(reknit.__all__) - {"__version__"}:
        assert f"`reknit.{name}" in text, name
        value = getattr(reknit, name)
        if inspect.isfunction(value):
            for argument in inspect.signature(value).parameters:
                assert re.search(rf"`\**{argument}`", text), f"{name}: {argument}"


def test_the_model_s_page_knows_every_parameter() -> None:
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    assert reference() in text, "write it anew with: python -m reknit.trust.spec"


@pytest.mark.parametrize("page", ["research.md", "api.md", "model.md", "criteria.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (DOCS / target).exists(), target


def test_the_citation_names_this_version() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {reknit.__version__}\n" in text


def test_the_page_of_functions_runs(capsys: pytest.CaptureFixture[str]) -> None:
    for kind, code in blocks("api.md"):
        assert kind == "python"
        exec(code, {})
    assert "p_restored=" in capsys.readouterr().out
