"""What programs get, what they may not have, and that sending twice is the same as once."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import CheckIn
from reknit.practice.doors.api.api import api
from reknit.practice.doors.api.models import Scope, Token
from reknit.practice.people.models import Client
from reknit.practice.trail.models import Entry

from .conftest import ALL, member

READ = "relationships:read"


def test_the_description_is_openapi_3_1_and_public(client):
    schema = client.get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/relationships" in schema["paths"]
    page = client.get("/api/docs").content.decode()
    for path in schema["paths"]:
        assert path in page
    assert "<script" not in page.replace('<script src="/static/', "")


def test_one_sees_ones_own_relationships_page_by_page(ask, jo, other):
    answer = ask("GET", "/relationships?limit=1", READ).json()
    assert [each["id"] for each in answer["items"]] == [jo.relationship.pk]
    assert answer["count"] == 1
    assert answer["items"][0]["sessions_held"] == 3
    assert "Jo" not in json.dumps(answer)
    assert ask("GET", "/relationships?limit=1&offset=1", READ).json()["items"] == []
    theirs = ask("GET", f"/relationships/{other.relationship.pk}", READ)
    assert theirs.status_code == 404


@pytest.mark.parametrize(
    "part", ["", "/sessions", "/estimates", "/episodes", "/check-ins", "/questionnaires"]
)
def test_somebody_elses_relationship_is_not_there(ask, jo, other, part):
    assert ask("GET", f"/relationships/{jo.relationship.pk}{part}", READ).status_code == 200
    answer = ask("GET", f"/relationships/{other.relationship.pk}{part}", READ)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_an_estimate_comes_with_its_doubt(ask, jo):
    answer = ask("GET", f"/relationships/{jo.relationship.pk}/estimates", READ).json()
    assert answer["model"]
    for point in answer["items"]:
        assert point["interval95"][0] <= point["interval80"][0] <= point["trust"] <= point["interval80"][1]


def test_words_need_their_own_scope_and_reading_them_is_recorded(ask, jo):
    path = f"/relationships/{jo.relationship.pk}/check-ins"
    plain = ask("GET", path, READ)
    assert "it helped" not in plain.content.decode()
    assert plain.json()[0]["scores"] == {"score": 7.4}
    assert not Entry.objects.filter(verb="read_words").exists()
    refused = ask("GET", f"{path}?words=true", READ)
    assert (refused.status_code, refused.json()["detail"]) == (403, "This token lacks the scope words:read.")
    given = ask("GET", f"{path}?words=true", READ, "words:read")
    assert "it helped" in given.content.decode()
    assert "only mine" not in given.content.decode()
    assert Entry.objects.filter(verb="read_words", relationship_id=jo.relationship.pk).count() == 1


ROUTES = [
    ("GET", "/relationships", READ, None),
    ("GET", "/relationships/{pk}/estimates", READ, None),
    ("GET", "/measures", READ, None),
    ("GET", "/fhir/relationships/{pk}", "exchange:read", None),
    ("GET", "/fhir/bulk", "exchange:read", None),
    ("POST", "/relationships/{pk}/sessions", "sessions:write", {"starts_at": "2026-12-01T10:00:00Z"}),
    (
        "POST",
        "/relationships/{pk}/sessions/1/check-in",
        "check_ins:write",
        {"key": str(uuid4()), "bothered": 0},
    ),
    ("POST", "/fhir/import", "exchange:write", {}),
]


@pytest.mark.parametrize(("method", "path", "scope", "body"), ROUTES)
def test_every_address_asks_for_its_own_scope(ask, client, jo, method, path, scope, body):
    path = path.format(pk=jo.relationship.pk)
    others = [each for each in ALL if each != scope]
    assert ask(method, path, *others, body=body).status_code == 403
    assert ask(method, path, secret="reknit_nobody", body=body).status_code == 401
    bare = client.generic(method, f"/api/v1{path}")
    assert (bare.status_code, bare["WWW-Authenticate"]) == (401, "Bearer")


def test_a_token_is_kept_as_a_hash_and_ends(ask, jo, client):
    secret = Token.issue(jo.therapist.user, "test", [READ], days=1)
    token = Token.objects.get()
    assert secret not in json.dumps(list(Token.objects.values()), default=str)
    assert ask("GET", "/relationships", secret=secret).status_code == 200
    with clock.at(clock.now() + timedelta(days=2)):
        assert ask("GET", "/relationships", secret=secret).status_code == 401
    client.force_login(member("else@y.example"))
    assert client.post(f"/api/tokens/{token.pk}/revoke/").status_code == 404
    client.force_login(jo.therapist.user)
    client.post(f"/api/tokens/{token.pk}/revoke/")
    assert ask("GET", "/relationships", secret=secret).status_code == 401


def test_a_therapist_who_left_opens_nothing(ask, jo):
    secret = Token.issue(jo.therapist.user, "test", [READ])
    jo.therapist.user.memberships.all().delete()
    assert ask("GET", "/relationships", secret=secret).json()["count"] == 0


def test_a_session_is_planned_once(ask, jo):
    path = f"/relationships/{jo.relationship.pk}/sessions"
    body = {"starts_at": "2026-12-01T10:00:00+01:00"}
    answers = [ask("POST", path, "sessions:write", body=body) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert Session.objects.filter(relationship=jo.relationship).count() == 4
    again = [ask("POST", path, "sessions:write", body=body | {"status": "missed"}) for _twice in range(2)]
    assert [answer.json()["status"] for answer in again] == ["missed", "missed"]


def test_a_check_in_arrives_once_and_the_trail_says_by_whom(ask, jo, first):
    from reknit.practice.demo.stage import hold

    hold(jo, first + timedelta(weeks=3))
    path = f"/relationships/{jo.relationship.pk}/sessions/4/check-in"
    body = {"key": str(uuid4()), "ratings": {"trust": 8, "understood": 7.5}, "bothered": 0, "words": "good"}
    answers = [ask("POST", path, "check_ins:write", body=body) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    check_in = CheckIn.objects.get(key=body["key"])
    assert {a.question: a.value for a in check_in.answers.all() if a.value is not None} == {
        "trust": 8, "understood": 7.5, "bothered": 0
    }  # fmt: skip
    assert Entry.objects.get(verb="passed_on").actor == jo.therapist.trail_name
    elsewhere = f"/relationships/{jo.relationship.pk}/sessions/1/check-in"
    assert ask("POST", elsewhere, "check_ins:write", body=body).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {}, {"key": "x"}, {"key": str(uuid4())}, {"key": str(uuid4()), "ratings": {"trust": 11}},
        {"key": str(uuid4()), "ratings": {"nonsense": 1}}, {"key": str(uuid4()), "bothered": 3},
        {"key": str(uuid4()), "words": "\x00"}, {"key": str(uuid4()), "words": "a" * 10_001},
        {"key": str(uuid4()), "words": "hm", "words_audience": "everybody"},
        {"key": str(uuid4()), "bothered": 0, "misspelt": 1}, "not json", "[]", '"\\ud800"',
        '{"key": "11111111-1111-4111-8111-111111111111", "words": "\\ud800"}',
        '{"key": "11111111-1111-4111-8111-111111111111", "ratings": {"trust": NaN}}',
    ],
)  # fmt: skip
def test_a_check_in_that_is_not_one_is_refused_in_detail(ask, jo, body):
    answer = ask(
        "POST", f"/relationships/{jo.relationship.pk}/sessions/1/check-in", "check_ins:write", body=body
    )
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert CheckIn.objects.count() == 3


def test_fhir_leaves_and_comes_back(ask, jo):
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    made = ask("GET", f"/fhir/relationships/{jo.relationship.pk}", "exchange:read").json()
    assert ask("POST", "/fhir/import", "exchange:write", body=made).status_code == 409
    jo.relationship.client.delete()
    answer = ask("POST", "/fhir/import", "exchange:write", body=made)
    assert answer.status_code == 201
    (pk,) = answer.json()["relationships"]
    again = ask("GET", f"/fhir/relationships/{pk}", "exchange:read").json()
    strip = [each["resource"] for each in made["entry"] if each["resource"]["resourceType"] != "Provenance"]
    assert [e["resource"] for e in again["entry"] if e["resource"]["resourceType"] != "Provenance"] == strip


def test_bulk_is_one_resource_a_line(ask, jo, other):
    answer = ask("GET", "/fhir/bulk", "exchange:read")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    kinds = [json.loads(line)["resourceType"] for line in lines]
    assert kinds.count("EpisodeOfCare") == 1
    assert "Condition" not in kinds


def test_an_invalid_bundle_is_refused_with_the_element(ask, jo):
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    patient = {"resourceType": "Patient", "id": "x", "birthDate": "yesterday"}
    body = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]}
    answer = ask("POST", "/fhir/import", "exchange:write", body=body)
    assert answer.status_code == 422
    assert "birthDate" in answer.json()["detail"]
    assert Client.objects.count() == 1


def test_every_measure_as_fhir(ask, jo):
    for each in ask("GET", "/measures", READ).json():
        found = ask("GET", f"/measures/{each['key']}", READ).json()
        assert (found["resourceType"], found["id"]) == ("Questionnaire", each["key"])
    assert ask("GET", "/measures/nothing", READ).status_code == 404


def test_the_calendar_shows_initials_only(client, jo, first):
    pytest.importorskip("icalendar", reason="icalendar is not installed")
    jo.relationship.client.called = "Jo Example"
    jo.relationship.client.save()
    secret = Token.issue(jo.therapist.user, "phone", ["calendar:read"])
    answer = client.get(f"/api/calendar/{secret}.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert "SUMMARY:J. E." in text
    assert "Example" not in text
    assert client.get("/api/calendar/reknit_nobody.ics").status_code == 404
    reader = Token.issue(jo.therapist.user, "other", [READ])
    assert client.get(f"/api/calendar/{reader}.ics").status_code == 404


def test_a_token_is_made_on_its_page_and_shown_once(client, jo):
    client.force_login(jo.therapist.user)
    page = client.post("/api/tokens/", {"name": "script", "scopes": [READ], "days": "30"}).content.decode()
    (secret,) = {word.strip("<>/p ") for word in page.split('"copy">')[1:2]} and [
        page.split('"copy">')[1].split("<")[0]
    ]
    assert Token.find(secret).scopes == [READ]
    assert secret not in client.get("/api/tokens/").content.decode()


def test_every_operation_names_a_scope():
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            assert operation.get("security"), f"{method} {path}"
    assert len(Scope.values) == len(set(Scope.values))
