"""One relationship as plain records: what every format is written from, and read back into.

Times are ISO 8601 text as they were kept, so that writing and reading them changes no byte.
"""

from __future__ import annotations

from dataclasses import dataclass


class ExchangeError(ValueError):
    """Something that cannot be read here; the message names the record and what is wrong with it."""


@dataclass(frozen=True)
class Answer:
    """One answer: a number on the item's own scale, or words; and who may see it."""

    item: str
    value: float | None = None
    words: str = ""
    audience: str = "therapist_now"


@dataclass(frozen=True)
class Form:
    """A questionnaire that was filled in. `sent_at` is empty while it is not finished."""

    key: str
    measure: str
    meeting: int | None
    begun_at: str
    sent_at: str
    answers: tuple[Answer, ...] = ()
    seconds: int | None = None


@dataclass(frozen=True)
class Meeting:
    """A session by its number in the relationship."""

    number: int
    starts_at: str
    status: str
    times_moved: int = 0


@dataclass(frozen=True)
class Trust:
    """Estimated trust after a session, 0 to 10, with its 80 and 95 % intervals and the model that said it."""

    meeting: int
    on: str
    value: float
    interval80: tuple[float, float]
    interval95: tuple[float, float]
    method: str


@dataclass(frozen=True)
class Step:
    state: str
    at: str
    by_client: bool


@dataclass(frozen=True)
class Letter:
    """A reply that was shared, and what the client answered."""

    text: str
    sent_at: str
    answer: str = ""
    answer_words: str = ""
    answered_at: str = ""


@dataclass(frozen=True)
class Episode:
    """A difficulty between two people and what became of it."""

    number: int
    meeting: int | None
    origin: str
    state: str
    noticed_at: str
    due_on: str
    kind: str = ""
    cause: str = ""
    felt: str = ""
    intended: str = ""
    closed_at: str = ""
    p_restored: float | None = None
    p_exceeded: float | None = None
    steps: tuple[Step, ...] = ()
    letters: tuple[Letter, ...] = ()


@dataclass(frozen=True)
class Consent:
    purpose: str
    wording: str
    given_at: str
    withdrawn_at: str = ""


@dataclass(frozen=True)
class Dossier:
    """Everything of one relationship that is exchanged. Identifiers name nobody."""

    client: str
    therapist: str
    started_on: str
    ending: str = "running"
    ended_on: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    consents: tuple[Consent, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    forms: tuple[Form, ...] = ()
    trust: tuple[Trust, ...] = ()
    episodes: tuple[Episode, ...] = ()
