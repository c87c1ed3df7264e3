"""A log that points at nobody."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from django.test import Client

from reknit.practice.logs import QuietLines, scrub


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Not Found: /c/Zk3w9_x-Qp1LmN8vTr5a/", "Not Found: /c/…/"),
        ("Not Found: /c/short/words/?next=/c/other", "Not Found: /c/…/words/"),
        (
            "Forbidden: /accounts/password/reset/key/1-cx2a-9f8e/",
            "Forbidden: /accounts/password/reset/key/…/",
        ),
        ("Not Found: /accounts/confirm-email/MQ:1tabc:xyz/", "Not Found: /accounts/confirm-email/…/"),
        ("GET /practice/clients/12/?q=Ana", "GET /practice/clients/12/"),
        ("Referer - https://x.example/c/abc does not", "Referer - https://x.example/… does not"),
        ("mail to ada.example+x@clinic.example.org failed", "mail to [address] failed"),
        ("Not Found: /practice/relationships/12/", "Not Found: /practice/relationships/12/"),
        ("Not Found: /export/0f8fad5bd9cb469fa16570867728950e", "Not Found: /export/…"),
    ],
)
def test_addresses_lose_what_points_at_somebody(said: str, kept: str) -> None:
    assert scrub(said) == kept


def test_an_error_is_told_by_its_kind_and_place_and_never_by_its_message() -> None:
    try:
        raise ValueError("DETAIL: Key (called)=(Ana) already exists")
    except ValueError:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "Error: %s", ("/c/tok/",), None
        )
        record.exc_info = sys.exc_info()
    text = QuietLines().format(record)
    line = json.loads(text)
    assert "Ana" not in text
    assert line["what"] == "Error: /c/…/"
    assert line["error"] == "ValueError"
    assert line["where"][-1].endswith("test_an_error_is_told_by_its_kind_and_place_and_never_by_its_message")
    assert set(line) == {"at", "level", "part", "what", "error", "where"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/Ana-Ruiz-does-not-sleep/", "Not Found: (no such page)"),
        ("/practice/with/998877/", "Not Found: /practice/with/<int:pk>/"),
        ("/c/my-secret-words/", "Not Found: /c/…/"),
    ],
)
def test_what_somebody_typed_as_an_address_is_not_in_the_log(
    typed: str, told: str, admin_client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "django.request"):
        admin_client.get(typed)
    lines = [json.loads(QuietLines().format(record))["what"] for record in caplog.records]
    assert lines == [told]
