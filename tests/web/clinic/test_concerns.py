"""A concern reaches the safeguarding person, who answers for it, and nobody else."""

from __future__ import annotations

import pytest
from django.test import Client

from reknit.practice.concerns.models import ConcernState
from reknit.practice.people.models import Role
from tests.web.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def test_safeguarding_reads_it_and_tells_the_client_what_happens(world):
    guardian = signed_in(world.staff[Role.SAFEGUARDING])
    concern = world.a.objects["concern"]
    assert world.a.text("concern") in guardian.get("/clinic/concerns/").content.decode()
    step = {"state": ConcernState.ACKNOWLEDGED, "told_client": "I read it and will call you on Friday."}
    assert guardian.post(f"/clinic/concerns/{concern.pk}/", step).status_code == 302
    client = Client().get(f"/c/{world.a.token}/concern/").content.decode()
    assert "I read it and will call you on Friday." in client


def test_a_step_out_of_order_or_without_words_keeps_what_was_typed(world):
    guardian = signed_in(world.staff[Role.SAFEGUARDING])
    concern = world.a.objects["concern"]
    refused = guardian.post(
        f"/clinic/concerns/{concern.pk}/", {"state": ConcernState.CLOSED, "told_client": "It is settled."}
    )
    assert refused.status_code == 422
    assert "It is settled." in refused.content.decode()
    concern.refresh_from_db()
    assert concern.state == ConcernState.RECEIVED


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMINISTRATOR, Role.SUPERVISOR])
def test_nobody_else_comes_in(world, role):
    browser = signed_in(world.staff[role])
    assert browser.get("/clinic/concerns/").status_code == 403
    assert signed_in(world.a.pair.therapist.user).get("/clinic/concerns/").status_code == 403
