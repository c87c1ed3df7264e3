"""Starting: what stops it, and what is not done twice."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from reknit.practice import demo as demonstration
from reknit.practice import launch
from reknit.practice.launch import CannotStart
from reknit.practice.people.models import User


def test_a_taken_port_is_named_before_any_work() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=str(port)):
            launch._check_port("127.0.0.1", port)


@pytest.mark.django_db
def test_the_demonstration_is_never_built_over_real_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demonstration, "build", lambda: pytest.fail("it was built"))
    User.objects.create_user("somebody@example.org", "x")
    with pytest.raises(CannotStart, match="real people"):
        launch._build_demonstration()


@pytest.mark.django_db
def test_the_demonstration_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    monkeypatch.setattr(
        demonstration, "build", lambda: built.append(User.objects.create_user("a@example.org"))
    )
    launch._build_demonstration()
    launch._build_demonstration()
    assert len(built) == 1


@pytest.mark.django_db
def test_a_demonstration_that_broke_off_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def half() -> None:
        User.objects.create_user("a@example.org")
        raise KeyboardInterrupt

    monkeypatch.setattr(demonstration, "build", half)
    with pytest.raises(KeyboardInterrupt):
        launch._build_demonstration()
    assert not User.objects.exists()


def test_static_files_are_collected_again_only_when_they_changed(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / "a.css").write_text("a{}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], target
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    launch._collect_static()
    assert (target / "a.css").exists()
    (target / "a.css").unlink()
    launch._collect_static()
    assert not (target / "a.css").exists()
    os.utime(source / "a.css", (1, 1))
    launch._collect_static()
    assert (target / "a.css").exists()
