"""Old ratings come in only when told to, wholly known beforehand, and can be taken back to the last trace."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import CheckIn
from reknit.practice.doors.history.models import HistoryImport, ImportState, Touched
from reknit.practice.exchange.history import MEASURE
from reknit.practice.insight.estimates import curve
from reknit.practice.people.models import Client, Relationship
from reknit.practice.trail.models import Entry

from .conftest import PLAN, member, old_ratings


def upload(client, text: str | bytes, name: str = "old.csv"):
    data = text.encode() if isinstance(text, str) else text
    return client.post("/history/", {"file": SimpleUploadedFile(name, data), "may_keep": "on"})


def through(client, text: str | bytes, name: str = "old.csv", **plan: str) -> str:
    """Upload and go through; the address of the import."""
    address = upload(client, text, name)["Location"]
    page = client.post(address, {**PLAN, **plan})
    assert page.status_code == 200, page.content.decode()[:2000]
    return address


def run_to_the_end(client, address: str, first: str = "run") -> None:
    client.post(f"{address}{first}/")
    for _step in range(50):
        moved = client.post(f"{address}step/", headers={"accept": "application/json"}).json()
        if not moved["moving"]:
            return
    raise AssertionError("it never ended")


@pytest.fixture
def signed_in(client, therapist):
    client.force_login(therapist)
    return client


def test_nothing_is_imported_before_it_is_told_to(signed_in):
    address = through(signed_in, old_ratings(3, 10))
    assert not Client.objects.exists()
    assert not Session.objects.exists()
    page = signed_in.post(address, PLAN).content.decode()
    assert "30 rows can be imported, of 3 clients" in page


def test_then_every_session_is_there_with_its_rating_and_an_estimate(signed_in, therapist):
    address = through(signed_in, old_ratings(3, 10))
    run_to_the_end(signed_in, address)
    relationships = Relationship.objects.filter(therapist=therapist)
    assert {r.client.called for r in relationships} == {"case 0", "case 1", "case 2"}
    assert Session.objects.count() == CheckIn.objects.count() == 30
    first = next(r for r in relationships if r.client.called == "case 0")
    ratings = [p.rating for p in curve(first)]
    assert ratings == pytest.approx([(week % 7) * 10 / 6 for week in range(10)])
    assert all(p.trust_lo80 < p.trust < p.trust_hi80 for p in curve(first))
    assert {c.measure for c in CheckIn.objects.all()} == {MEASURE}
    history = HistoryImport.objects.get()
    assert (history.state, bytes(history.content)) == (ImportState.DONE, b"")
    assert Entry.objects.filter(verb="imported").count() == 3


def test_it_can_be_taken_back_to_the_last_trace(signed_in):
    address = through(signed_in, old_ratings(3, 10))
    run_to_the_end(signed_in, address)
    run_to_the_end(signed_in, address, "undo")
    assert not Client.objects.exists()
    assert not Session.objects.exists()
    assert not Touched.objects.exists()
    assert HistoryImport.objects.get().state == ImportState.UNDONE


def test_what_was_added_since_stays_when_it_is_taken_back(signed_in, therapist):
    from reknit.practice import clock, loop
    from reknit.practice.people.access import Visitor

    address = through(signed_in, old_ratings(1, 4))
    run_to_the_end(signed_in, address)
    relationship = Relationship.objects.get()
    loop.plan_session(Visitor(user=therapist), relationship, clock.now())
    run_to_the_end(signed_in, address, "undo")
    assert [s.number for s in Session.objects.all()] == [5]


def test_the_same_file_twice_is_the_same_as_once(signed_in):
    for _twice in range(2):
        run_to_the_end(signed_in, through(signed_in, old_ratings(2, 5)))
    assert Relationship.objects.count() == 2
    assert Session.objects.count() == 10


SEEDED = {  # what is put into a cell: the column, and what is said of it
    "": ("client", "the client is missing"),
    "31/31/2024": ("date", "is not a date"),
    "2999-01-01": ("date", "lies in the future"),
    "nine": ("score", "is not a number"),
    "8": ("score", "is off the scale 1 to 7"),
    "perhaps": ("came", "is not 1 or 0"),
}


def test_a_thousand_seeded_faults_are_each_said_by_row_and_column_and_nothing_comes_in(signed_in):
    lines = [line.split(",") for line in old_ratings(100, 50).splitlines()]
    places = {"client": 0, "date": 1, "score": 2, "came": 3}
    kinds, wanted = list(SEEDED.items()), {}
    for n in range(1000):
        row = 5 * n + 1
        cell, (column, message) = kinds[n % len(kinds)]
        lines[row][places[column]] = cell.replace("2999", str(2100 + n))  # no day twice
        wanted[row] = (column, message)
    address = through(signed_in, "\n".join(",".join(line) for line in lines))
    found = list(csv.DictReader(io.StringIO(signed_in.get(f"{address}faults.csv").content.decode())))
    assert len(found) == 1000
    for fault in found:
        column, message = wanted[int(fault["row"])]
        assert fault["column"] == column
        assert message in fault["message"]
    assert not Session.objects.exists()
    run_to_the_end(signed_in, address)
    assert Session.objects.count() == 4000


def test_the_same_client_and_day_twice_is_said_of_both_rows(signed_in):
    text = "client,date,score,came\nA,2024-01-08,3,yes\nA,2024-01-08,4,yes\nB,2024-01-08,4,yes"
    address = through(signed_in, text)
    found = csv.DictReader(io.StringIO(signed_in.get(f"{address}faults.csv").content.decode()))
    assert [(f["row"], f["column"]) for f in found] == [("1", "date"), ("2", "date")]


@pytest.mark.parametrize(
    ("dates", "written"),
    [
        ("day first, points", "08.01.2024"),
        ("day first, slashes", "08/01/2024"),
        ("month first", "01/08/2024"),
    ],
)
def test_dates_as_they_are_written(signed_in, dates, written):
    address = through(signed_in, f"client;date;score;came\nA;{written};4;1", dates=dates)
    run_to_the_end(signed_in, address)
    assert Session.objects.get().starts_at.date().isoformat() == "2024-01-08"


def test_a_scale_on_which_low_is_good(signed_in):
    text = "client,date,score,came\nA,2024-01-08,0,1\nA,2024-01-15,40,1"
    address = through(signed_in, text, lo="0", hi="40", lower_is_better="on")
    run_to_the_end(signed_in, address)
    assert [p.rating for p in curve(Relationship.objects.get())] == [10, 0]


def test_an_excel_file(signed_in):
    xlsxwriter = pytest.importorskip("xlsxwriter", reason="xlsxwriter is not installed")
    pytest.importorskip("fastexcel", reason="fastexcel is not installed")
    from datetime import datetime

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(
            [("client", "date", "score", "came"), ("A", datetime(2024, 1, 8), 4, "yes")]
        ):
            for place, cell in enumerate(row):
                sheet.write(at, place, cell)
    address = through(signed_in, out.getvalue(), "old.xlsx")
    run_to_the_end(signed_in, address)
    assert Session.objects.get().starts_at.date().isoformat() == "2024-01-08"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("old.csv", b""),
        ("old.csv", b"client,date,score\n"),
        ("old.csv", b"\xff\xfe\x00bad"),
        ("old.pdf", b"%PDF"),
        ("old.xlsx", b"PK not a workbook"),
    ],
)
def test_an_unreadable_file_is_refused_kindly(signed_in, name, data):
    assert upload(signed_in, data, name).status_code == 422
    assert not HistoryImport.objects.exists()


def test_a_lead_brings_in_for_the_therapists_of_the_clinic_only(client, lead, therapist, clinic):
    client.force_login(lead)
    text = ("client,date,score,came,by\nA,2024-01-08,4,1,ROBIN@x.example\nB,2024-01-08,4,1,nobody@y.example\n"
            "C,2024-01-08,4,1,")  # fmt: skip
    address = through(client, text, therapist="by")
    found = list(csv.DictReader(io.StringIO(client.get(f"{address}faults.csv").content.decode())))
    assert [(f["row"], f["column"]) for f in found] == [("2", "by"), ("3", "by")]
    run_to_the_end(client, address)
    assert [r.therapist for r in Relationship.objects.all()] == [therapist]


def test_a_therapist_brings_in_for_nobody_else(signed_in, clinic):
    member("colleague@x.example", "therapist", clinic=clinic)
    text = "client,date,score,came,by\nA,2024-01-08,4,1,colleague@x.example"
    address = through(signed_in, text, therapist="by")
    run_to_the_end(signed_in, address)
    assert not Relationship.objects.exists()


def test_nobody_else_sees_an_import(client, signed_in, clinic):
    address = through(signed_in, old_ratings(1, 3))
    client.force_login(member("colleague@x.example", "therapist", clinic=clinic))
    for part in ("", "faults.csv"):
        assert client.get(address + part).status_code == 404
    for part in ("run/", "step/", "undo/"):
        assert client.post(address + part).status_code == 404
    client.force_login(member("stranger@y.example"))
    assert client.get("/history/").status_code == 403


def test_the_uploaded_table_and_its_faults_are_encrypted_at_rest(signed_in, db):
    from django.db import connection

    through(signed_in, "client,date,score,came\nJo Example,never,4,1")
    with connection.cursor() as cursor:
        cursor.execute("select content, faults from history_historyimport")
        content, faults = cursor.fetchone()
    assert b"Jo Example" not in bytes(content)
    assert "never" not in faults


def test_the_caseload_as_a_table(signed_in):
    run_to_the_end(signed_in, through(signed_in, old_ratings(2, 3)))
    answer = signed_in.get("/history/caseload.csv")
    assert [row["sessions_held"] for row in csv.DictReader(io.StringIO(answer.content.decode()))] == [
        "3",
        "3",
    ]


def test_without_script_a_button_goes_on(signed_in):
    address = through(signed_in, old_ratings(1, 3))
    signed_in.post(f"{address}run/")
    assert "<progress" in signed_in.get(address).content.decode()
    assert signed_in.post(f"{address}step/").status_code == 302
    assert HistoryImport.objects.get().state == ImportState.DONE
