"""The model of meaning: lazily loaded, without a network, quick, and absent without harm."""

from __future__ import annotations

import importlib.util
import statistics
import subprocess
import sys
import time
from importlib.machinery import ModuleSpec

import numpy as np
import pytest

from reknit.words import ModelAbsent, available, embed, match, read_draft

needs_model = pytest.mark.skipif(not available(), reason="the extra reknit[words] is not installed")


@needs_model
def test_vectors_have_unit_length_and_do_not_depend_on_company() -> None:
    alone, among = (
        embed(["I am sorry"])[0],
        embed(["A much longer sentence about the garden.", "I am sorry"])[1],
    )
    assert alone.shape == (384,)
    assert np.linalg.norm(alone) == pytest.approx(1, abs=1e-5)
    assert alone @ among == pytest.approx(1, abs=1e-3)
    assert embed([]).shape == (0, 384)


@needs_model
def test_near_in_meaning_is_near() -> None:
    diary, journal, bicycle = embed(["keep a diary", "write in your journal", "repair the bicycle"])
    assert diary @ journal > diary @ bicycle + 0.2


@needs_model
def test_no_socket_is_opened() -> None:
    code = (
        "import socket\n"
        "def no(*a, **k): raise AssertionError('a socket was opened')\n"
        "socket.socket.connect = no; socket.create_connection = no; socket.getaddrinfo = no\n"
        "from reknit.words import match, read_draft\n"
        "assert match('Hates journaling', 'avoid', 'Keep a diary').by == 'meaning'\n"
        "assert read_draft('I got that wrong.').by == 'meaning'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_importing_loads_no_model() -> None:
    code = "import sys, reknit.words; assert not {'onnxruntime', 'tokenizers'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_without_the_extra_words_alone_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec

    def absent(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "onnxruntime" else real(name, package)

    monkeypatch.setattr("reknit.words.embedding.find_spec", absent)
    assert not available()
    assert match("Hates journaling", "avoid", "Keep a diary").by == "words"
    assert read_draft("You should have told me.").by == "words"
    with pytest.raises(ModelAbsent):
        embed(["anything"])


@needs_model
def test_a_reading_takes_less_than_300_ms_once_loaded() -> None:
    text = (
        "I see that I hurt you. I was late, and you lost your time. What was it like? I'll be there at ten."
    )
    read_draft(text)
    took = []
    for _ in range(7):
        start = time.process_time()  # of this process, so that a busy machine does not count
        read_draft(text)
        took.append(time.process_time() - start)
    assert statistics.median(took) < 0.3


@needs_model
def test_reads_by_meaning_what_no_pattern_marks() -> None:
    found = read_draft("I don't think you realise how much effort I put into this.")
    assert found.overall == "defensive"
    assert found.remarks[0].by == "meaning"
    assert read_draft("Shall we say Thursday at four?").overall == "ordinary"
