"""A clinic's own parameters, once it has enough sessions; until then the shipped ones."""

from datetime import UTC, datetime, timedelta

import pytest

from reknit.practice.demo.stage import hold, say
from reknit.practice.insight import fitting
from reknit.practice.insight.estimates import curve, refresh
from reknit.practice.insight.models import ClinicModel, TrustRecord
from reknit.trust import DEFAULT
from reknit.trust.alarm import SHIPPED_ALARM

FIRST = datetime(2026, 3, 2, 15, tzinfo=UTC)


@pytest.fixture
def six_sessions(jo):
    for number in range(6):
        starts = FIRST + timedelta(days=7 * number)
        say(jo, hold(jo, starts), [5.0 + number % 3] * 5)
    return jo


def test_with_few_sessions_the_shipped_parameters_serve(six_sessions, clinic) -> None:
    assert fitting.fit_clinics() == 0
    assert fitting.taught(clinic.pk) == fitting.SHIPPED
    assert curve(six_sessions.relationship)[-1].ask_from == SHIPPED_ALARM


def test_with_enough_the_clinic_has_its_own_and_they_are_used(six_sessions, clinic) -> None:
    assert fitting.fit_clinic(clinic, relationships=1, ratings=6)
    kept = ClinicModel.objects.get(clinic=clinic)
    own = fitting.taught(clinic.pk)
    assert own.params.version.startswith("fit-6-")
    assert own.params["bond_mean"] != DEFAULT["bond_mean"]
    assert not any(name.startswith("therapist:") for name in own.params.effects)
    point = refresh(six_sessions.relationship)[-1]
    assert point.ask_from == kept.ask_from
    assert TrustRecord.objects.get(relationship=six_sessions.relationship).model_version == own.params.version


def test_a_clinic_fitted_lately_is_left_alone(six_sessions, clinic, monkeypatch) -> None:
    assert fitting.fit_clinic(clinic, relationships=1, ratings=6)
    asked: list[object] = []
    monkeypatch.setattr(fitting, "fit_clinic", lambda clinic: bool(asked.append(clinic)))
    fitting.fit_clinics()
    assert clinic not in asked
