"""Model fields whose contents the database never sees in clear.

The value is closed on its way in and opened on its way out, so a stolen database file or dump says how much
was written and when, and no more. An encrypted column cannot be searched: only "is it empty?" can be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.fernet import InvalidToken
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact, IsNull

from reknit.practice.vault.rings import KeyMissing, ring, ring_path

if TYPE_CHECKING:
    TextBase = models.TextField[str, str]
    BinaryBase = models.BinaryField[bytes, bytes]
else:
    TextBase, BinaryBase = models.TextField, models.BinaryField


def close(value: bytes, ring_name: str) -> bytes:
    """``value`` under the newest key of the ring; nothing stays nothing, so that emptiness can be asked."""
    return ring(ring_name).encrypt(value) if value else b""


def open_(token: bytes, ring_name: str) -> bytes:
    """What ``close`` was given.

    Raises:
        KeyMissing: no key on the ring opens it, or it was altered.
    """
    if not token:
        return b""
    try:
        return ring(ring_name).decrypt(token)
    except InvalidToken as error:
        raise KeyMissing(
            f"No key in {ring_path(ring_name)} opens a stored value: either the value was altered, or the "
            "keys belong to another database. Restore the keys folder that belongs to this database."
        ) from error


class _Encrypted(models.Field):  # type: ignore[type-arg]
    """What both fields share: the ring's name, and refusing every look-up but emptiness."""

    def __init__(self, *args: Any, ring: str = "records", **kwargs: Any) -> None:
        self.ring = ring
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "ring": self.ring}

    def get_lookup(self, lookup_name: str) -> Any:
        allowed: dict[str, Any] = {"isnull": IsNull, "exact": _IsEmpty}
        if lookup_name not in allowed:
            raise FieldError(f"{self.name} is encrypted: it cannot be searched by {lookup_name!r}")
        return allowed[lookup_name]

    def get_transform(self, lookup_name: str) -> Any:
        return None


class _IsEmpty(Exact):
    """``words=""`` is the one comparison that means anything on an encrypted column."""

    def get_prep_lookup(self) -> Any:
        if self.rhs not in ("", b""):
            raise FieldError("an encrypted column can only be compared with the empty value")
        return super().get_prep_lookup()


class EncryptedTextField(_Encrypted, TextBase):
    """Text, kept as a Fernet token in a text column. ``ring`` names the key ring."""

    description = "Encrypted text"

    def get_prep_value(self, value: Any) -> Any:
        plain = super().get_prep_value(value)
        return None if plain is None else close(plain.encode("utf-8"), self.ring).decode("ascii")

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else open_(value.encode("ascii"), self.ring).decode("utf-8")


class EncryptedBytesField(_Encrypted, BinaryBase):
    """Bytes, kept as a Fernet token in a binary column. ``ring`` names the key ring."""

    description = "Encrypted bytes"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        token = None if value is None else close(bytes(value), self.ring)
        return super().get_db_prep_value(token, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        return None if value is None else open_(bytes(value), self.ring)
