"""One array out of an ONNX file, read without the library that writes such files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from reknit.words import available, embedding
from reknit.words.stored import array

needs_model = pytest.mark.skipif(not available(), reason="the extra reknit[words] is not installed")
_FLOAT, _INT8 = 1, 3


def _number(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def _field(number: int, kind: int, value: bytes) -> bytes:
    return _number(number << 3 | kind) + (_number(len(value)) if kind == 2 else b"") + value


def _tensor(name: str, kind: int, values: np.ndarray, *, packed: bool) -> bytes:
    sizes = [_number(size) for size in values.shape]
    dims = _field(1, 2, b"".join(sizes)) if packed else b"".join(_field(1, 0, size) for size in sizes)
    return dims + _field(2, 0, _number(kind)) + _field(8, 2, name.encode()) + _field(9, 2, values.tobytes())


@pytest.mark.parametrize("packed", [False, True])
def test_arrays_are_found_by_name(tmp_path: Path, packed: bool) -> None:
    whole = (np.arange(300) % 250 - 120).astype(np.int8).reshape(2, 150)
    parts = np.linspace(0, 1, 6, dtype=np.float32).reshape(3, 2)
    first = _tensor("whole", _INT8, whole, packed=packed)
    second = _tensor("parts", _FLOAT, parts, packed=packed)
    other = _field(15, 5, b"1234") + _field(16, 1, b"12345678") + _field(2, 2, b"a name")
    graph = other + _field(5, 2, first) + _field(5, 2, second)
    path = tmp_path / "two.onnx"
    path.write_bytes(_field(1, 0, _number(300)) + _field(7, 2, graph))
    assert np.array_equal(array(path, "whole"), whole)
    assert np.array_equal(array(path, "parts"), parts)
    with pytest.raises(KeyError, match="third"):
        array(path, "third")


@needs_model
def test_the_installed_model_gives_its_word_vectors() -> None:
    vectors = embedding.word_vectors()
    assert vectors.shape == (30522, embedding.DIMENSION)
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors, axis=1).min() > 0
