"""An alert whose people are gone finds somebody; a form about danger stops when help could not be shown."""

from __future__ import annotations

from typing import Any

import pytest

from reknit.practice.loop import questionnaires as steps
from reknit.practice.loop.orphans import hand_on_orphans
from reknit.practice.people.models import User
from reknit.practice.questionnaires.models import RiskAlert
from reknit.practice.questionnaires.reading import risk_alerts
from reknit.practice.trail.models import Entry

from .test_filling_in import SOME, form


@pytest.fixture
def alert(client: Any, home: Any, scheduled: Any) -> RiskAlert:
    client.post(form(home, scheduled), {"phq-9": SOME, "shown": "phq-9", "keep": "yes"})
    return RiskAlert.objects.get()


def sees(user: User, alert: RiskAlert) -> bool:
    return risk_alerts(steps.Visitor(user=user)).filter(pk=alert.pk).exists()


def test_with_its_owner_there_nothing_moves(alert: RiskAlert) -> None:
    assert hand_on_orphans() == 0
    assert not Entry.objects.filter(verb="escalated").exists()


def test_when_the_owner_leaves_the_stand_in_has_it_at_once(
    alert: RiskAlert, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    owner, stand_in = alert.owner, alert.stands_in
    assert owner
    assert stand_in
    assert not sees(stand_in, alert)
    owner.memberships.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        assert [hand_on_orphans() for _twice in range(2)] == [1, 0]
    assert sees(stand_in, alert)
    assert mailoutbox[-1].to == [stand_in.email]
    assert Entry.objects.filter(verb="escalated", subject__startswith=f"risk:{alert.pk}:").count() == 1


def test_when_both_are_gone_a_lead_or_safeguarding_person_owns_it(alert: RiskAlert) -> None:
    last = User.objects.get(email="founder@x.example")  # leads the clinic
    for gone in (alert.owner, alert.stands_in):
        assert gone
        gone.is_active = False
        gone.save()
    assert [hand_on_orphans() for _twice in range(2)] == [1, 0]
    assert sees(last, alert)
    alert.refresh_from_db()
    assert alert.owner == last
    steps.resolve_alert(steps.Visitor(user=last), alert, "Called; safe tonight.")
    assert hand_on_orphans() == 0


def test_a_form_about_danger_stops_when_no_help_could_be_shown(
    jo: Any, clinic: Any, client: Any, home: Any, scheduled: Any
) -> None:
    assert client.get(form(home, scheduled)).status_code == 200
    clinic.crisis_contacts = ""
    clinic.save()
    assert client.get(form(home, scheduled)).status_code == 404
    assert not steps.what_waits(jo.client)
