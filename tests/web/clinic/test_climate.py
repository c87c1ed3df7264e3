"""Somebody tries to read one client's or one therapist's value out of the clinic's pages, and fails to."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from bench.clinic_world import fill
from django.test import Client as Browser

from reknit.practice import clock
from reknit.practice.doors.clinic.board import Board
from reknit.practice.insight import clinic as insight
from reknit.practice.insight.friction import friction_table
from reknit.practice.insight.models import ClinicQuarter
from reknit.practice.people.models import Clinic, Membership, Role, User
from reknit.practice.rights.erase import erase

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("UTC"))
PAGES = ["/clinic/climate/", "/clinic/buys/", "/clinic/board.csv", "/clinic/board/climate.svg"]
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


def member(clinic: Clinic, role: Role, name: str = "") -> Browser:
    user = User.objects.create_user(email=f"{name or role}@x.example", name=f"{name or role}")
    Membership.objects.create(user=user, clinic=clinic, role=role)
    browser = Browser()
    browser.force_login(user)
    return browser


def made(therapists: int = 7, relationships: int = 56) -> Clinic:
    clinic = Clinic.objects.create(name="The house")
    with clock.at(NOW):
        fill(clinic, therapists, relationships, NOW, sessions=(8, 16))
        insight.keep_quarters()
    return clinic


def bodies(browser: Browser, query: str = "") -> list[str]:
    found = [browser.get(page + query) for page in PAGES]
    assert [one.status_code for one in found] == [200] * len(PAGES)
    return [CSRF.sub("", one.content.decode()) for one in found]


def test_no_window_no_filter_and_no_part_of_the_clinic_can_be_asked_for():
    lead = member(made(), Role.LEAD)
    plain = bodies(lead)
    therapist = User.objects.filter(name__startswith="Therapist").first()
    for query in (
        "?from=2026-01-01&to=2026-01-02",
        f"?therapist={therapist.pk}",
        "?client=1&quarter=1",
        "?q=x",
    ):
        assert bodies(lead, query) == plain
    assert lead.post("/clinic/climate/", {"therapist": therapist.pk}).status_code == 405


def test_pages_stay_as_they_are_when_somebody_leaves_joins_or_is_forgotten():
    clinic = made()
    lead = member(clinic, Role.LEAD)
    before = bodies(lead)
    erase(one_of(clinic))
    with clock.at(NOW + timedelta(days=3)):
        fill(clinic, 1, 1, NOW + timedelta(days=2), seed=77, sessions=(8, 8))
        assert insight.keep_quarters() == 0
    assert bodies(lead) == before


def one_of(clinic: Clinic):
    from reknit.practice.people.models import Relationship

    return Relationship.objects.filter(clinic=clinic).first()


def test_a_quarter_that_runs_or_is_just_over_is_not_shown():
    clinic = made()
    starts = set(ClinicQuarter.objects.filter(clinic=clinic).values_list("starts_on", flat=True))
    assert max(starts) == date(2026, 7, 1)
    with clock.at(datetime(2027, 1, 15, 12, tzinfo=ZoneInfo("UTC"))):
        assert insight.keep_quarters() == 0
    with clock.at(datetime(2027, 1, 17, 12, tzinfo=ZoneInfo("UTC"))):
        assert insight.keep_quarters() == 1


def test_two_leads_and_two_sources_tell_the_same_and_no_other_role_sees_any():
    clinic = made()
    one, other = member(clinic, Role.LEAD, "one"), member(clinic, Role.LEAD, "other")
    assert bodies(one)[1:] == bodies(other)[1:]
    for role in (Role.ADMINISTRATOR, Role.SUPERVISOR, Role.SAFEGUARDING, Role.THERAPIST):
        browser = member(clinic, role)
        assert [browser.get(page).status_code for page in PAGES] == [403] * len(PAGES)
    elsewhere = member(Clinic.objects.create(name="Elsewhere"), Role.LEAD, "else")
    assert "The house" not in elsewhere.get("/clinic/climate/").content.decode()


def test_the_file_holds_no_number_that_the_page_does_not_show():
    lead = member(made(), Role.LEAD)
    page = lead.get("/clinic/climate/").content.decode()
    rows = list(csv.reader(io.StringIO(lead.get("/clinic/board.csv").content.decode())))
    shown = re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", page)
    assert len(rows) > 20
    for row in rows[1:]:
        assert all(cell in shown for cell in row if cell), row


def test_nobody_is_named_and_nobody_is_ranked():
    clinic = made()
    lead = member(clinic, Role.LEAD)
    said = "".join(bodies(lead))
    names = [user.name for user in User.objects.filter(name__startswith="Therapist")]
    codes = [client.code for client in clinic.clients.all()]
    assert not [name for name in [*names, *codes] if name in said]


@pytest.mark.parametrize(("therapists", "relationships"), [(4, 40), (4, 3), (4, 4), (9, 4)])
def test_few_people_and_few_therapists_are_all_the_same_silence(therapists, relationships):
    clinic = made(therapists, relationships)
    with clock.at(NOW):
        board = Board(clinic)
    for quarter in board.quarters:
        figures = [quarter.kept[name] for name in ("trust", "place", "missed", "moved", "taken_up")]
        assert figures == [None] * 5
        assert set(quarter.kept["owed"]["kinds"].values()) == {None}
    assert board.effects == []


@pytest.fixture
def constant() -> tuple[Clinic, pl.DataFrame, date]:
    """A clinic in which nothing changes between quarters: the best case for who takes differences."""
    clinic = Clinic.objects.create(name="Constant")
    with clock.at(NOW):
        fill(clinic, 7, 140, NOW, sessions=(8, 16))
        table = friction_table(clinic, NOW)
    return clinic, table.with_columns(trust=7.0, rating=7.0, missed=0.0, cancelled_late=0.0), date(2026, 4, 1)


def read_back(
    clinic: Clinic, quarter: date, without: pl.DataFrame, joined: pl.DataFrame, people: int
) -> float:
    """All others are known to stand at 7: what the two figures say of the one who joined."""
    place = without.clear()
    before = insight._figures(clinic, quarter, without, place)["trust"]["value"]
    after = insight._figures(clinic, quarter, pl.concat([without, joined]), place)["trust"]["value"]
    return (people + 1) * after - people * before


@pytest.mark.parametrize("whole_caseload", [False, True])
def test_before_and_after_somebody_joins_tell_high_from_low_no_better_than_chance_would(
    constant, whole_caseload
):
    """One client at 0 or at 10; then the ten clients of one therapist, at 6 or at 8 on average."""
    clinic, table, quarter = constant
    since = insight._moment(clinic, quarter).timestamp() / insight.WEEK
    here = table.filter(pl.col("week").is_between(since, since + 12))
    people = here.get_column("person").n_unique()
    one = here.head(1)
    newcomers = 10 if whole_caseload else 1
    joined = pl.concat(one.with_columns(person=10_000 + n, client=10_000 + n) for n in range(newcomers))
    joined = joined.with_columns(therapist=99).cast(dict(table.schema))

    def reading(level: float) -> list[float]:
        new = joined.with_columns(trust=pl.lit(level))
        return [
            read_back(clinic, quarter, here, new, people) / (newcomers if whole_caseload else 1)
            for _ in range(150)
        ]

    # what a therapist's caseload can be: means of clients lie within some points, not at 0 and 10
    low, high = (6.0, 8.0) if whole_caseload else (0.0, 10.0)
    lows, highs = np.array(reading(low)), np.array(reading(high))
    told_apart = np.mean(highs[:, None] > lows[None, :])
    assert people >= 20
    assert told_apart < 0.8


def test_trust_in_the_clinic_is_estimated_from_its_own_questionnaire():
    clinic = made()
    kept = ClinicQuarter.objects.filter(clinic=clinic).last()
    with clock.at(NOW):
        place = insight._place(clinic)
    assert place.height > 100
    assert place.get_column("trust").is_not_null().all()
    assert (
        kept.figures["place"] is None or 0 <= kept.figures["place"]["lo"] <= kept.figures["place"]["hi"] <= 10
    )


def test_pages_before_anything_is_kept_say_so():
    lead = member(Clinic.objects.create(name="New"), Role.LEAD)
    assert "No quarter is over yet" in lead.get("/clinic/climate/").content.decode()
    assert "too little to say" in lead.get("/clinic/buys/").content.decode()
    assert lead.get("/clinic/board/climate.svg").status_code == 404
