"""Bodies and tokens made to do harm: never a failure, never a leak, never a change to somebody else's record.

    python -m pytest tests/web/test_hostile_input.py --hostile 10000

Every address is asked by every kind of person. A form is found on its own page first, so that the harm
arrives in fields that exist.
"""

from __future__ import annotations

import json
import random
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.core.signals import got_request_exception
from django.db import connection

from reknit.practice import clock
from reknit.practice.trail.models import Entry

from .test_every_address import Address, Person, addresses, people
from .world import Side, World, build

pytestmark = pytest.mark.django_db
SEED = 20_261

SCRIPT = "<script>hostile()</script>"
TEXTS = [
    SCRIPT,
    "\"><img src=x onerror=hostile()><svg/onload='hostile()'>",
    "'; DROP TABLE checkins_answer; --",
    "1 OR 1=1) UNION SELECT password FROM people_user --",
    "{{ settings.SECRET_KEY }}{% debug %}${7*7}#{7*7}",
    "../../../../etc/passwd\0.txt",
    "\0\x01\x02\x1b[31m",
    "\ud800 alone, \udfff too",
    "\u202e\u2066 txt.exe \u2069 \u200b\ufeff",
    "рassword аnna-called-text",  # Cyrillic letters that look Latin
    "ﷺ" * 2_000,
    "🧵" * 500,
    "e\u0301" * 3_000,
    "%ff%fe%00 %0d%0aSet-Cookie: hostile=1",
    "a\r\nX-Hostile: 1\r\n\r\n<html>",
    '=HYPERLINK("http://hostile.example","x")',
    "9" * 400,
    "-1",
    "NaN",
    "1e400",
    "0x7fffffffffffffff",
    "99999-12-31",
    "0000-00-00T25:61",
    "on\n" * 1_000,
    "x" * 60_000,
    "",
    " ",
]
FIELD = re.compile(r"<(?:input|textarea|select|button)\b[^>]*?\bname=\"([^\"]+)\"[^>]*>")
VALUE = re.compile(r"\bvalue=\"([^\"]*)\"")


@pytest.fixture
def bodies(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--hostile"))


def test_harm_is_answered_calmly(bodies: int) -> None:
    world, chance = build(), random.Random(SEED)
    everybody, known = people(world), list(addresses())
    failures: list[str] = []
    got_request_exception.connect(lambda **kinds: failures.append("".join(_raised())), weak=False)
    for person in everybody:
        person.browser.raise_request_exception = False
    others = {side.name: _lines(side) for side in (world.a, world.b)}
    for _ in range(bodies):
        person, address = chance.choice(everybody), chance.choice(known)
        about = chance.choice([world.a, world.b])
        may_change = person.to_a if about is world.a else person.to_b
        with clock.at(clock.now() + timedelta(days=chance.choice([0, 0, 0, -4_000, -1, 1, 40, 4_000]))):
            send(person, address, about, chance, world)
        if not may_change and "pk" in address.needs:
            assert _lines(about) == others[about.name], (
                f"{person.name} changed {about.name} at {address.name}"
            )
        others = {side.name: _lines(side) for side in (world.a, world.b)}
    assert not failures, f"{len(failures)} failures; the first: {failures[0]}"
    assert connection.is_usable()


def send(person: Person, address: Address, about: Side, chance: random.Random, world: World) -> None:
    """One request in harm's way, and again with the same body (a replay), judged both times."""
    path = address.path(about, forged(person.token, chance))
    fields = dict(form_fields(person, path))
    body = harmful(fields, chance)
    for _ in range(2):
        response = person.browser.generic("POST", path, **body)
        content = b"".join(response) if response.streaming else response.content
        text = content.decode("utf-8", "replace")
        assert response.status_code < 500, (
            f"{person.name} {address.name}: {response.status_code} {body!s:.300}"
        )
        assert "hostile" not in str(response.headers), f"{address.name} let a header in"
        if "html" in response.get("Content-Type", ""):
            assert not any(tag in text for tag in (SCRIPT, "<img src=x")), f"{address.name} let a script in"
        leaked = {secret for secret in person.forbidden(world) if secret in text}
        assert not leaked, f"{person.name} saw {leaked} at {address.name}"


def form_fields(person: Person, path: str) -> Iterator[tuple[str, str]]:
    """The fields of the page's own forms, with the values they come with."""
    response = person.browser.get(path)
    if response.status_code == 200 and "html" in response.get("Content-Type", ""):
        for found in FIELD.finditer(response.content.decode("utf-8", "replace")):
            value = VALUE.search(found.group(0))
            yield found.group(1), value.group(1) if value else ""


def harmful(fields: dict[str, str], chance: random.Random) -> dict[str, Any]:
    """A body: mostly the page's own form with some fields turned bad, else no form at all."""
    names = list(fields) or ["text", "words", "answer", "email", "password", "number", "date"]
    turned = {name: fields.get(name, "") for name in names} | {
        name: chance.choice(TEXTS) for name in names if chance.random() < 0.5
    }
    kind = chance.choice(["form", "form", "form", "form", "json", "bytes", "multipart", "deep", "huge"])
    if kind == "form":
        pairs = (f"{quote(k)}={quote(v, errors='surrogatepass')}" for k, v in turned.items())
        return {"data": "&".join(pairs), "content_type": "application/x-www-form-urlencoded"}
    if kind == "json":
        return {"data": json.dumps(turned), "content_type": "application/json"}
    if kind == "bytes":
        charset = chance.choice(["utf-16", "utf-7", "latin-1", "no-such-charset"])
        content_type = f"application/x-www-form-urlencoded; charset={charset}"
        return {"data": chance.randbytes(chance.choice([1, 100, 5_000])), "content_type": content_type}
    if kind == "multipart":
        data = (
            f'--x\r\nContent-Disposition: form-data; name="{names[0]}"; filename="../../{SCRIPT}"\r\n\r\n\0'
        )
        return {"data": data.encode(), "content_type": "multipart/form-data; boundary=x"}
    if kind == "deep":
        return {"data": "[" * 5_000 + "]" * 5_000, "content_type": "application/json"}
    return {
        "data": f"{names[0]}=" + "x" * 2_700_000,
        "content_type": "application/x-www-form-urlencoded",
    }


def forged(token: str, chance: random.Random) -> str:
    """The token as it is, or with a letter changed, cut short, doubled, or with harm at its end."""
    place = chance.randrange(len(token))
    changed = token[:place] + chance.choice("AZaz09_-") + token[place + 1 :]
    return chance.choice(
        [token, token, token, changed, token[:-1], token * 2, token + "%00", "%27%20OR%201=1"]
    )


def _lines(side: Side) -> int:
    """How much was done in a relationship; reading by those who may is on the trail too."""
    return Entry.objects.filter(relationship_id=side.pair.relationship.pk).count()


def _raised() -> list[str]:
    return traceback.format_exception(*sys.exc_info())[-3:]
