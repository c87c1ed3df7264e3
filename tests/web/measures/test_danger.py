"""A measure that asks about danger is off until two people are named; an alert has an owner and an end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from reknit.practice import clock
from reknit.practice.loop import NotNow
from reknit.practice.loop import questionnaires as steps
from reknit.practice.questionnaires.due import usable_measures
from reknit.practice.questionnaires.models import ClinicMeasure, RiskAlert
from reknit.practice.trail.models import Entry

from .test_filling_in import SOME, form


@pytest.fixture
def alert(client, home, scheduled):
    client.post(form(home, scheduled), {"phq-9": SOME, "shown": "phq-9", "keep": "yes"})
    return RiskAlert.objects.get()


@pytest.mark.parametrize("named", [(), ("alerted",), ("stands_in",), ("same",), ("outsider",)])
def test_it_stays_off_until_two_people_of_the_clinic_are_named(lead, clinic, guard, other, named, db):
    from reknit.practice.people.models import User

    outsider = User.objects.create_user(email="out@y.example")
    people = {
        (): {}, ("alerted",): {"alerted": guard}, ("stands_in",): {"stands_in": guard},
        ("same",): {"alerted": guard, "stands_in": guard},
        ("outsider",): {"alerted": guard, "stands_in": outsider},
    }  # fmt: skip
    with pytest.raises(NotNow):
        steps.choose_measure(lead, clinic, "phq-9", is_on=True, **people[named])
    assert not ClinicMeasure.objects.filter(is_on=True).exists()


def test_it_stays_off_without_crisis_contacts(lead, clinic, guard):
    clinic.crisis_contacts = ""
    clinic.save()
    with pytest.raises(NotNow):
        steps.choose_measure(lead, clinic, "phq-9", is_on=True, alerted=guard, stands_in=lead.user)


def test_it_goes_off_when_the_one_who_is_alerted_leaves(jo, scheduled, clinic, guard, client, home):
    assert [m.key for m in usable_measures(clinic)] == ["phq-9"]
    guard.memberships.all().delete()
    assert not usable_measures(clinic)
    assert not steps.what_waits(jo.client)
    assert client.get(form(home, scheduled)).status_code == 404


def test_a_measure_without_danger_needs_nobody(lead, clinic):
    assert steps.choose_measure(lead, clinic, "gad-7", is_on=True).can_be_asked


def test_nobody_but_the_clinics_lead_or_administrator_chooses(jo, clinic, guard):
    for visitor in (jo.therapist, jo.client):
        with pytest.raises(PermissionDenied):
            steps.choose_measure(visitor, clinic, "gad-7", is_on=True)


def test_after_its_time_the_stand_in_has_it_too_once(alert, lead, mailoutbox, client,
                                                    django_capture_on_commit_callbacks):  # fmt: skip
    client.force_login(lead.user)
    assert client.get(f"/measures/alerts/{alert.pk}/").status_code == 404
    assert steps.escalate_overdue() == 0
    with clock.at(alert.due_at + timedelta(minutes=1)):
        with django_capture_on_commit_callbacks(execute=True):
            assert [steps.escalate_overdue() for _twice in range(2)] == [1, 0]
        assert client.get(f"/measures/alerts/{alert.pk}/").status_code == 200
    assert mailoutbox[-1].to == [lead.user.email]


def test_it_is_closed_with_what_was_done_and_by_whom(alert, guard, client):
    client.force_login(guard)
    page = client.get(f"/measures/alerts/{alert.pk}/").content.decode()
    assert "Several days" in page
    assert client.post(f"/measures/alerts/{alert.pk}/", {"what_was_done": " "}).status_code == 422
    client.post(f"/measures/alerts/{alert.pk}/", {"what_was_done": "Called; safe tonight."})
    alert.refresh_from_db()
    assert (alert.resolved_by, alert.resolution) == (guard, "Called; safe tonight.")
    assert alert.seen_at
    verbs = list(Entry.objects.filter(subject__startswith=f"risk:{alert.pk}").values_list("verb", flat=True))
    assert set(verbs) == {"alerted", "read_words", "changed"}
    with pytest.raises(NotNow):
        steps.resolve_alert(steps.Visitor(user=guard), alert, "Again.")


def test_a_closed_alert_is_not_escalated(alert, guard):
    steps.resolve_alert(steps.Visitor(user=guard), alert, "Called.")
    with clock.at(alert.due_at + timedelta(days=1)):
        assert steps.escalate_overdue() == 0


def test_nobody_else_sees_an_alert(alert, jo, other, lead, client):
    for user in (jo.therapist.user, other.therapist.user, lead.user):
        client.force_login(user)
        assert client.get(f"/measures/alerts/{alert.pk}/").status_code == 404
        assert "Josephine" not in client.get("/measures/alerts/").content.decode()
