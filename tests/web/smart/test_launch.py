"""A launch from a record system, played against a small one on this machine."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from reknit.practice.doors.smart.models import Linked, RecordSystem
from reknit.practice.people.models import Relationship
from tests.web.world import World, build

pytestmark = pytest.mark.django_db


@dataclass
class Records:
    """The other system: it checks the proof key and the secret, and opens one patient."""

    issuer: str = ""
    patient: str | None = "p-17"
    secret: str = ""
    challenge: str = ""
    answers: dict[str, Any] = field(default_factory=dict)

    def token(self, form: dict[str, list[str]], authorization: str) -> tuple[int, dict[str, Any]]:
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"][0].encode()).digest())
        expected = "Basic " + base64.b64encode(f"reknit:{self.secret}".encode()).decode()
        if proof.decode().rstrip("=") != self.challenge or (self.secret and authorization != expected):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "t", "token_type": "Bearer", "patient": self.patient}


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # plain HTTP, on this machine alone
    there = Records()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/.well-known/smart-configuration"):
                doors = {
                    "authorization_endpoint": f"{there.issuer}/in",
                    "token_endpoint": f"{there.issuer}/token",
                }
                self.answer(200, doors | there.answers)
            elif (
                self.path.endswith(f"/Patient/{there.patient}")
                and self.headers["Authorization"] == "Bearer t"
            ):
                self.answer(200, {"resourceType": "Patient", "name": [{"given": ["Anna"], "family": "K."}]})
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.answer(*there.token(form, self.headers.get("Authorization", "")))

        def answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    there.issuer = f"http://127.0.0.1:{server.server_port}/fhir"
    yield there
    server.shutdown()


@pytest.fixture
def world(records: Records) -> World:
    made = build()
    RecordSystem.objects.create(
        clinic=made.clinic, name="Records", issuer=records.issuer, client_id="reknit", secret=records.secret
    )
    return made


@pytest.fixture
def therapist(world: World) -> Client:
    return signed_in(world.a.pair.therapist.user)


def signed_in(user: Any) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def launch(browser: Client, records: Records, state: str = "") -> Any:
    """Launched from the record system, asked there, and sent back; returns the page that opens here."""
    asked = browser.get("/smart/launch", {"iss": records.issuer, "launch": "opaque"})
    if asked.status_code != 302:
        return asked
    query = parse_qs(urlsplit(asked["Location"]).query)
    assert query["aud"] == [records.issuer]
    assert query["launch"] == ["opaque"]
    assert query["code_challenge_method"] == ["S256"]
    records.challenge = query["code_challenge"][0]
    return browser.get("/smart/back", {"code": "c", "state": state or query["state"][0]})


def test_the_first_launch_asks_who_it_is_and_the_next_one_knows(
    records: Records, world: World, therapist: Client
) -> None:
    own = world.a.pair.relationship
    assert launch(therapist, records)["Location"] == "/smart/who/"
    assert "Anna" not in str(dict(therapist.session.items())), "a session lies in the database"
    page = therapist.get("/smart/who/").content.decode()
    assert "Anna K." in page
    assert world.b.pair.relationship.client.called not in page
    assert therapist.post("/smart/who/", {"who": own.pk})["Location"].endswith(f"/{own.pk}/")
    assert Linked.objects.get().relationship == own
    assert "p-17" not in Linked.objects.get().patient
    assert launch(therapist, records)["Location"].endswith(f"/{own.pk}/")


def test_a_new_client_may_begin_there(records: Records, world: World, therapist: Client) -> None:
    before = Relationship.objects.count()
    launch(therapist, records)
    assert therapist.post("/smart/who/", {"who": "new", "called": ""}).status_code == 422
    therapist.post("/smart/who/", {"who": "new", "called": "Anna K."})
    assert Relationship.objects.count() == before + 1
    assert Relationship.objects.latest("pk").client.called == "Anna K."


def test_another_therapist_who_opens_the_same_patient_does_not_get_in(
    records: Records, world: World, therapist: Client
) -> None:
    launch(therapist, records)
    therapist.post("/smart/who/", {"who": world.a.pair.relationship.pk})
    other = signed_in(world.b.pair.therapist.user)
    assert launch(other, records)["Location"] == "/smart/who/"
    assert other.post("/smart/who/", {"who": world.a.pair.relationship.pk}).status_code == 422


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("patient", None, "named no patient"),
        ("patient", "../../x", "named no patient"),
        ("secret", "other", "did not let"),
    ],
)
def test_what_goes_wrong_there_is_said(
    attribute: str, value: str | None, said: str, records: Records, therapist: Client
) -> None:
    setattr(records, attribute, value)
    page = launch(therapist, records)
    assert page.status_code == 409
    assert said in page.content.decode()


def test_a_forged_state_an_unknown_issuer_and_an_unsafe_door_are_refused(
    records: Records, world: World, therapist: Client
) -> None:
    assert launch(therapist, records, state="forged").status_code == 409
    assert therapist.get("/smart/launch", {"iss": "https://elsewhere.example"}).status_code == 404
    records.answers = {"token_endpoint": "http://elsewhere.example/token"}
    assert launch(therapist, records).status_code == 409
    assert not Linked.objects.exists()


def test_only_those_who_run_the_clinic_name_record_systems(records: Records, world: World) -> None:
    wanted = {"name": "Other", "issuer": "https://other.example/fhir/", "client_id": "x"}
    for who, status in (("supervisor", 403), ("stranger", 403), ("lead", 302), ("administrator", 302)):
        assert signed_in(world.staff[who]).post("/smart/", wanted).status_code == status, who
    unsafe = wanted | {"issuer": "http://other.example/fhir"}
    assert signed_in(world.staff["lead"]).post("/smart/", unsafe).status_code == 422
    system = RecordSystem.objects.filter(name="Other").first()
    assert system
    assert system.issuer == "https://other.example/fhir"
    signed_in(world.staff["lead"]).post(f"/smart/{system.pk}/end/")
    system.refresh_from_db()
    assert system.ended_at


def test_with_a_secret_it_is_sent_and_needed(records: Records, world: World, therapist: Client) -> None:
    records.secret = "s3cret"
    RecordSystem.objects.update(secret="s3cret")
    assert launch(therapist, records)["Location"] == "/smart/who/"


def test_nobody_is_launched_without_signing_in(records: Records, world: World, client: Client) -> None:
    answer = client.get("/smart/launch", {"iss": records.issuer, "launch": "x"})
    assert answer["Location"].startswith("/accounts/login/?next=")
