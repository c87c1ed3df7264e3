"""Changing keys loses nothing, and an old key is forgotten only when nothing needs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.db import connection

from reknit.practice.people.models import Client, Clinic, User
from reknit.practice.vault import rotation
from reknit.practice.vault.fields import close, open_
from reknit.practice.vault.rings import KeyMissing, keys_in, ring_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled(keys: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Seven clients in batches of three, and one person with a one-time-code secret."""
    monkeypatch.setattr(rotation, "BATCH", 3)
    clinic = Clinic.objects.create(name="A practice")
    names = [f"client {number}" for number in range(7)]
    for name in names:
        Client.objects.create(clinic=clinic, called=name)
    user = User.objects.create_user("therapist@example.org", "x")
    secret = close(b"JBSWY3DP", "records").decode()
    Authenticator.objects.create(user=user, type="totp", data={"secret": secret})
    return names


def names() -> list[str]:
    return [client.called for client in Client.objects.order_by("pk")]


def test_rotating_closes_everything_again_and_keeps_the_old_key(filled: list[str]) -> None:
    done = rotation.rotate("records")
    assert (done.values, done.keys) == (8, 2)
    assert names() == filled
    newest = Fernet(keys_in(ring_path("records"))[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT called FROM people_client")
        assert {newest.decrypt(token).decode() for (token,) in cursor.fetchall()} == set(filled)


def test_one_time_code_secrets_are_rotated_too(filled: list[str]) -> None:
    rotation.rotate("records")
    rotation.retire_old_keys("records")
    assert open_(Authenticator.objects.get().data["secret"].encode(), "records") == b"JBSWY3DP"


def test_retiring_leaves_one_key_that_opens_everything(filled: list[str]) -> None:
    rotation.rotate("records")
    done = rotation.retire_old_keys("records")
    assert (done.values, done.keys) == (0, 1)
    assert names() == filled


def test_retiring_closes_again_what_was_written_with_an_old_key(filled: list[str]) -> None:
    old = Fernet(keys_in(ring_path("records"))[0])
    rotation.rotate("records")
    with connection.cursor() as cursor:  # a writer that had read the ring just before
        cursor.execute(
            "UPDATE people_client SET contact = %s WHERE id = (SELECT max(id) FROM people_client)",
            [old.encrypt(b"late").decode()],
        )
    assert rotation.retire_old_keys("records").values == 1
    assert Client.objects.latest("pk").contact == "late"


def test_a_value_that_no_key_opens_stops_it_and_keeps_every_key(filled: list[str]) -> None:
    stranger = Fernet(Fernet.generate_key()).encrypt(b"from another database").decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_client SET contact = %s", [stranger])
    with pytest.raises(KeyMissing, match=r"people_client\.contact"):
        rotation.retire_old_keys("records")
    with pytest.raises(KeyMissing, match=r"people_client\.contact"):
        rotation.check_keys()


def test_the_right_keys_pass_the_check(filled: list[str]) -> None:
    rotation.check_keys()


def test_rings_are_separate(filled: list[str]) -> None:
    before = ring_path("records").read_text()
    assert rotation.rotate("reflections").values == 0
    assert ring_path("records").read_text() == before


def test_the_trails_seal_is_not_rotated(keys: Path) -> None:
    with pytest.raises(ValueError, match="trail"):
        rotation.rotate("trail")


def test_json_is_left_as_it_was_apart_from_its_secrets(filled: list[str]) -> None:
    Authenticator.objects.update(
        data={"secret": close(b"s", "records").decode(), "used_mask": 5, "more": [None]}
    )
    rotation.rotate("records")
    assert Authenticator.objects.get().data | {"secret": ""} == {"secret": "", "used_mask": 5, "more": [None]}
