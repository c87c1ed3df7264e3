"""A researcher takes away numbers of those who agreed, and opens nothing else."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from django.test import Client

from reknit.practice import loop
from reknit.practice.people.models import Clinic, Membership, Role, User
from reknit.practice.trail.models import Entry
from tests.web.world import READERS, World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_nobody_is_taken_without_their_yes(world: World) -> None:
    page = browser(world.staff["researcher"]).get("/clinic/research/").content.decode()
    assert "No client has agreed to research yet" in page
    answer = browser(world.staff["researcher"]).post("/clinic/research/")
    assert _tables(answer.content)["sessions"] == []


def test_the_file_holds_the_numbers_of_those_who_agreed_and_no_word(world: World) -> None:
    loop.give_consent(world.a.pair.client, research=True)
    answer = browser(world.staff["researcher"]).post("/clinic/research/")
    tables = _tables(answer.content)
    assert len({row["client"] for row in tables["sessions"]}) == 1
    assert len(tables["answers"]) >= 15
    everything = str(tables)
    client = world.a.pair.relationship.client
    assert not [text for side in (world.a, world.b) for text in side.texts.values() if text in everything]
    assert client.code not in everything
    assert f"therapist-{world.a.pair.therapist.user.pk}" not in everything
    trail = Entry.objects.filter(verb="exported", relationship_id=world.a.pair.relationship.pk)
    assert trail.get().actor == f"user:{world.staff['researcher'].pk}"
    assert not Entry.objects.filter(verb="exported", relationship_id=world.b.pair.relationship.pk).exists()
    again = _tables(browser(world.staff["researcher"]).post("/clinic/research/").content)
    assert again["sessions"] == tables["sessions"]  # the same names in the next file


def test_whoever_withdraws_is_left_out_of_the_next_file(world: World) -> None:
    loop.give_consent(world.a.pair.client, research=True)
    loop.give_consent(world.a.pair.client, research=False)
    assert _tables(browser(world.staff["researcher"]).post("/clinic/research/").content)["sessions"] == []


@pytest.mark.parametrize("role", ["administrator", "supervisor", "safeguarding", "stranger"])
def test_others_take_nothing(world: World, role: str) -> None:
    assert browser(world.staff[role]).get("/clinic/research/").status_code == 403
    assert browser(world.staff[role]).post("/clinic/research/").status_code == 403


def test_a_researcher_of_another_clinic_gets_that_clinics_alone(world: World) -> None:
    loop.give_consent(world.a.pair.client, research=True)
    elsewhere = Clinic.objects.create(name="Elsewhere")
    other = User.objects.create_user("r@y.example")
    Membership.objects.create(user=other, clinic=elsewhere, role=Role.RESEARCHER)
    assert _tables(browser(other).post("/clinic/research/").content)["sessions"] == []


def test_researchers_and_administrators_land_on_their_own_page(world: World) -> None:
    for role, place in (("researcher", "/clinic/research/"), ("administrator", "/clinic/settings/")):
        assert browser(world.staff[role]).get("/")["Location"] == place
        page = browser(world.staff[role]).get(place).content.decode()
        assert "Caseload" not in page
        assert not [text for kind in READERS for text in (world.a.text(kind),) if text in page]


def _tables(content: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return {
            name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(file.read(name).decode())))
            for name in file.namelist()
        }
