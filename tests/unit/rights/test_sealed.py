"""Sealed files: read back whole with the right secret, and refused for every other reason."""

from __future__ import annotations

import io

import pytest

from reknit.practice.rights import sealed
from reknit.practice.rights.sealed import MAGIC, PIECE, TAG, CannotOpen, Sealing, Unsealing

SECRET = b"a long enough passphrase"
HEADER = len(MAGIC) + sealed.SALT + sealed.PREFIX


def seal(data: bytes) -> bytes:
    file = io.BytesIO()
    with Sealing(file, SECRET) as sealing:
        for start in range(0, len(data), 700_001):
            sealing.write(data[start : start + 700_001])
    return file.getvalue()


def unseal(data: bytes, secret: bytes = SECRET) -> bytes:
    return Unsealing(io.BytesIO(data), secret).read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5])
def test_what_was_sealed_comes_out(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert unseal(seal(data[:size])) == data[:size]


def test_the_same_contents_are_never_sealed_alike() -> None:
    assert seal(b"same")[HEADER:] != seal(b"same")[HEADER:]


def test_another_secret_is_refused() -> None:
    with pytest.raises(CannotOpen, match="another passphrase"):
        unseal(seal(b"words"), b"a different passphrase")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="12 characters"):
        Sealing(io.BytesIO(), b"short")


@pytest.mark.parametrize("junk", [b"", b"PK\x03\x04 not ours", MAGIC, MAGIC + b"x" * 10])
def test_something_else_is_refused(junk: bytes) -> None:
    with pytest.raises(CannotOpen):
        unseal(junk)


@pytest.mark.parametrize("where", [len(MAGIC) + 3, HEADER - 1, HEADER + 5, HEADER + PIECE + TAG + 9, -1])
def test_one_altered_bit_anywhere_is_noticed(where: int) -> None:
    data = bytearray(seal(b"x" * (2 * PIECE + 100)))
    data[where] ^= 1
    with pytest.raises(CannotOpen):
        unseal(bytes(data))


def test_cutting_dropping_and_swapping_pieces_is_noticed() -> None:
    data = seal(b"x" * (3 * PIECE + 100))
    size = PIECE + TAG
    pieces = [data[HEADER + n * size : HEADER + (n + 1) * size] for n in range(4)]
    for order in ([0, 1, 2], [0, 2, 3], [1, 0, 2, 3], [0, 1, 1, 2, 3], [0, 1, 2, 3, 3]):
        with pytest.raises(CannotOpen):
            unseal(data[:HEADER] + b"".join(pieces[n] for n in order))
