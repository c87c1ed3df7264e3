"""Tables, REDCap and calendars: what researchers and calendar programs get, and what they never get."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from reknit.cohort.exchange import (
    Answer,
    Consent,
    Dossier,
    Episode,
    ExchangeError,
    Form,
    Letter,
    Meeting,
    redcap,
    tables,
)
from reknit.cohort.exchange.ical import Appointment, feed, initials
from reknit.cohort.tables import read_sessions
from reknit.measures import by_key, load

from . import strategies

FIRST = datetime(2026, 3, 2, 15, tzinfo=UTC)
CHECK_IN = load("check_in")
SECRET = b"0123456789abcdef"


def day(week: float) -> str:
    return (FIRST + timedelta(weeks=week)).isoformat()


def check_in(number: int, rating: float, bothered: float = 0.0) -> Form:
    answers = [Answer(item.key, rating) for item in CHECK_IN.ratings]
    answers += [Answer("bothered", bothered), Answer("words", words="nobody else may read this")]
    return Form(f"0000000{number}-0000-4000-8000-000000000000", CHECK_IN.canonical, number, day(number),
                day(number), tuple(answers))  # fmt: skip


@pytest.fixture
def jo() -> Dossier:
    meetings = [Meeting(1, day(0), "attended"), Meeting(2, day(1), "missed"), Meeting(3, day(2), "attended"),
                Meeting(4, day(3), "cancelled"), Meeting(5, day(4), "planned")]  # fmt: skip
    letter = Letter("I am sorry", day(0.5), "yes", "thank you", day(1.5))
    episode = Episode(1, 1, "own_sense", "answered", day(0), "2026-03-09", letters=(letter,))
    consents = (Consent("check_ins", "1", day(0)), Consent("research", "1", day(0)))
    return Dossier(
        "c0ffee00", "7", "2026-03-02", consents=consents, meetings=tuple(meetings), ending="dropped",
        forms=(check_in(1, 6.0, 2.0), check_in(3, 8.0)), episodes=(episode,),
    )  # fmt: skip


def test_the_session_table_is_what_reknit_trust_reads(jo, tmp_path: Path):
    table = tables.sessions([jo])
    assert table.to_dicts() == [
        {"client": "c0ffee00", "therapist": "7", "session": 1, "week": 0.0, "alliance": 6.0, "difficulty": 2,
         "attended": 1, "repair": 0, "ended": None},
        {"client": "c0ffee00", "therapist": "7", "session": 2, "week": 1.0, "alliance": None,
         "difficulty": None, "attended": 0, "repair": 0, "ended": None},
        {"client": "c0ffee00", "therapist": "7", "session": 3, "week": 2.0, "alliance": 8.0, "difficulty": 0,
         "attended": 1, "repair": 2, "ended": 2},
    ]  # fmt: skip
    for name in ("sessions.csv", "sessions.parquet"):
        tables.write(table, tmp_path / name)
        assert read_sessions(tmp_path / name, (0, 10)).work["alliance"].to_list() == [6.0, None, 8.0]
    with pytest.raises(ExchangeError):
        tables.write(table, tmp_path / "sessions.xls")


def test_an_extract_holds_only_who_consented_and_names_nobody(jo):
    from dataclasses import replace

    withdrawn = replace(jo, client="deadbeef", consents=(Consent("research", "1", day(0), day(1)),))
    never = replace(jo, client="badcafe0", consents=(Consent("check_ins", "1", day(0)),))
    found = tables.extract([jo, withdrawn, never], SECRET)
    assert found["sessions"]["client"].unique().to_list() == [tables.pseudonym("c0ffee00", SECRET)]
    text = "".join(table.write_csv() for table in found.values())
    for secret in ("c0ffee00", "deadbeef", "badcafe0", "nobody else", "2026-03"):
        assert secret not in text
    again = tables.extract([jo], b"another secret of 16 bytes")["sessions"]["client"][0]
    assert again != found["sessions"]["client"][0]
    with pytest.raises(ExchangeError):
        tables.extract([jo], b"short")


def test_the_codebook_names_every_column_and_item(jo):
    found = tables.extract([jo], SECRET)
    names = set(found["codebook"]["name"])
    assert set(found["sessions"].columns) | set(found["answers"].columns) <= names
    assert set(found["answers"]["item"]) <= names


def test_scores_stand_beside_answers(jo):
    table = tables.answers([jo])
    assert table.filter(pl.col("item") == "score:score")["value"].to_list() == [6.0, 8.0]
    assert "words" not in table["item"].to_list()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.dossiers())
def test_redcap_records_restore_every_answer(dossier):
    back = redcap.forms(redcap.records([dossier], words=True)).get(dossier.client, [])

    def said(forms: list[Form] | tuple[Form, ...]) -> list[tuple]:
        return [
            (f.key, f.measure, f.meeting, f.begun_at, f.sent_at, f.seconds,
             sorted((a.item, a.value, a.words) for a in f.answers))
            for f in forms
        ]  # fmt: skip

    assert said(back) == said(dossier.forms)


def test_redcap_words_stay_unless_asked_for(jo):
    assert "nobody else" not in redcap.records([jo])
    assert "nobody else" in redcap.records([jo], words=True)


def test_the_dictionary_is_one_that_redcap_takes():
    rows = list(csv.DictReader(io.StringIO(redcap.dictionary(by_key().values()))))
    names = [row["Variable / Field Name"] for row in rows]
    assert len(names) == len(set(names))
    assert names[0] == "record_id"
    assert all(name.replace("_", "").isalnum() and name == name.lower() and len(name) < 100 for name in names)
    phq = next(row for row in rows if row["Variable / Field Name"] == "phq_9_phq_9")
    assert phq["Choices, Calculations, OR Slider Labels"].startswith("0, Not at all | 1, Several days")
    branch = next(row for row in rows if row["Variable / Field Name"] == "phq_9_difficulty")
    assert "[phq_9_phq_9] = '3'" in branch["Branching Logic (Show field only if...)"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "column record_id is missing"),
        ("record_id,redcap_repeat_instrument,redcap_repeat_instance\nx,nothing,1\n", "row 2: instrument"),
        (
            "record_id,redcap_repeat_instrument,redcap_repeat_instance,phq_9_phq_1\nx,phq_9,1,7\n",
            "row 2, phq-1",
        ),
    ],
)
def test_bad_records_are_refused_with_their_row(text, message):
    with pytest.raises(ExchangeError, match=message):
        redcap.forms(text)


def test_a_calendar_shows_initials_and_nothing_else():
    pytest.importorskip("icalendar", reason="icalendar is not installed")
    from icalendar import Calendar

    made = feed([Appointment("1@reknit", FIRST, initials("Jo van Dyke"), FIRST)], name="Sessions")
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    assert event["summary"] == "J. V."
    assert event["dtstart"].dt == FIRST
    assert event["class"] == "PRIVATE"
    for word in (b"Dyke", b"therapy", b"client"):
        assert word not in made


@pytest.mark.parametrize(
    ("name", "short"), [("Jo", "J."), ("", "."), ("  ", "."), ("42", "."), ("élan vital x", "É. V.")]
)
def test_initials(name, short):
    assert initials(name) == short
