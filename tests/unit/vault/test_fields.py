"""Encrypted columns: opened by their ring alone, and never in clear on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection

from reknit.practice.people.models import Client, Clinic
from reknit.practice.vault.fields import EncryptedBytesField, EncryptedTextField, close, open_
from reknit.practice.vault.rings import KeyMissing, ring_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_() -> Client:
    clinic = Clinic.objects.create(name="A practice")
    return Client.objects.create(clinic=clinic, called="Ana, née Ωμέγα 🙂", contact="")


def stored(column: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM people_client")
        return cursor.fetchone()[0]


def test_what_goes_in_comes_out(client_: Client) -> None:
    assert Client.objects.get().called == "Ana, née Ωμέγα 🙂"


def test_the_database_never_sees_it(client_: Client) -> None:
    assert stored("called").startswith("gAAAA")
    assert "Ana" not in stored("called")


def test_the_same_words_are_never_stored_alike() -> None:
    assert close(b"the same", "records") != close(b"the same", "records")


def test_nothing_stays_nothing_and_can_be_asked_for(client_: Client) -> None:
    assert stored("contact") == ""
    assert Client.objects.filter(contact="").count() == 1
    assert Client.objects.exclude(called="").count() == 1


@pytest.mark.parametrize("question", [{"called": "Ana"}, {"called__contains": "A"}, {"called__in": ["Ana"]}])
def test_a_search_is_refused_rather_than_answered_wrongly(client_: Client, question: dict[str, Any]) -> None:
    with pytest.raises(FieldError):
        Client.objects.filter(**question).exists()


def test_an_update_is_encrypted_too(client_: Client) -> None:
    Client.objects.update(called="B.")
    assert stored("called").startswith("gAAAA")
    client_.called = "C."
    Client.objects.bulk_update([client_], ["called"])
    assert stored("called").startswith("gAAAA")
    assert Client.objects.get().called == "C."


def test_one_ring_does_not_open_what_another_closed() -> None:
    with pytest.raises(KeyMissing):
        open_(close(b"a private reflection", "reflections"), "records")


def test_an_altered_value_is_refused(client_: Client) -> None:
    token = stored("called")
    with pytest.raises(KeyMissing, match="altered"):
        open_((token[:-6] + "AAAAA=").encode(), "records")


def test_a_lost_ring_is_named_and_not_replaced(keys: Path) -> None:
    ring_path("records").unlink()
    with pytest.raises(KeyMissing, match=r"records\.keys"):
        close(b"words", "records")
    assert not ring_path("records").exists()


def test_a_spoilt_ring_is_named(keys: Path) -> None:
    ring_path("records").write_text("not a key\n")
    with pytest.raises(KeyMissing, match=r"records\.keys"):
        close(b"words", "records")


def test_bytes_round_trip() -> None:
    field = EncryptedBytesField(ring="reflections")
    prepared = field.get_db_prep_value(b"\x00\xff", connection)
    token = bytes(getattr(prepared, "obj", prepared))  # psycopg wraps it
    assert b"\x00\xff" not in token
    assert field.from_db_value(token, None, connection) == b"\x00\xff"


def test_migrations_remember_the_ring() -> None:
    assert EncryptedTextField(ring="reflections").deconstruct()[3]["ring"] == "reflections"
