"""A copy of everything about one relationship; and everything about it gone, with its neighbour untouched."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ProtectedError

from reknit.practice import clock, loop
from reknit.practice.demo.stage import Pair, hold, meet, say
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Client, Relationship, User
from reknit.practice.rights.erase import StillHeld, erase
from reknit.practice.rights.export import export
from reknit.practice.rights.whole import whole
from reknit.practice.trail import entries_for_relationship, verify
from tests.web.world import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def therapist() -> User:
    user = User.objects.create_user("ana@example.org", name="Ana Ruiz")
    loop.open_clinic(user, "Elm Street", crisis_contacts="Helpline: 116 123")
    return user


def met(therapist: User, name: str) -> Pair:
    """Three weeks with somebody: words, an episode with a reply and a private note, homework."""
    first = clock.now() - timedelta(weeks=4)
    pair = meet(therapist, name, first)
    for week, audience in enumerate(["therapist_now", "only_me", "clinic"]):
        session = hold(pair, first + timedelta(weeks=week))
        say(pair, session, [7] * 5, bothered=1, words=f"{name} said this to {audience}", audience=audience)
    episode = loop.open_episode(pair.therapist, pair.relationship, "own_sense")
    loop.understand(
        pair.therapist, episode, kind="withdrawal", cause="impact", felt=f"{name} felt small", intended=""
    )
    loop.reflect(pair.therapist, episode, f"What {name} stirs in me")
    loop.share_reply(pair.therapist, episode, f"{name}, I went too fast.")
    loop.propose_homework(pair.therapist, pair.relationship, f"{name}: walk to the river")
    return pair


def everything_in_the_database() -> str:
    """Every value that Django can read, opened."""
    found = []
    for model in apps.get_models():
        if model._meta.app_label != "trail":
            found += [repr(row) for row in model._base_manager.values_list()]
    return "\n".join(found)


def test_an_export_holds_every_word_but_the_private_ones(therapist: User, tmp_path: Path) -> None:
    robin, _kim = met(therapist, "Robin"), met(therapist, "Kim")
    path = tmp_path / "robin.zip"
    counts = export(robin.relationship, path, actor=f"user:{therapist.pk}")
    with zipfile.ZipFile(path) as file:
        text, page = (file.read(f"relationship.{kind}").decode() for kind in ("json", "html"))
    for said in ("therapist_now", "only_me", "clinic"):
        assert f"Robin said this to {said}" in text
        assert f"Robin said this to {said}" in page
    assert "walk to the river" in text
    assert "stirs in me" not in text + page
    assert "Kim" not in text + page
    data = json.loads(text)
    assert counts["checkins.checkin"] == len(data["kept"]["checkins.checkin"]) == 3
    assert {line["verb"] for line in data["trail"]}
    assert "token_hash" not in text
    assert entries_for_relationship(robin.relationship.pk).first().verb == "exported"  # type: ignore[union-attr]


def test_an_export_overwrites_nothing(therapist: User, tmp_path: Path) -> None:
    robin = met(therapist, "Robin")
    path = tmp_path / "there"
    path.write_text("already")
    with pytest.raises(FileExistsError):
        export(robin.relationship, path)
    assert path.read_text() == "already"


def test_the_exported_page_escapes_what_people_wrote(therapist: User, tmp_path: Path) -> None:
    robin = met(therapist, "<script>alert(1)</script>")
    export(robin.relationship, tmp_path / "x.zip")
    with zipfile.ZipFile(tmp_path / "x.zip") as file:
        assert "<script>" not in file.read("relationship.html").decode()


def test_erasing_leaves_no_row_and_no_word_and_touches_nobody_else(therapist: User) -> None:
    robin, kim = met(therapist, "Robin"), met(therapist, "Kim")
    before = {held.model: held.keys for held in whole(kim.relationship)}
    done = erase(robin.relationship, actor="user:1", reason="request")
    assert "Robin" not in everything_in_the_database()
    assert "Kim said this to only_me" in everything_in_the_database()
    assert {held.model: held.keys for held in whole(kim.relationship)} == before
    assert done.left == {}
    assert done.deleted["checkins.checkin"] == 3
    assert done.deleted["people.client"] == 1
    assert verify() == []
    assert entries_for_relationship(done.relationship).first().detail == "request"  # type: ignore[union-attr]


def test_a_client_who_meets_somebody_else_too_is_kept(therapist: User) -> None:
    robin = met(therapist, "Robin")
    colleague = User.objects.create_user("lee@example.org", name="Lee")
    second = Relationship.objects.create(
        therapist=colleague, client=robin.relationship.client, clinic=robin.relationship.clinic
    )
    done = erase(robin.relationship)
    assert "people.client" not in done.deleted
    assert Client.objects.get() == second.client


def test_if_something_refuses_to_go_nothing_goes(therapist: User, monkeypatch: pytest.MonkeyPatch) -> None:
    robin = met(therapist, "Robin")
    rows = everything_in_the_database()

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise ProtectedError("held elsewhere", set())

    monkeypatch.setattr("django.db.models.query.QuerySet.delete", refuse)
    with pytest.raises(StillHeld):
        erase(robin.relationship)
    monkeypatch.undo()
    assert everything_in_the_database() == rows


def test_a_copy_tells_that_an_episode_was_shared_and_not_what_was_said_of_it(tmp_path: Path) -> None:
    world = build(moving=False)
    share = world.a.objects["share"]
    loop.remark(Visitor(user=share.supervisor), share, "remark-of-the-supervisor", "step-that-they-agreed")
    export(world.a.pair.relationship, tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as held:
        texts = [held.read(name).decode() for name in held.namelist()]
    kept = json.loads(next(text for text in texts if text.startswith("{")))["kept"]
    (told,) = kept["supervision.share"]
    assert told["supervisor_id"] == share.supervisor_id
    assert told["shared_at"]
    assert kept["supervision.remark"][0]["author_id"] == share.supervisor_id
    for said in (world.a.text("asked-supervisor"), "remark-of-the-supervisor", "step-that-they-agreed"):
        assert not [text for text in texts if said in text]
    assert [text for text in texts if world.a.text("felt") in text]
