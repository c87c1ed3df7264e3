"""The clinic's and the therapist's pages about questionnaires."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reknit.measures import by_key, load, parts_of
from reknit.practice import clock
from reknit.practice.demo.stage import hold
from reknit.practice.loop import questionnaires as steps
from reknit.practice.loop.questionnaires import Filled
from reknit.practice.questionnaires.due import setting_of
from reknit.practice.questionnaires.models import ClinicMeasure, Schedule

KEYS = [f"phq-{n}" for n in range(1, 10)]


def answer(pair, totals, now):
    """One PHQ-9 after each of some sessions, with these totals."""
    for back, total in zip(range(len(totals) * 7, 0, -7), totals, strict=True):
        hold(pair, now - timedelta(days=back))
        values = {key: float(min(3, max(0, total - 3 * place))) for place, key in enumerate(KEYS)}
        with clock.at(now - timedelta(days=back - 1)):
            steps.send_filled(pair.client, steps.what_waits(pair.client)[0], Filled(values=values))


@pytest.fixture
def answered(jo, phq, now):
    steps.schedule_measure(jo.therapist, jo.relationship, "phq-9", every=1)
    answer(jo, [17, 14, 9], now)
    return jo


def test_the_therapist_sees_change_against_reliable_change(client, answered):
    client.force_login(answered.therapist.user)
    page = client.get(f"/measures/with/{answered.relationship.pk}/").content.decode()
    assert "reliably better" in page
    assert "-8" in page
    assert "<svg" in page
    assert "<title>Patient Health Questionnaire (PHQ-9): Total</title>" in page
    assert "mild" in page
    assert all(f">{total}<" in page for total in (17, 14, 9))  # and the table for those who cannot see it


def test_nobody_but_the_therapist_opens_it(client, answered, other, lead):
    for user, status in ((other.therapist.user, 404), (lead.user, 404)):
        client.force_login(user)
        assert client.get(f"/measures/with/{answered.relationship.pk}/").status_code == status
    client.logout()
    assert client.get(f"/measures/with/{answered.relationship.pk}/").status_code == 302


def test_scheduling_and_stopping(client, jo, phq, other):
    client.force_login(jo.therapist.user)
    address = f"/measures/with/{jo.relationship.pk}/"
    client.post(address, {"measure": "phq-9", "every": "4", "first": "1"})
    schedule = Schedule.objects.get()
    assert (schedule.every, schedule.first) == (4, 1)
    client.post(address, {"measure": "phq-9", "every": "", "first": "2"})
    assert [s.every for s in Schedule.objects.filter(ended_at=None)] == [None]
    running = Schedule.objects.get(ended_at=None)
    client.force_login(other.therapist.user)
    assert client.post(f"/measures/schedules/{running.pk}/stop/").status_code == 404
    client.force_login(jo.therapist.user)
    client.post(f"/measures/schedules/{running.pk}/stop/")
    assert not Schedule.objects.filter(ended_at=None).exists()


def test_only_what_the_clinic_uses_can_be_scheduled(client, jo, phq):
    client.force_login(jo.therapist.user)
    answer = client.post(
        f"/measures/with/{jo.relationship.pk}/", {"measure": "gad-7", "every": "1", "first": "1"}
    )
    assert answer.status_code == 422
    assert not Schedule.objects.exists()


def test_every_measures_page_opens_for_the_lead(client, lead):
    client.force_login(lead.user)
    assert client.get("/measures/").status_code == 200
    for key in by_key():
        expected = 404 if key == "reknit-check-in" else 200
        assert client.get(f"/measures/use/{key}/").status_code == expected


def test_a_therapist_does_not_choose_for_the_clinic(client, jo):
    client.force_login(jo.therapist.user)
    assert client.get("/measures/").status_code == 403
    assert client.post("/measures/use/gad-7/", {"is_on": "on"}).status_code == 403
    assert not ClinicMeasure.objects.exists()


def test_the_words_of_a_licensed_copy_are_pasted_whole(client, lead, clinic):
    client.force_login(lead.user)
    rows = [f"{part},invented words {n}" for n, part in enumerate(parts_of(load("core_10")))]
    short = {"source": "Licence 12", "table": "\n".join(["part,text", *rows[:-2]])}
    assert client.post("/measures/use/core-10/wording/", short).status_code == 422
    assert not ClinicMeasure.objects.exists()
    assert (
        client.post(
            "/measures/use/core-10/wording/", short | {"table": "\n".join(["part,text", *rows])}
        ).status_code
        == 302
    )
    setting = setting_of(clinic, "core-10")
    assert setting.measure.has_wording
    assert setting.wording_from == "Licence 12"
    assert setting.measure.item("item-6").risk_from == 1
    assert client.get("/measures/use/phq-9/wording/").status_code == 404  # comes with its own words


def test_a_measure_without_words_cannot_be_turned_on(client, lead):
    client.force_login(lead.user)
    assert client.post("/measures/use/ors/", {"is_on": "on"}).status_code == 422
