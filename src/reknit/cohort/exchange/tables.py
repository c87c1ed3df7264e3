"""Dossiers as tables: sessions as `reknit trust` reads them, answers in long form, a research extract."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from reknit.cohort.exchange.records import Dossier, ExchangeError, Form, Meeting
from reknit.measures import Measure, by_key

WEEK = 7 * 24 * 3600.0
ENDED = {"running": 0, "planned": 1, "ended_well": 1, "dropped": 2}
PLACE: dict[str, Any] = {
    "client": pl.String, "therapist": pl.String, "session": pl.Int64, "week": pl.Float64,
}  # fmt: skip
SESSIONS: dict[str, Any] = PLACE | {
    "alliance": pl.Float64, "difficulty": pl.Int64, "attended": pl.Int64, "repair": pl.Int64,
    "ended": pl.Int64,
}  # fmt: skip
ANSWERS: dict[str, Any] = PLACE | {"measure": pl.String, "item": pl.String, "value": pl.Float64}
CHECK_IN = "reknit-check-in"


def sessions(dossiers: Iterable[Dossier]) -> pl.DataFrame:
    """One row a session that was held or missed, in the columns that `reknit trust` reads (scale 0:10)."""
    return pl.DataFrame([row for each in dossiers for row in _sessions(each)], schema=SESSIONS)


def answers(dossiers: Iterable[Dossier]) -> pl.DataFrame:
    """One row an answer with a number, and one a score (item `score:<key>`). No words are in it."""
    return pl.DataFrame([row for each in dossiers for row in _answers(each)], schema=ANSWERS)


def write(table: pl.DataFrame, path: Path) -> None:
    """Write a table as CSV or Parquet, by extension.

    Raises:
        ExchangeError: another extension.
    """
    if path.suffix == ".csv":
        table.write_csv(path)
    elif path.suffix == ".parquet":
        table.write_parquet(path)
    else:
        raise ExchangeError(f"{path}: expected .csv or .parquet")


def extract(dossiers: Iterable[Dossier], secret: bytes) -> dict[str, pl.DataFrame]:
    """A research extract: those who consented, under names that nobody can trace without the secret.

    Identifiers become keyed hashes (HMAC-SHA256, 12 hexadecimal digits), dates become weeks since the first
    session, and no words are in it.

    Args:
        dossiers: any; those without standing consent to research are left out.
        secret: at least 16 bytes, kept apart from the extract; the same secret gives the same names again.

    Returns:
        tables `sessions`, `answers` and `codebook`.

    Raises:
        ExchangeError: the secret is too short.
    """
    if len(secret) < 16:
        raise ExchangeError("the secret for pseudonyms must have at least 16 bytes")
    chosen = [each for each in dossiers if _may_be_studied(each)]
    found = {"sessions": sessions(chosen), "answers": answers(chosen)}
    renamed = {
        name: table.with_columns(
            pl.col(column).map_elements(lambda value: pseudonym(value, secret), return_dtype=pl.String)
            for column in ("client", "therapist")
        )
        for name, table in found.items()
    }
    used = renamed["answers"]["measure"].unique(maintain_order=True).to_list()
    return renamed | {"codebook": codebook(used)}


def pseudonym(identity: str, secret: bytes) -> str:
    """The name of somebody in an extract."""
    return hmac.new(secret, identity.encode(), hashlib.sha256).hexdigest()[:12]


def codebook(measures: Iterable[str] = ()) -> pl.DataFrame:
    """What every column and item of an extract means, its range, and where its scoring comes from."""
    rows = [*COLUMNS, *(row for key in measures if key in by_key() for row in _described(by_key()[key]))]
    return pl.DataFrame(rows, schema=["table", "name", "meaning", "values", "source"], orient="row")


COLUMNS = [
    ("sessions, answers", "client", "pseudonym of the client", "12 hexadecimal digits", ""),
    ("sessions, answers", "therapist", "pseudonym of the therapist", "12 hexadecimal digits", ""),
    ("sessions, answers", "session", "number of the session in the relationship", "1 and up", ""),
    ("sessions, answers", "week", "weeks since the first session", "0 and up", ""),
    ("sessions", "alliance", "mean of the check-in's five ratings", "0 to 10, empty where not answered", ""),
    ("sessions", "difficulty", "was there anything that bothered you", "0 no, 1 a little, 2 yes", ""),
    ("sessions", "attended", "whether the session took place", "1 yes, 0 missed or cancelled late", ""),
    (
        "sessions",
        "repair",
        "a reply since the session before",
        "0 none, 1 shared, 2 confirmed by the client",
        "",
    ),
    ("sessions", "ended", "on the last row", "0 running, 1 as planned, 2 dropped out", ""),
    ("answers", "measure", "which questionnaire", "see below", ""),
    ("answers", "item", "which question, or score:<key> for a score", "see below", ""),
    ("answers", "value", "the answer's number", "see below", ""),
]


def _described(measure: Measure) -> Iterator[tuple[str, str, str, str, str]]:
    for item in measure.questions:
        if item.is_rating:
            yield measure.key, item.key, item.text, f"{item.lo:g} to {item.hi:g}", measure.copyright
        elif item.choices:
            named = ", ".join(
                f"{item.value_of(option.code):g} {option.display}".strip() for option in item.choices
            )
            yield measure.key, item.key, item.text, named, measure.copyright
    for score in measure.scores:
        lo, hi = score.scale
        how = f"{score.title}: {score.method} of {len(score.items)} items"
        yield measure.key, f"score:{score.key}", how, f"{lo:g} to {hi:g}", score.source


def _may_be_studied(dossier: Dossier) -> bool:
    return any(c.purpose == "research" and not c.withdrawn_at for c in dossier.consents)


def _sessions(dossier: Dossier) -> Iterator[dict[str, Any]]:
    held = _held(dossier)
    forms = {form.meeting: form for form in dossier.forms if form.measure.split("|")[0] == CHECK_IN}
    for place, meeting in enumerate(held):
        values = _values(forms.get(meeting.number))
        difficulty = values.get("bothered")
        yield {
            **_place(dossier, meeting.number, held),
            "alliance": by_key()[CHECK_IN].score(values),
            "difficulty": None if difficulty is None else int(difficulty),
            "attended": int(meeting.status == "attended"),
            "repair": _repair(dossier, held, place),
            "ended": ENDED[dossier.ending] if place == len(held) - 1 else None,
        }


def _held(dossier: Dossier) -> list[Meeting]:
    counted = ("attended", "missed", "cancelled_late")
    return sorted((m for m in dossier.meetings if m.status in counted), key=lambda m: _when(m.starts_at))


def _repair(dossier: Dossier, held: list[Meeting], place: int) -> int:
    """1 where a reply was shared since the session before, 2 where the client said that this is it."""
    since = _when(held[place - 1].starts_at) if place else None
    until, found = _when(held[place].starts_at), 0
    for letter in (letter for episode in dossier.episodes for letter in episode.letters):
        confirmed = letter.answer == "yes"
        at = _when(letter.answered_at if confirmed else letter.sent_at)
        if at < until and (since is None or at >= since):
            found = max(found, 2 if confirmed else 1)
    return found


def _answers(dossier: Dossier) -> Iterator[dict[str, Any]]:
    held = _held(dossier)
    for form in dossier.forms:
        if form.meeting is None or not form.sent_at:
            continue
        key, values = form.measure.split("|")[0], _values(form)
        row = _place(dossier, form.meeting, held) | {"measure": key}
        for item, value in values.items():
            yield row | {"item": item, "value": value}
        for score in by_key()[key].scores if key in by_key() else ():
            if (value := score.of(values)) is not None:
                yield row | {"item": f"score:{score.key}", "value": value}


def _place(dossier: Dossier, number: int, held: list[Meeting]) -> dict[str, Any]:
    found = next((m for m in dossier.meetings if m.number == number), None)
    week = (
        (_when(found.starts_at) - _when(held[0].starts_at)).total_seconds() / WEEK if found and held else None
    )
    return {"client": dossier.client, "therapist": dossier.therapist, "session": number, "week": week}


def _values(form: Form | None) -> dict[str, float | None]:
    if form is None:
        return {}
    return {answer.item: answer.value for answer in form.answers if answer.value is not None}


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text)
