"""What a clinic is shown: its climate by quarters, what it owes, what trust buys. Kept once, never redrawn.

A clinic's pages have one source, the quarters kept here. A quarter is kept when it has been over for a
fortnight, is blurred once (`reknit.cohort.disclosure`) and does not change again, whoever comes, leaves or
is forgotten afterwards. There is no page of a running quarter, no other span of time, and no part of a
clinic smaller than the whole: so there are no two figures that differ by one person.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from django.db import IntegrityError, transaction

from reknit.cohort.buys import Effect
from reknit.cohort.disclosure import Figure, counts_by_kind, may_be_seen, mean_of_people
from reknit.cohort.friction import with_trust
from reknit.measures import by_key
from reknit.practice import clock
from reknit.practice.appointments.models import Session
from reknit.practice.insight.friction import WEEK, friction_table, what_trust_buys
from reknit.practice.insight.models import ClinicQuarter
from reknit.practice.owed.models import OwedFor, OwedRepair
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Clinic
from reknit.practice.questionnaires.models import Response
from reknit.practice.repairs.models import State

PLACE = "reknit-clinic-trust"
GRACE = timedelta(days=15)  # a check-in may come a fortnight after its session
QUARTERS = 8
SPREAD = {"trust": 2.0, "share": 0.3}  # between people, known beforehand: see `mean_of_people`
ROUND = {"share": 0.005, "once": 0.005, "log": 0.01}

Kept = dict[str, Any]


def keep_quarters() -> int:
    """Keep every quarter that is over and not kept yet; returns how many. Called every day."""
    return sum(_keep(clinic) for clinic in Clinic.objects.all())


def quarters(clinic: Clinic) -> list[ClinicQuarter]:
    """The kept quarters of a clinic that its pages show, oldest first."""
    return list(clinic.quarters.order_by("-starts_on")[:QUARTERS])[::-1]


def _keep(clinic: Clinic) -> int:
    kept = set(clinic.quarters.values_list("starts_on", flat=True))
    missing = [start for start in _closed(clinic) if start not in kept]
    if not missing or not _has_sessions(clinic, missing[0], missing[-1]):
        return 0
    table = friction_table(clinic, _moment(clinic, following(missing[-1])))
    place = _place(clinic)
    done = 0
    for start in missing:
        figures = _figures(clinic, start, table, place)
        if start == missing[-1]:
            figures["buys"] = _buys(table)
        try:
            with transaction.atomic():
                ClinicQuarter.objects.create(clinic=clinic, starts_on=start, figures=figures)
        except IntegrityError:  # another server was quicker: its figures stand, these were never seen
            continue
        done += 1
    return done


def _closed(clinic: Clinic) -> list[date]:
    """First days of the quarters that are over, oldest first."""
    day = clock.now().astimezone(ZoneInfo(clinic.time_zone)).date() - GRACE
    start = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    found = []
    for _number in range(QUARTERS):
        start = (start - timedelta(days=1)).replace(day=1)
        start = date(start.year, 3 * ((start.month - 1) // 3) + 1, 1)
        found.append(start)
    return found[::-1]


def following(start: date) -> date:
    """The first day of the next quarter."""
    return date(start.year + (start.month == 10), (start.month + 2) % 12 + 1, 1)


def _moment(clinic: Clinic, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(clinic.time_zone))


def _has_sessions(clinic: Clinic, first: date, last: date) -> bool:
    held = Session.objects.filter(
        relationship__clinic=clinic,
        starts_at__gte=_moment(clinic, first),
        starts_at__lt=_moment(clinic, following(last)),
    )
    return held.exists()


def _figures(clinic: Clinic, start: date, table: pl.DataFrame, place: pl.DataFrame) -> Kept:
    """Everything about one quarter but what trust buys."""
    since, until = _moment(clinic, start), _moment(clinic, following(start))
    here = pl.col("week").is_between(since.timestamp() / WEEK, until.timestamp() / WEEK, closed="left")
    rows = table.filter(here)
    rng = np.random.default_rng()
    return {
        "trust": _trust(rows.filter(pl.col("rating").is_not_null()), rng),
        "place": _trust(place.filter(here), rng),
        "missed": _share(rows.with_columns(value=pl.col("missed") + pl.col("cancelled_late")), rng),
        "moved": _share(rows.with_columns(value=pl.col("moved")), rng),
        "taken_up": _share(rows.with_columns(value=1 - pl.col("declined")), rng),
        "owed": _owed(clinic, since, until, rng),
    }


def _trust(rows: pl.DataFrame, rng: np.random.Generator) -> Kept | None:
    """Where trust stood at each person's last answer of the quarter."""
    people = rows.group_by("person", "client", maintain_order=True).agg(
        pl.col("trust").last().alias("value"), pl.col("therapist").last()
    )
    return _kept(people, 10.0, "trust", rng)


