"""What goes in and comes out, as described at /api/openapi.json."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, model_validator

from reknit.measures import load

CHECK_IN = load("check_in")
Audience = Literal["therapist_now", "in_the_room", "clinic", "only_me"]


def _plausible(moment: datetime) -> datetime:
    if not 2000 <= moment.year <= 2100:
        raise ValueError("the year must lie between 2000 and 2100")
    return moment


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL character is no text")
    return text


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
Words = Annotated[str, Field(max_length=10_000), AfterValidator(_no_nul)]
Rating = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


class Strict(Schema):
    """A request body: unknown fields are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None


class RelationshipOut(Schema):
    id: int
    client: str = Field(description="the client's code; it names nobody")
    started_on: date
    ending: str
    ended_on: date | None
    sessions_held: int


class Relationships(Schema):
    items: list[RelationshipOut]
    count: int = Field(description="how many there are in all")


class SessionOut(Schema):
    number: int
    starts_at: datetime
    status: str
    times_moved: int
    has_check_in: bool


class SessionIn(Strict):
    starts_at: Moment
    status: Literal["planned", "attended", "missed", "cancelled_late", "cancelled"] = "planned"


class EstimateOut(Schema):
    session: int
    on: date
    rating: float | None = Field(description="mean of the check-in, 0 to 10, where the therapist may see it")
    trust: float = Field(description="estimated trust, 0 to 10")
    interval80: tuple[float, float]
    interval95: tuple[float, float]
    p_rupture: float
    p_strain: float
    p_repair: float


class Estimates(Schema):
    model: str = Field(description="the version of the model that made them")
    items: list[EstimateOut]


class StepOut(Schema):
    state: str
    at: datetime
    by_client: bool


class EpisodeOut(Schema):
    id: int
    session: int | None
    origin: str
    state: str
    kind: str
    cause: str
    noticed_at: datetime
    due_on: date
    closed_at: datetime | None
    p_restored: float | None
    p_exceeded: float | None
    steps: list[StepOut]


class AnswerOut(Schema):
    item: str
    value: float | None
    words: str | None = Field(None, description="only with the scope words:read")


class FormOut(Schema):
    key: UUID
    measure: str
    session: int | None
    sent_at: datetime
    answers: list[AnswerOut]
    scores: dict[str, float]


class CheckInIn(Strict):
    """A check-in that a client filled in elsewhere. The same key again changes nothing."""

    key: UUID
    ratings: dict[str, Rating] = Field(default_factory=dict, max_length=len(CHECK_IN.ratings))
    bothered: Literal[0, 1, 2] | None = None
    words: Words = ""
    words_audience: Audience = "therapist_now"
    ratings_audience: Audience = "therapist_now"
    seconds_taken: int | None = Field(None, ge=0, le=86_400)

    @model_validator(mode="after")
    def _known_and_not_empty(self) -> CheckInIn:
        unknown = set(self.ratings) - {item.key for item in CHECK_IN.ratings}
        if unknown:
            raise ValueError(f"unknown ratings: {', '.join(sorted(unknown))}")
        if not self.ratings and self.bothered is None and not self.words.strip():
            raise ValueError("nothing was answered")
        return self


class CheckInOut(Schema):
    key: UUID
    session: int
    received_at: datetime


class MeasureOut(Schema):
    key: str
    version: str
    title: str
    copyright: str
    licence: str
    wording_may_change: bool
    has_wording: bool


class Imported(Schema):
    relationships: list[int]
