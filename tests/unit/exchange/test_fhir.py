"""FHIR there and back: nothing is lost, nothing is changed, and what is written is valid R4."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reknit.cohort.exchange import (
    Answer,
    Dossier,
    Episode,
    ExchangeError,
    Form,
    Meeting,
    bundle,
    dossiers,
    from_bundle,
    problems,
    read_bulk,
    resources,
    write_bulk,
)
from reknit.cohort.exchange.terms import EPISODE_PROFILE
from reknit.measures import load

from . import strategies

NOW = "2026-11-24T09:00:00+00:00"
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(strategies.dossiers())
def test_export_erase_import_restores_every_byte(dossier):
    text = json.dumps(bundle([dossier], NOW), ensure_ascii=False)
    assert from_bundle(json.loads(text)) == [dossier]
    assert json.dumps(bundle(from_bundle(json.loads(text)), NOW), ensure_ascii=False) == text


@SLOW
@given(strategies.dossiers())
def test_every_resource_is_valid_r4(dossier):
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    assert list(problems([*resources(dossier, NOW), bundle([dossier], NOW)])) == []


@settings(SLOW, max_examples=15)
@given(st.lists(strategies.dossiers(), max_size=4, unique_by=lambda d: d.client))
def test_bulk_files_restore_every_relationship(tmp_path_factory, many):
    folder = tmp_path_factory.mktemp("bulk")
    written = write_bulk(many, folder, NOW)
    assert all(path.suffix == ".ndjson" for path in written)
    assert sorted(dossiers(read_bulk(folder)), key=lambda d: d.client) == sorted(many, key=lambda d: d.client)


def a_form(**answers: float) -> Form:
    given = tuple(Answer(key.replace("_", "-"), value) for key, value in answers.items())
    return Form("11111111-1111-4111-8111-111111111111", "phq-9|1", 1, NOW, NOW, given)


@pytest.fixture
def dossier() -> Dossier:
    answers = {f"phq_{n}": 1.0 for n in range(1, 10)}
    episode = Episode(1, 1, "own_sense", "noticed", NOW, "2026-12-01", felt="sent back to school")
    return Dossier("c0ffee00", "7", "2026-01-05", meetings=(Meeting(1, NOW, "attended"),),
                   forms=(a_form(**answers),), episodes=(episode,))  # fmt: skip


def test_a_total_is_an_observation_with_its_code_its_method_and_its_band(dossier):
    (total,) = [r for r in resources(dossier, NOW) if r["id"].endswith(".total")]
    assert total["code"]["coding"][0] == {"system": "http://loinc.org", "code": "44261-6"}
    assert total["valueQuantity"]["value"] == 9
    assert total["interpretation"] == [{"text": "mild"}]
    assert "Kroenke" in total["method"]["text"]
    assert total["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{dossier.forms[0].key}"}]


def test_an_answer_carries_the_forms_own_code(dossier):
    (response,) = [r for r in resources(dossier, NOW) if r["resourceType"] == "QuestionnaireResponse"]
    assert response["item"][0]["answer"] == [
        {"valueCoding": {"system": "http://loinc.org", "code": "LA6569-3", "display": "Several days"}}
    ]


def test_a_rupture_is_a_task_and_never_a_condition(dossier):
    kinds = {r["resourceType"] for r in resources(dossier, NOW)}
    assert "Condition" not in kinds
    (task,) = [r for r in resources(dossier, NOW) if r["resourceType"] == "Task"]
    assert task["meta"]["profile"] == [EPISODE_PROFILE]


def test_the_profile_is_valid_and_is_the_one_that_is_named():
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    path = files("reknit.cohort.exchange").joinpath("profiles", "rupture-episode.json")
    profile = json.loads(path.read_text(encoding="utf-8"))
    assert list(problems([profile])) == []
    assert profile["url"] == EPISODE_PROFILE


def test_a_score_that_its_answers_do_not_come_to_is_refused(dossier):
    made = resources(dossier, NOW)
    next(r for r in made if r["id"].endswith(".total"))["valueQuantity"]["value"] = 12
    with pytest.raises(ExchangeError, match="differs from what its answers come to"):
        dossiers(made)


@pytest.mark.parametrize("kind", ["Patient", "QuestionnaireResponse"])
def test_what_points_at_nothing_is_refused(dossier, kind):
    with pytest.raises(ExchangeError, match="missing"):
        dossiers(r for r in resources(dossier, NOW) if r["resourceType"] != kind)


def test_an_unfinished_form_has_no_score(dossier):
    unfinished = replace(dossier, forms=(replace(dossier.forms[0], sent_at=""),))
    made = resources(unfinished, NOW)
    assert not [r for r in made if r["resourceType"] == "Observation"]
    assert next(r for r in made if r["resourceType"] == "QuestionnaireResponse")["status"] == "in-progress"


def test_words_supplied_by_a_licence_holder_are_not_exported():
    form = Form("22222222-2222-4222-8222-222222222222", "core-10|1", None, NOW, NOW, (Answer("item-1", 2.0),))
    made = resources(Dossier("c0ffee00", "7", "2026-01-05", forms=(form,)), NOW)
    (questionnaire,) = [r for r in made if r["resourceType"] == "Questionnaire"]
    assert not any("text" in item for item in questionnaire["item"])


def test_an_invalid_resource_is_named_with_its_element():
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    found = list(problems([{"resourceType": "Observation", "id": "x"}, {"resourceType": "Nonsense"}]))
    assert any(line.startswith("Observation/x, code") for line in found)
    assert found[-1] == "Nonsense/number 2: there is no such resource in R4"


def test_a_broken_line_is_named(tmp_path: Path):
    (tmp_path / "Patient.ndjson").write_text('{"resourceType":"Patient","id":"a"}\n{oops\n', encoding="utf-8")
    with pytest.raises(ExchangeError, match=r"Patient\.ndjson, line 2"):
        list(read_bulk(tmp_path))


def test_every_score_of_the_check_in_is_what_the_measure_says(dossier):
    check_in = load("check_in")
    answers = tuple(Answer(item.key, 8.0) for item in check_in.ratings)
    form = Form("33333333-3333-4333-8333-333333333333", check_in.canonical, 1, NOW, NOW, answers, seconds=40)
    made = resources(replace(dossier, forms=(form,)), NOW)
    assert [r["valueQuantity"]["value"] for r in made if r["resourceType"] == "Observation"] == [8.0]
