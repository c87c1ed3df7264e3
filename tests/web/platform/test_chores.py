"""Chores come round by themselves, and one that fails harms no other."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from reknit.practice import chores
from reknit.practice.chores import Chore


def test_each_comes_round_at_its_own_pace_and_a_failure_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stop, done = threading.Event(), {"often": 0, "rarely": 0, "failing": 0}

    def note(name: str) -> None:
        done[name] += 1
        if name == "often" and done[name] == 12:
            stop.set()
        if name == "failing":
            raise RuntimeError("words that must not be logged")

    todo = [
        Chore(lambda: note("failing"), 0.001),
        Chore(lambda: note("often"), 0.001),
        Chore(lambda: note("rarely"), 3600),
    ]
    chores._go_on(todo, stop, tick=0.001)
    assert done == {"often": 12, "rarely": 1, "failing": 12}
    assert "will be tried again" in caplog.text


def test_what_is_daily_and_slow_keeps_nothing_pressing_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    pressing, daily = threading.Event(), threading.Event()

    def slow() -> None:
        daily.set()
        assert pressing.wait(10), "an alert of danger waited for a daily chore"

    def quick() -> None:
        if daily.wait(10):
            pressing.set()

    todo = [Chore(slow, chores.DAY), Chore(quick, chores.MINUTE)]
    monkeypatch.setattr(chores, "chores", lambda: todo)
    stop = chores.start()
    assert pressing.wait(10)
    stop.set()


@pytest.mark.django_db
def test_the_real_ones_run(settings: Any) -> None:
    settings.PUBLIC_URL = "https://reknit.example.org"
    todo = chores.chores()
    assert len(todo) >= 8
    for chore in todo:
        chore.do()
