"""One array out of an ONNX file, without the library that writes such files.

An ONNX file is a protocol buffer: fields, each a number, a kind and a value, some of them messages
themselves. Only what leads to the stored arrays is read (field numbers as in ``onnx.proto3``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_GRAPH, _INITIALIZER = 7, 5
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_TYPES = {1: np.float32, 3: np.int8}
_NUMBER, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


def array(path: Path, name: str) -> NDArray[np.float32] | NDArray[np.int8]:
    """The array stored under a name in an ONNX file.

    Raises:
        KeyError: no array of that name (of 32-bit floats or 8-bit integers) is stored in the file.
    """
    content = memoryview(path.read_bytes())
    for field, graph in _fields(content):
        for inner, tensor in _fields(graph) if field == _GRAPH else ():
            if inner == _INITIALIZER and (found := _tensor(tensor, name)) is not None:
                return found
    raise KeyError(f"{name} is not stored in {path.name}")


def _tensor(message: memoryview, name: str) -> NDArray[np.float32] | NDArray[np.int8] | None:
    fields = list(_fields(message))
    values = dict(fields)
    if bytes(values.get(_NAME, b"")) != name.encode() or _RAW not in values:
        return None
    kind = _TYPES.get(int.from_bytes(values[_TYPE], "little"))
    if kind is None:
        return None
    shape = [size for field, value in fields if field == _DIMS for size in _sizes(value)]
    return np.frombuffer(values[_RAW], dtype=kind).reshape(shape)


def _sizes(value: memoryview) -> list[int]:
    """Sizes, whether they stand one a field or many packed in one: both are a row of numbers here."""
    sizes, place = [], 0
    while place < len(value):
        size, place = _number(value, place)
        sizes.append(size)
    return sizes


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """(field number, its bytes) of a message; the bytes of a number are as they stand, seven bits each."""
    place = 0
    while place < len(message):
        key, place = _number(message, place)
        kind, start = key & 7, place
        if kind == _BYTES:
            length, start = _number(message, place)
            place = start + length
        elif kind == _NUMBER:
            place = _number(message, place)[1]
        else:
            place += {_EIGHT: 8, _FOUR: 4}[kind]
        yield key >> 3, message[start:place]


def _number(message: memoryview, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, and the place after it."""
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
