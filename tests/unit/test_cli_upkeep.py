"""Keys are turned and the trail is checked from the command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from reknit.cli import app


@pytest.mark.django_db
def test_keys_turn_and_what_was_closed_still_opens(keys) -> None:
    from reknit.practice import loop
    from reknit.practice.people.models import Client, User

    clinic = loop.open_clinic(User.objects.create_user(email="a@x.example"), "A clinic")
    Client.objects.create(clinic=clinic, called="Jo")
    turned = CliRunner().invoke(app, ["keys", "rotate", "records"])
    assert turned.exit_code == 0, turned.output
    assert "2 keys on the ring" in turned.output
    assert Client.objects.get().called == "Jo"
    assert "1 key left" in CliRunner().invoke(app, ["keys", "retire", "records"]).output
    assert Client.objects.get().called == "Jo"


@pytest.mark.django_db
def test_the_trail_holds_until_somebody_changes_it(monkeypatch) -> None:
    from reknit.practice.trail import Broken, record

    record("user:1", "created", "clinic:1")
    assert "the trail holds" in CliRunner().invoke(app, ["trail", "verify"]).output
    monkeypatch.setattr("reknit.practice.trail.book.verify", lambda: [Broken("house", 1, "changed")])
    told = CliRunner().invoke(app, ["trail", "verify"])
    assert told.exit_code == 1
    assert "house 1: changed" in told.output
