"""A sealed file: a stream encrypted piece by piece, so that a backup of any size needs little memory.

The key is derived from a passphrase or key file by scrypt, with a new salt for every file. Each piece is
closed with AES-256-GCM under its number and whether it is the last, so pieces can be neither changed, lost,
repeated nor reordered, and a cut-off file is noticed (STREAM: Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

from __future__ import annotations

import os
import struct
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"reknit-backup-1\n"
SALT, PREFIX, PIECE, TAG = 16, 7, 1 << 20, 16
SHORTEST_SECRET = 12


class CannotOpen(ValueError):
    """The file is not a sealed file, was altered or cut off, or the secret is another one."""


def _key(secret: bytes, salt: bytes) -> AESGCM:
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"The passphrase of a backup needs at least {SHORTEST_SECRET} characters.")
    return AESGCM(Scrypt(salt=salt, length=32, n=1 << 16, r=8, p=1).derive(secret))


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


class Sealing:
    """A file-like object: what is written to it lands in ``file``, sealed. Use it in a ``with`` block."""

    def __init__(self, file: BinaryIO, secret: bytes) -> None:
        salt, self._prefix = os.urandom(SALT), os.urandom(PREFIX)
        self._file, self._aes = file, _key(secret, salt)
        self._header = MAGIC + salt + self._prefix
        self._held, self._number = bytearray(), 0
        file.write(self._header)

    def write(self, data: bytes) -> int:
        self._held += data
        while len(self._held) > PIECE:  # the last piece is closed in __exit__, and there always is one
            self._close(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return len(data)

    def _close(self, piece: bytes, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last)
        self._file.write(self._aes.encrypt(nonce, piece, self._header))
        self._number += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._close(bytes(self._held), last=True)


class Unsealing:
    """A file-like object that reads what ``Sealing`` wrote.

    Raises:
        CannotOpen: on the first piece that is not as it was written.
    """

    def __init__(self, file: BinaryIO, secret: bytes) -> None:
        self._header = file.read(len(MAGIC) + SALT + PREFIX)
        if not self._header.startswith(MAGIC) or len(self._header) != len(MAGIC) + SALT + PREFIX:
            raise CannotOpen("This is not a backup of Reknit.")
        self._aes = _key(secret, self._header[len(MAGIC) : len(MAGIC) + SALT])
        self._file, self._number, self._ready = file, 0, bytearray()
        self._next = file.read(PIECE + TAG)
        self._done = False

    def read(self, size: int = -1) -> bytes:
        while not self._done and (size < 0 or len(self._ready) < size):
            self._ready += self._open()
        taken = bytes(self._ready if size < 0 else self._ready[:size])
        del self._ready[: len(taken)]
        return taken

    def _open(self) -> bytes:
        piece, self._next = self._next, self._file.read(PIECE + TAG)
        last = not self._next
        try:
            plain = self._aes.decrypt(_nonce(self._header[-PREFIX:], self._number, last), piece, self._header)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(
                "The backup cannot be opened: another passphrase made it, or it was altered or cut off."
            ) from error
        self._number, self._done = self._number + 1, last
        return plain