def _share(rows: pl.DataFrame, rng: np.random.Generator) -> Kept | None:
    return _kept(rows.filter(pl.col("value").is_not_null()), 1.0, "share", rng)


def _kept(rows: pl.DataFrame, highest: float, kind: str, rng: np.random.Generator) -> Kept | None:
    """One figure from one value a person."""
    people = rows.group_by("person", maintain_order=True).agg(
        pl.col("value").mean(), pl.col("therapist").last()
    )
    figure = mean_of_people(
        people.get_column("value").to_numpy(), people.get_column("therapist").to_list(),
        lowest=0.0, highest=highest, spread=SPREAD[kind], rng=rng,
    )  # fmt: skip
    return _rounded(figure, 2 if highest > 1 else 3) if figure else None


def _rounded(figure: Figure, places: int) -> Kept:
    return {name: round(value, places) for name, value in asdict(figure).items()}


def _place(clinic: Clinic) -> pl.DataFrame:
    """Trust in the clinic: the same engine, with the clinic as the other half of the relationship."""
    measure = by_key()[PLACE]
    sent = Response.objects.filter(
        relationship__clinic=clinic,
        relationship__supervisee=None,
        measure__startswith=f"{PLACE}|",
        sent_at__isnull=False,
    )
    sent = sent.exclude(audience=Audience.ONLY_ME).select_related("relationship").prefetch_related("answers")
    rows = [
        {
            "client": one.relationship.client_id, "person": one.relationship.client_id,
            "therapist": one.relationship.therapist_id, "week": one.sent_at.timestamp() / WEEK,
            "rating": measure.score(one.values),
        }
        for one in sent
        if one.sent_at
    ]  # fmt: skip
    schema = {
        "client": pl.Int64, "person": pl.Int64, "therapist": pl.Int64, "week": pl.Float64,
        "rating": pl.Float64,
    }  # fmt: skip
    given = pl.DataFrame(rows, schema=schema).filter(pl.col("rating").is_not_null())
    return with_trust(given)


def _owed(clinic: Clinic, since: datetime, until: datetime, rng: np.random.Generator) -> Kept:
    """What clients said the clinic owed them: cases by kind, and how many people say that it is mended."""
    noticed = OwedRepair.objects.filter(
        relationship__clinic=clinic,
        relationship__supervisee=None,
        noticed_at__gte=since,
        noticed_at__lt=until,
    )
    cases: dict[str, list[int]] = {kind: [] for kind in OwedFor.values}
    mended: dict[int, tuple[float, int]] = {}
    for kind, person, therapist, state in noticed.values_list(
        "kind", "relationship__client_id", "relationship__therapist_id", "state"
    ):
        cases[kind].append(person)
        before = mended.get(person, (1.0, therapist))[0]
        mended[person] = (min(before, float(state in (State.RESTORED, State.EXCEEDED))), therapist)
    kinds, total = counts_by_kind(cases)
    figure = mean_of_people(
        [value for value, _t in mended.values()], [therapist for _v, therapist in mended.values()],
        lowest=0.0, highest=1.0, spread=0.5, rng=rng,
    )  # fmt: skip
    return {"kinds": kinds, "total": total, "mended": _rounded(figure, 3) if figure else None}


def _buys(table: pl.DataFrame) -> list[Kept]:
    """What trust buys, with ends rounded outwards; nothing where few therapists stand behind it."""
    therapist = dict(table.select("client", "therapist").iter_rows())
    if not may_be_seen(list(therapist.values())):
        return []
    return [_effect(effect) for effect in what_trust_buys(table)]


def _effect(effect: Effect) -> Kept:
    step = ROUND[effect.outcome.kind]
    known = effect.lo is not None and effect.hi is not None and effect.usual is not None
    return {
        "outcome": effect.outcome.name,
        "kind": effect.outcome.kind,
        "relationships": effect.relationships // 5 * 5,
        "sessions": effect.sessions // 100 * 100,
        "lo": round(math.floor(effect.lo / step) * step, 3) if known and effect.lo is not None else None,
        "hi": round(math.ceil(effect.hi / step) * step, 3) if known and effect.hi is not None else None,
    }


def latest_buys(kept: Iterable[ClinicQuarter]) -> tuple[date, list[Kept]] | None:
    """The newest reckoning of what trust buys, and the day up to which it looked."""
    found = [one for one in kept if one.figures.get("buys") is not None]
    return (following(found[-1].starts_on) - timedelta(days=1), found[-1].figures["buys"]) if found else None
