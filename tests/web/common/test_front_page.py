"""The front page: an empty house says how it is opened; whoever signed in lands where their day begins."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from reknit.practice import loop
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Membership, Role, User

pytestmark = pytest.mark.django_db


def person(name: str, clinic: Clinic | None = None, *roles: str) -> User:
    user = User.objects.create_user(f"{name}@x.example", name=name)
    for role in roles:
        assert clinic
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


def lands(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.get("/")["Location"]


@pytest.fixture
def clinic() -> Clinic:
    clinic = loop.open_clinic(person("founder"), "Elm Street")
    loop.open_relationship(Visitor(user=person("robin", clinic, Role.THERAPIST)), called="Jo")
    return clinic


def test_an_empty_house_is_opened_from_the_machine_it_runs_on(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Nobody has an account here yet" in page
    assert "Open the first account" in page
    assert 'class="button" href="/accounts/login/"' not in page


@pytest.mark.parametrize("public", ["https://reknit.example.org", ""])
def test_elsewhere_it_is_said_which_link_opens_it(client: Client, settings: Any, public: str) -> None:
    settings.PUBLIC_URL = public
    page = client.get("/", REMOTE_ADDR="127.0.0.1" if public else "203.0.113.7").content.decode()
    assert "Nobody has an account here yet" in page
    assert "reknit serve" in page
    assert "/accounts/signup/" not in page


def test_a_house_with_people_says_nothing_of_it(client: Client, clinic: Clinic) -> None:
    page = client.get("/").content.decode()
    assert "Nobody has an account" not in page
    assert "/accounts/signup/" not in page
    assert "/accounts/login/" in page


def test_a_practice_of_one_begins_with_its_first_client() -> None:
    founder = person("alone")
    loop.open_clinic(founder, "Practice of one")
    assert lands(founder) == "/practice/"


def test_a_lead_without_clients_lands_in_the_clinic(clinic: Clinic) -> None:
    founder = User.objects.get(email="founder@x.example")  # therapist, lead and administrator
    assert lands(founder) == "/clinic/"
    browser = Client()
    browser.force_login(founder)
    page = browser.get("/practice/").content.decode()
    assert "Add your first client" not in page
    assert "Add a client" in page
    loop.open_relationship(Visitor(user=founder), called="Kim")
    assert lands(founder) == "/practice/"


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.THERAPIST, "/practice/"),
        (Role.SUPERVISOR, "/supervision/"),
        (Role.SAFEGUARDING, "/clinic/"),
        (Role.ADMINISTRATOR, "/clinic/settings/"),
        (Role.RESEARCHER, "/clinic/research/"),
    ],
)
def test_everybody_lands_where_their_day_begins(clinic: Clinic, role: str, place: str) -> None:
    user = person("somebody", clinic, role)
    assert lands(user) == place
    browser = Client()
    browser.force_login(user)
    page = browser.get(place)
    assert page.status_code == 200
    for therapists_own in ("/practice/", "/practice/caseload/"):
        assert (f'href="{therapists_own}"' in page.content.decode()) == (role == Role.THERAPIST)
