"""A supervisor is asked about one episode, and it can be taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from reknit.practice import loop
from reknit.practice.people.models import Clinic, Membership, Role, User
from reknit.practice.repairs.models import Episode

from .conftest import member


@pytest.fixture
def episode(jo: Any) -> Episode:
    return loop.open_episode(jo.therapist, jo.relationship, "own_sense")


@pytest.fixture
def here(episode: Episode) -> str:
    return f"/practice/episodes/{episode.pk}/"


@pytest.fixture
def supervisor(clinic: Any) -> User:
    user = member("sam@x.example")
    Membership.objects.create(user=user, clinic=clinic, role=Role.SUPERVISOR)
    return user


def test_without_a_supervisor_the_page_says_how_one_comes_in(desk: Client, here: str, clinic: Clinic) -> None:
    page = desk.get(here).content.decode()
    assert "Whoever leads it, or looks after its people, can invite one" in page
    assert "/clinic/people/" not in page  # a page that this therapist could not open
    assert 'name="supervisor"' not in page
    owner = User.objects.get(email="robin@x.example")
    Membership.objects.create(user=owner, clinic=clinic, role=Role.LEAD)
    assert 'href="/clinic/people/#invite"' in desk.get(here).content.decode()


def test_one_episode_is_shown_with_a_question(
    desk: Client, here: str, supervisor: User, episode: Episode
) -> None:
    assert "can see that you asked, and whom" in desk.get(here).content.decode()
    desk.post(f"{here}supervision/", {"supervisor": supervisor.pk, "question": "What did I miss?"})
    share = episode.shares.get()
    assert (share.supervisor, share.question) == (supervisor, "What did I miss?")
    assert "shown to Sam" in desk.get(here).content.decode()


def test_only_a_supervisor_of_the_clinic_can_be_asked(
    desk: Client, here: str, supervisor: User, episode: Episode
) -> None:
    elsewhere = member("elsewhere@y.example")
    asked = desk.post(f"{here}supervision/", {"supervisor": elsewhere.pk, "question": "What did I miss?"})
    assert asked.status_code == 422
    assert "What did I miss?</textarea>" in asked.content.decode()
    assert not episode.shares.exists()


def test_it_is_taken_back(desk: Client, here: str, supervisor: User, episode: Episode, jo: Any) -> None:
    loop.share_episode(jo.therapist, episode, supervisor, "What did I miss?")
    desk.post(f"{here}supervision/take-back/")
    assert episode.shares.get().taken_back_at is not None
    assert "shown to Sam" not in desk.get(here).content.decode()
