"""What programs can ask for. Each address names its scope; words are read through the loop and recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, StreamingHttpResponse
from ninja import Router
from ninja import Status as Answered
from ninja.params.functions import Body, Path, Query

from reknit.measures import SHIPPED, Measure, by_key, load, name_of, questionnaire
from reknit.practice import clock, loop
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.doors.api import schemas as s
from reknit.practice.doors.api.access import Bearer, own_relationship, token_may, visitor_of
from reknit.practice.doors.api.models import Scope
from reknit.practice.exchange import bundle, from_bundle, require_valid, resources
from reknit.practice.exchange.gather import gather, gather_all
from reknit.practice.exchange.restore import restore
from reknit.practice.insight.estimates import points_of
from reknit.practice.insight.models import TrustRecord
from reknit.practice.loop.questionnaires import read_responses
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.questionnaires.models import Response
from reknit.practice.questionnaires.reading import readable_responses
from reknit.practice.trail import record

router = Router()
LARGEST_ID = 2**31 - 1
Whole: Any = Body(...)
Id: Any = Path(..., ge=1, le=LARGEST_ID)
Limit: Any = Query(50, ge=1, le=200)
Offset: Any = Query(0, ge=0, le=1_000_000)
REFUSALS: dict[Any, Any] = {401: s.Problem, 403: s.Problem, 404: s.Problem, 422: s.Problem}


@router.get("/relationships", response={200: s.Relationships, **REFUSALS}, auth=Bearer(Scope.READ))
def list_relationships(request: HttpRequest, limit: int = Limit, offset: int = Offset) -> dict[str, Any]:
    """The relationships of the token's owner, oldest first."""
    mine = _with_counts(access.relationships(visitor_of(request))).order_by("pk")
    return {"items": [_relationship(each) for each in mine[offset : offset + limit]], "count": mine.count()}


@router.get("/relationships/{pk}", response={200: s.RelationshipOut, **REFUSALS}, auth=Bearer(Scope.READ))
def get_relationship(request: HttpRequest, pk: int = Id) -> dict[str, Any]:
    own = own_relationship(request, pk)
    return _relationship(_with_counts(Relationship.objects.filter(pk=own.pk)).get())


def _with_counts(relationships: QuerySet[Relationship]) -> QuerySet[Relationship]:
    held = Count("sessions", filter=Q(sessions__status=Status.ATTENDED))
    return relationships.select_related("client").annotate(held=held)


def _relationship(each: Any) -> dict[str, Any]:
    return {"id": each.pk, "client": each.client.code, "started_on": each.started_on, "ending": each.ending,
            "ended_on": each.ended_on, "sessions_held": each.held}  # fmt: skip


@router.get(
    "/relationships/{pk}/sessions", response={200: list[s.SessionOut], **REFUSALS}, auth=Bearer(Scope.READ)
)
def list_sessions(request: HttpRequest, pk: int = Id) -> list[dict[str, Any]]:
    own = own_relationship(request, pk)
    return [_session(each) for each in own.sessions.select_related("check_in").order_by("number")]


def _session(each: Session) -> dict[str, Any]:
    return {"number": each.number, "starts_at": each.starts_at, "status": each.status,
            "times_moved": each.times_moved, "has_check_in": hasattr(each, "check_in")}  # fmt: skip


@router.post(
    "/relationships/{pk}/sessions",
    response={200: s.SessionOut, 201: s.SessionOut, 409: s.Problem, **REFUSALS},
    auth=Bearer(Scope.SESSIONS),
)
def plan_session(request: HttpRequest, given: s.SessionIn, pk: int = Id) -> Answered[Any]:
    """Plan a session, and record what became of it. The same time again is the same session (200)."""
    own, visitor = own_relationship(request, pk), visitor_of(request)
    with transaction.atomic():
        found = own.sessions.filter(starts_at=given.starts_at).first()
        session = found or loop.plan_session(visitor, own, given.starts_at)
        if given.status not in (Status.PLANNED, session.status):
            loop.record_session(visitor, session, given.status)
    kept = own.sessions.select_related("check_in").get(pk=session.pk)
    return Answered(200 if found else 201, _session(kept))


