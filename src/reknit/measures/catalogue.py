"""The measures that ship with Reknit."""

from __future__ import annotations

import copy
import json
from functools import cache
from importlib.resources import files
from typing import Any

from reknit.measures.fhir import parse
from reknit.measures.model import Measure

SHIPPED = (
    "check_in", "goals", "self_trust", "clinic_trust", "phq_9", "phq_2", "gad_7",
    "wai_sr", "ors", "srs", "core_10", "arm_5", "c_nip",
)  # fmt: skip
"""File names without ending, ours first, then the free ones, then those whose wording is supplied locally."""


@cache
def load(name: str) -> Measure:
    """A measure that ships with Reknit, by file name without ending: `load("check_in")`."""
    return parse(_read(name))


def questionnaire(name: str) -> dict[str, Any]:
    """The FHIR R4 Questionnaire of a shipped measure, a fresh copy."""
    return copy.deepcopy(_read(name))


@cache
def by_key() -> dict[str, Measure]:
    """Every shipped measure by its key, such as `phq-9`."""
    return {load(name).key: load(name) for name in SHIPPED}


@cache
def name_of(key: str) -> str:
    """The file name of a shipped measure's key.

    Raises:
        KeyError: no such measure ships.
    """
    return {load(name).key: name for name in SHIPPED}[key]


@cache
def _read(name: str) -> dict[str, Any]:
    path = files("reknit.measures").joinpath("forms", f"{name}.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
