"""The page about exchange keeps up with what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "exchange.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
def test_examples_are_python(example):
    compile(example, "docs/exchange.md", "exec")


def test_every_scope_and_address_that_it_names_is_there():
    from django.urls import Resolver404, resolve

    from reknit.practice.doors.api.models import Scope

    for scope in Scope.values:
        assert f"`{scope}`" in PAGE
    named = re.findall(r"`(?:GET |POST )?(/(?:api|history)[^`?]*)`", PAGE)
    assert len(named) > 6
    for address in named:
        try:
            resolve(re.sub(r"\{\w+\}|<\w+>", "1", address))
        except Resolver404:
            pytest.fail(f"{address} is not an address")