@router.get("/relationships/{pk}/estimates", response={200: s.Estimates, **REFUSALS}, auth=Bearer(Scope.READ))
def list_estimates(request: HttpRequest, pk: int = Id) -> dict[str, Any]:
    """Trust after each session, with its doubt: never a bare number."""
    kept = TrustRecord.objects.filter(relationship=own_relationship(request, pk)).first()
    items = [
        {"session": p.number, "on": p.on, "rating": p.rating, "trust": p.trust,
         "interval80": (p.trust_lo80, p.trust_hi80), "interval95": (p.trust_lo95, p.trust_hi95),
         "p_rupture": p.p_rupture, "p_strain": p.p_strain, "p_repair": p.p_repair}
        for p in (points_of(kept) if kept else [])
    ]  # fmt: skip
    return {"model": kept.model_version if kept else "", "items": items}


@router.get(
    "/relationships/{pk}/episodes", response={200: list[s.EpisodeOut], **REFUSALS}, auth=Bearer(Scope.READ)
)
def list_episodes(request: HttpRequest, pk: int = Id) -> list[dict[str, Any]]:
    """The episodes of repair, without anybody's words."""
    found = own_relationship(request, pk).episodes.select_related("session").prefetch_related("steps")
    names = (
        "origin",
        "state",
        "kind",
        "cause",
        "noticed_at",
        "due_on",
        "closed_at",
        "p_restored",
        "p_exceeded",
    )
    return [
        {"id": each.pk, "session": each.session.number if each.session else None,
         "steps": list(each.steps.all()), **{name: getattr(each, name) for name in names}}
        for each in found
    ]  # fmt: skip


@router.get(
    "/relationships/{pk}/check-ins", response={200: list[s.FormOut], **REFUSALS}, auth=Bearer(Scope.READ)
)
def list_check_ins(request: HttpRequest, pk: int = Id, words: bool = False) -> list[dict[str, Any]]:
    """Check-ins as far as they may be read. `words=true` needs words:read; the client sees who read."""
    own, visitor = own_relationship(request, pk), visitor_of(request)
    if words and not token_may(request, Scope.WORDS):
        raise _lacks(Scope.WORDS)
    if words:
        answers = loop.read_answers(visitor, own)
    else:
        answers = access.readable_answers(visitor, Answer.objects.filter(check_in__relationship=own))
        answers = answers.filter(words="").select_related("check_in__session")
    by_check_in: dict[CheckIn, list[Answer]] = {}
    for answer in answers.order_by("check_in__session__number", "id"):
        by_check_in.setdefault(answer.check_in, []).append(answer)
    return [_check_in(each, found, words) for each, found in by_check_in.items()]


def _check_in(each: CheckIn, answers: list[Answer], words: bool) -> dict[str, Any]:
    said = [{"item": a.question, "value": a.value, "words": a.words if words else None} for a in answers]
    values = {a.question: a.value for a in answers}
    return {
        "key": each.key, "measure": each.measure, "session": each.session.number,
        "sent_at": each.received_at, "answers": said, "scores": _scores(load("check_in"), values),
    }  # fmt: skip


def _scores(measure: Measure, values: dict[str, float | None]) -> dict[str, float]:
    found = {score.key: score.of(values) for score in measure.scores}
    return {key: value for key, value in found.items() if value is not None}


@router.get(
    "/relationships/{pk}/questionnaires", response={200: list[s.FormOut], **REFUSALS}, auth=Bearer(Scope.READ)
)
def list_questionnaires(request: HttpRequest, pk: int = Id, words: bool = False) -> list[dict[str, Any]]:
    """Questionnaires that were sent, with their scores. `words=true` needs words:read."""
    own, visitor = own_relationship(request, pk), visitor_of(request)
    if words and not token_may(request, Scope.WORDS):
        raise _lacks(Scope.WORDS)
    found = read_responses(visitor, own) if words else _unread_responses(visitor, own)
    return [_response(each, words) for each in found if each.sent_at]


def _unread_responses(visitor: Visitor, own: Relationship) -> QuerySet[Response]:
    found = readable_responses(visitor, Response.objects.filter(relationship=own))
    return found.prefetch_related("answers").select_related("session").order_by("sent_at", "id")


