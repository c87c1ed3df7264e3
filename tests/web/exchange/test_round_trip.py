"""A relationship leaves the database as FHIR, is erased, comes back, and is the same to the byte."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from reknit.cohort.exchange import Answer, Dossier, Form, Meeting, bundle, from_bundle, problems
from reknit.practice import clock, loop
from reknit.practice.demo import journaling
from reknit.practice.demo.stage import hold, meet, say
from reknit.practice.exchange.caseload import HEADING, caseload_csv
from reknit.practice.exchange.gather import gather, gather_all, gather_for_research
from reknit.practice.exchange.restore import restore
from reknit.practice.loop import NotNow
from reknit.practice.loop import questionnaires as steps
from reknit.practice.loop.questionnaires import Filled
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Client, Membership, Role, User
from reknit.practice.trail.models import Entry

NOW = "2026-11-24T09:00:00+00:00"
KEY = "11111111-1111-4111-8111-111111111111"
OFF_SCALE = Form(KEY, "gad-7|1", None, NOW, NOW, (Answer("gad-1", 4.0),))
NO_SESSION = Form(KEY, "reknit-check-in|1", None, NOW, NOW, (Answer("trust", 4.0),))


def member(email: str, *roles: str, clinic=None) -> User:
    user = User.objects.create_user(email=email, name=email.split("@", maxsplit=1)[0].title())
    for role in roles:
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


@pytest.fixture
def clinic(db):
    return loop.open_clinic(member("founder@x.example"), "A clinic", crisis_contacts="Night line: 0800 000")


@pytest.fixture
def therapist(clinic):
    return Visitor(user=member("robin@x.example", Role.THERAPIST, clinic=clinic))


@pytest.fixture
def relationship(clinic, therapist):
    """The story of the client who hates journaling, with a questionnaire after the last session."""
    lead = Visitor(user=member("lead@x.example", Role.LEAD, clinic=clinic))
    journaling.play(therapist.user)
    relationship = therapist.user.relationships.get()
    steps.choose_measure(lead, clinic, "gad-7", is_on=True)
    steps.schedule_measure(therapist, relationship, "gad-7", every=1)
    client = Visitor.client(relationship)
    values = {f"gad-{n}": float(n % 4) for n in range(1, 8)}
    steps.send_filled(client, steps.what_waits(client)[0], Filled(values=values | {"difficulty": 1.0}))
    return relationship


def test_export_erase_import_restores_it_to_the_byte(relationship, therapist):
    before = json.dumps(bundle([gather(therapist, relationship)], NOW), ensure_ascii=False)
    relationship.client.delete()
    assert not Client.objects.exists()
    (dossier,) = from_bundle(json.loads(before))
    after = gather(therapist, restore(therapist, dossier))
    assert json.dumps(bundle([after], NOW), ensure_ascii=False) == before
    assert len(dossier.forms) > 10
    assert len(dossier.episodes) == 1
    assert len(dossier.trust) == len(dossier.meetings) - 1  # the last one is still planned


def test_what_leaves_is_valid_fhir(relationship, therapist):
    pytest.importorskip("fhir.resources", reason="fhir.resources is not installed")
    made = bundle([gather(therapist, relationship)], NOW)
    assert list(problems([made, *(entry["resource"] for entry in made["entry"])])) == []


def test_only_what_the_therapist_may_read_leaves(clinic, therapist):
    jo = meet(therapist.user, "Jo", clock.now() - timedelta(days=9))
    say(
        jo, hold(jo, clock.now() - timedelta(days=2)), [7] * 5, bothered=2, words="for me", audience="only_me"
    )
    text = json.dumps(bundle([gather(therapist, jo.relationship)], NOW))
    assert "for me" not in text
    assert "Jo" not in text
    assert Entry.objects.filter(verb="exported", relationship_id=jo.relationship.pk).count() == 1


def test_nobody_else_exports(relationship, clinic):
    for visitor in (Visitor(user=member("c@x.example", Role.THERAPIST, clinic=clinic)), Visitor(),
                    Visitor.client(relationship)):  # fmt: skip
        with pytest.raises(PermissionDenied):
            gather(visitor, relationship)


def test_it_is_not_imported_twice_nor_by_half(relationship, therapist):
    dossier = gather(therapist, relationship)
    with pytest.raises(NotNow, match="already"):
        restore(therapist, dossier)
    assert Client.objects.count() == 1


def test_the_caseload_for_a_spreadsheet(relationship, therapist):
    relationship.client.called = "=HYPERLINK(1)"
    relationship.client.save()
    (row,) = csv.DictReader(io.StringIO(caseload_csv(therapist)))
    assert tuple(row) == HEADING
    assert row["client"] == "'=HYPERLINK(1)"
    assert float(row["trust_lo80"]) < float(row["trust"]) < float(row["trust_hi80"])
    assert row["open_episodes"] == "0"
    assert len(list(gather_all(therapist))) == 1


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("ending", "nonsense"),
        ("started_on", "yesterday"),
        ("meetings", (Meeting(1, "soon", "attended"),)),
        ("meetings", (Meeting(1, NOW, "somewhere"),)),
        ("forms", (OFF_SCALE,)),
        ("forms", (NO_SESSION,)),
    ],
)
def test_what_the_records_do_not_know_is_refused_whole(therapist, what, value):
    dossier = replace(Dossier("c0ffee00", "7", "2026-01-05"), **{what: value})
    with pytest.raises(NotNow):
        restore(therapist, dossier)
    assert not Client.objects.exists()


def test_research_gets_numbers_of_those_who_agreed_and_no_word(relationship, therapist, clinic):
    from reknit.cohort.exchange import tables

    lead = Visitor(user=User.objects.get(email="lead@x.example"))
    assert list(gather_for_research(lead, clinic)) == []  # Jo agreed to check-ins only
    loop.give_consent(Visitor.client(relationship), research=True)
    (dossier,) = gather_for_research(lead, clinic)
    said = repr(dossier)
    for words in (journaling.ALMOST_DID_NOT_COME_BACK, journaling.REPLY, "school", "Jo"):
        assert words not in said
    found = tables.extract([dossier], b"sixteen bytes or more")
    assert found["sessions"].height == 11
    assert found["sessions"]["repair"].max() == 2
    assert "score:total" in found["answers"]["item"].to_list()
    for visitor in (therapist, Visitor()):
        with pytest.raises(PermissionDenied):
            list(gather_for_research(visitor, clinic))
