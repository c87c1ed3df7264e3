"""Sessions from a calendar: guessed, planned, moved when it moves, and taken back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reknit.practice import clock, loop
from reknit.practice.appointments.models import Session
from reknit.practice.people.access import Visitor

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
FIRST = (
    (clock.now() + timedelta(days=7)).astimezone(BERLIN).replace(hour=10, minute=0, second=0, microsecond=0)
)


def event(uid: str, text: str, at: datetime, *lines: str) -> str:
    times = f"DTSTAMP:20260101T000000Z\nDTSTART;TZID=Europe/Berlin:{at:%Y%m%dT%H%M%S}\nDURATION:PT50M"
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", times, f"SUMMARY:{text}", *lines, "END:VEVENT"])


def calendar(*events: str) -> SimpleUploadedFile:
    text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *events, "END:VCALENDAR"])
    return SimpleUploadedFile("mine.ics", text.replace("\n", "\r\n").encode())


@pytest.fixture
def desk(client: Client, therapist: Any) -> Client:
    for called in ("Jo", "Max Meyer"):
        loop.open_relationship(Visitor(user=therapist), called=called, started_on=clock.today())
    client.force_login(therapist)
    return client


def read(desk: Client, file: SimpleUploadedFile) -> dict[str, str]:
    """Upload; return the form of the next page as it stands, guesses and all."""
    page = desk.post("/history/calendar/", {"file": file}).content.decode()
    fields = dict(re.findall(r'name="(found|who-\w+)"(?: value="([^"]*)")?', page))
    for select in re.finditer(r'name="(who-\w+)".*?</select>', page, re.S):
        chosen = re.search(r'value="(\d+)" selected', select.group(0))
        fields[select.group(1)] = chosen.group(1) if chosen else ""
    return fields


def plan(desk: Client, file: SimpleUploadedFile) -> str:
    return desk.post("/history/calendar/plan/", read(desk, file), follow=True).content.decode()


def test_a_weekly_series_is_planned_with_whom_it_names(desk: Client) -> None:
    weekly = event("a", "Jo", FIRST, "RRULE:FREQ=WEEKLY;COUNT=4")
    page = plan(desk, calendar(weekly, event("b", "MM", FIRST), event("c", "Dentist", FIRST)))
    assert "5 sessions were planned" in page
    assert Session.objects.filter(relationship__client__code__isnull=False).count() == 5
    assert {s.relationship.client.called for s in Session.objects.all()} == {"Jo", "Max Meyer"}
    assert min(s.starts_at for s in Session.objects.all()) == FIRST


def test_reading_it_again_moves_what_moved_and_plans_nothing_twice(desk: Client) -> None:
    plan(desk, calendar(event("a", "Jo", FIRST)))
    page = plan(desk, calendar(event("a", "Jo, later", FIRST + timedelta(hours=2))))
    session = Session.objects.get()
    assert (session.starts_at, session.times_moved) == (FIRST + timedelta(hours=2), 1)
    assert "One was moved" in page


def test_what_the_calendar_calls_off_is_said_and_left_to_the_therapist(desk: Client) -> None:
    plan(desk, calendar(event("a", "Jo", FIRST)))
    page = plan(desk, calendar(event("a", "Jo", FIRST, "STATUS:CANCELLED")))
    assert "cancelled in the calendar" in page
    assert Session.objects.get().status == "planned"


def test_a_reading_is_taken_back_but_not_what_was_touched_since(desk: Client) -> None:
    plan(desk, calendar(event("a", "Jo", FIRST, "RRULE:FREQ=WEEKLY;COUNT=3")))
    first = Session.objects.order_by("starts_at")[0]
    loop.move_session(Visitor(user=first.relationship.therapist), first, FIRST + timedelta(hours=1))
    page = desk.get("/history/calendar/").content.decode()
    at = re.search(r'name="at" value="([^"]+)"', page)
    assert at
    desk.post("/history/calendar/undo/", {"at": at.group(1)})
    assert list(Session.objects.all()) == [first]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello", "not a calendar file"),
        (b"\xff\xfe" * 50, "not a calendar file"),
        (event("a", "x", FIRST, "RRULE:FREQ=SECONDLY").encode(), "every hour or more often"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_reason(desk: Client, content: bytes, said: str) -> None:
    if content.startswith(b"BEGIN"):
        content = calendar(content.decode()).read()
    page = desk.post("/history/calendar/", {"file": SimpleUploadedFile("x.ics", content)})
    assert page.status_code == 422
    assert said in page.content.decode()


def test_somebody_elses_reading_is_of_no_use(desk: Client, lead: Any) -> None:
    fields = read(desk, calendar(event("a", "Jo", FIRST)))
    other = Client()
    other.force_login(lead)
    other.post("/history/calendar/plan/", fields)
    assert not Session.objects.exists()


def test_a_forged_choice_of_somebody_elses_client_plans_nothing(desk: Client, lead: Any) -> None:
    fields = read(desk, calendar(event("a", "Jo", FIRST)))
    who = next(name for name in fields if name.startswith("who-"))
    desk.post("/history/calendar/plan/", fields | {who: "999999"})
    assert not Session.objects.exists()