def _response(each: Response, words: bool) -> dict[str, Any]:
    measure = by_key().get(each.measure_key)
    answers = [
        {"item": a.item, "value": a.value, "words": a.words if words else None}
        for a in each.answers.all()
        if words or a.value is not None
    ]
    return {
        "key": each.key, "measure": each.measure, "session": each.session.number if each.session else None,
        "sent_at": each.sent_at, "answers": answers,
        "scores": _scores(measure, each.values) if measure else {},
    }  # fmt: skip


@router.post(
    "/relationships/{pk}/sessions/{number}/check-in",
    response={200: s.CheckInOut, 201: s.CheckInOut, 409: s.Problem, **REFUSALS},
    auth=Bearer(Scope.CHECK_INS),
)
def send_check_in(request: HttpRequest, given: s.CheckInIn, pk: int = Id, number: int = Id) -> Answered[Any]:
    """Pass on what a client filled in elsewhere. A session has one check-in; the first one stands."""
    own = own_relationship(request, pk)
    session = own.sessions.filter(number=number).first()
    if session is None:
        raise Http404
    if CheckIn.objects.filter(key=given.key).exclude(session=session).exists():
        raise loop.NotNow("This key belongs to another check-in.")
    with transaction.atomic():
        there = CheckIn.objects.filter(session=session).exists()
        data = loop.CheckInData(**given.model_dump())
        check_in = loop.receive_check_in(Visitor.client(own), session, data)
        if not there:
            record(
                visitor_of(request).trail_name, "passed_on", f"check_in:{check_in.pk}", relationship_id=own.pk
            )
    kept = {"key": check_in.key, "session": session.number, "received_at": check_in.received_at}
    return Answered(200 if there else 201, kept)


@router.get("/measures", response={200: list[s.MeasureOut], **REFUSALS}, auth=Bearer(Scope.READ))
def list_measures(request: HttpRequest) -> list[dict[str, Any]]:
    """Every measure there is, with its licence."""
    return [_measure(load(name)) for name in SHIPPED]


def _measure(m: Measure) -> dict[str, Any]:
    return {
        "key": m.key, "version": m.version, "title": m.title, "copyright": m.copyright,
        "licence": m.licence.kind, "wording_may_change": not m.locked, "has_wording": m.has_wording,
    }  # fmt: skip


@router.get("/measures/{key}", response={200: dict[str, Any], **REFUSALS}, auth=Bearer(Scope.READ))
def get_measure(request: HttpRequest, key: str) -> dict[str, Any]:
    """One measure as a FHIR R4 Questionnaire."""
    if key not in by_key():
        raise Http404
    return questionnaire(name_of(key))


@router.get("/fhir/relationships/{pk}", response={200: dict[str, Any], **REFUSALS}, auth=Bearer(Scope.EXPORT))
def export_relationship(request: HttpRequest, pk: int = Id) -> dict[str, Any]:
    """One relationship as a FHIR R4 Bundle. It holds the client's words, so every reading is recorded."""
    return bundle([gather(visitor_of(request), own_relationship(request, pk))], clock.now().isoformat())


@router.get("/fhir/bulk", response={200: None, **REFUSALS}, auth=Bearer(Scope.EXPORT))
def export_bulk(request: HttpRequest) -> StreamingHttpResponse:
    """Every relationship, one FHIR resource a line (NDJSON)."""
    visitor, recorded = visitor_of(request), clock.now().isoformat()

    def lines() -> Iterator[str]:
        for dossier in gather_all(visitor):
            for each in resources(dossier, recorded):
                yield json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n"

    return StreamingHttpResponse(lines(), content_type="application/fhir+ndjson")


@router.post(
    "/fhir/import", response={201: s.Imported, 409: s.Problem, **REFUSALS}, auth=Bearer(Scope.IMPORT)
)
def import_bundle(request: HttpRequest, given: dict[str, Any] = Whole) -> Answered[Any]:
    """Import a Bundle as `/fhir/relationships/{pk}` writes it: valid and whole, or not at all."""
    require_valid([given])
    with transaction.atomic():
        made = [restore(visitor_of(request), dossier).pk for dossier in from_bundle(given)]
    return Answered(201, {"relationships": made})


def _lacks(scope: Scope) -> Exception:
    from ninja.errors import HttpError

    return HttpError(403, f"This token lacks the scope {scope.value}.")
