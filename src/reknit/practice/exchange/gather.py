"""A relationship gathered for exchange: as much of it as whoever asks may read; the asking is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from reknit.cohort.exchange import (
    Answer,
    Consent,
    Dossier,
    Episode,
    Form,
    Letter,
    Meeting,
    Step,
    Trust,
)
from reknit.practice import loop
from reknit.practice.checkins.models import Answer as CheckInAnswer
from reknit.practice.checkins.models import CheckIn
from reknit.practice.insight.estimates import points_of
from reknit.practice.insight.models import TrustRecord
from reknit.practice.loop.questionnaires import read_responses
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Purpose, Relationship, Role
from reknit.practice.people.models import Consent as ConsentRecord
from reknit.practice.questionnaires.models import Response
from reknit.practice.questionnaires.reading import for_therapists
from reknit.practice.repairs.models import Episode as EpisodeRecord
from reknit.practice.trail import record


@transaction.atomic
def gather(visitor: Visitor, relationship: Relationship) -> Dossier:
    """One relationship, as its therapist may know it.

    Raises:
        PermissionDenied: the visitor is not its therapist.
    """
    access.require_therapist(visitor, relationship)
    client = relationship.client
    record(visitor.trail_name, "exported", f"relationship:{relationship.pk}", relationship_id=relationship.pk)
    return Dossier(
        client=client.code,
        therapist=f"therapist-{relationship.therapist_id}",
        started_on=_day(relationship.started_on),
        ending=relationship.ending,
        ended_on=_day(relationship.ended_on),
        language=client.language,
        time_zone=client.time_zone,
        consents=tuple(_consents(relationship)),
        meetings=tuple(_meetings(relationship)),
        forms=(*_check_ins(visitor, relationship), *_responses(visitor, relationship)),
        trust=tuple(_trust(relationship)),
        episodes=tuple(_episodes(relationship)),
    )


def gather_all(visitor: Visitor) -> Iterator[Dossier]:
    """Every relationship that the visitor may open, one at a time."""
    mine = access.relationships(visitor).select_related("client", "therapist").order_by("pk")
    for relationship in mine.iterator(chunk_size=100):
        yield gather(visitor, relationship)


def gather_for_research(visitor: Visitor, clinic: Clinic) -> Iterator[Dossier]:
    """The relationships of a clinic whose clients agreed to research, without a word that anybody wrote.

    Only what the therapist may see is in it. Names and dates still are: `cohort.exchange.tables.extract`
    takes them out.

    Raises:
        PermissionDenied: the visitor neither leads the clinic nor is its researcher.
    """
    if visitor.user is None or clinic not in access.clinics_of(visitor.user, Role.LEAD, Role.RESEARCHER):
        raise PermissionDenied
    agreed = ConsentRecord.objects.filter(
        purpose=Purpose.RESEARCH, withdrawn_at=None, relationship__clinic=clinic
    )
    chosen = Relationship.objects.filter(consents__in=agreed, supervisee=None).distinct()
    chosen = chosen.select_related("client", "therapist")
    for relationship in chosen.order_by("pk").iterator(chunk_size=100):
        record(visitor.trail_name, "exported", f"research:{relationship.pk}", relationship_id=relationship.pk)
        yield _without_words(relationship)


def _without_words(relationship: Relationship) -> Dossier:
    """What research gets: numbers, dates and states that a therapist may know, whoever left since."""
    answers = CheckInAnswer.objects.filter(check_in__relationship=relationship, value__isnull=False)
    answers = answers.filter(access.visible_to_therapist()).select_related("check_in__session")
    forms = for_therapists(Response.objects.filter(relationship=relationship))
    forms = forms.select_related("session").prefetch_related("answers")
    return Dossier(
        client=relationship.client.code,
        therapist=f"therapist-{relationship.therapist_id}",
        started_on=_day(relationship.started_on),
        ending=relationship.ending,
        ended_on=_day(relationship.ended_on),
        consents=tuple(_consents(relationship)),
        meetings=tuple(_meetings(relationship)),
        forms=tuple(_wordless(form) for form in (*_by_check_in(answers), *map(_response, forms))),
        episodes=tuple(_wordless_episode(episode) for episode in _episodes(relationship)),
    )


def _wordless(form: Form) -> Form:
    return replace(form, answers=tuple(replace(a, words="") for a in form.answers if a.value is not None))


def _wordless_episode(episode: Episode) -> Episode:
    letters = tuple(replace(letter, text="", answer_words="") for letter in episode.letters)
    return replace(episode, felt="", intended="", letters=letters)


def _consents(relationship: Relationship) -> Iterator[Consent]:
    for consent in relationship.consents.order_by("given_at", "id"):
        yield Consent(
            consent.purpose, consent.wording_version, _moment(consent.given_at), _moment(consent.withdrawn_at)
        )


def _meetings(relationship: Relationship) -> Iterator[Meeting]:
    for session in relationship.sessions.order_by("number"):
        yield Meeting(session.number, _moment(session.starts_at), session.status, session.times_moved)


def _check_ins(visitor: Visitor, relationship: Relationship) -> list[Form]:
    """The check-ins with the answers that may be read; one without any is left out."""
    return _by_check_in(loop.read_answers(visitor, relationship))


def _by_check_in(answers: QuerySet[CheckInAnswer]) -> list[Form]:
    by_check_in: dict[int, list[CheckInAnswer]] = {}
    check_ins: dict[int, CheckIn] = {}
    for answer in answers.order_by("check_in__session__number", "id"):
        check_ins[answer.check_in_id] = answer.check_in
        by_check_in.setdefault(answer.check_in_id, []).append(answer)
    return [_check_in(check_ins[pk], answers) for pk, answers in by_check_in.items()]


def _check_in(check_in: CheckIn, answers: list[CheckInAnswer]) -> Form:
    at = _moment(check_in.received_at)
    return Form(
        key=str(check_in.key),
        measure=check_in.measure,
        meeting=check_in.session.number,
        begun_at=at,
        sent_at=at,
        answers=tuple(Answer(a.question, a.value, a.words, a.audience) for a in answers),
        seconds=check_in.seconds_taken,
    )


def _responses(visitor: Visitor, relationship: Relationship) -> list[Form]:
    return [_response(each) for each in read_responses(visitor, relationship).order_by("begun_at", "id")]


def _response(response: Response) -> Form:
    return Form(
        key=str(response.key),
        measure=response.measure,
        meeting=response.session.number if response.session else None,
        begun_at=_moment(response.begun_at),
        sent_at=_moment(response.sent_at),
        answers=tuple(Answer(a.item, a.value, a.words, response.audience) for a in response.answers.all()),
    )


def _trust(relationship: Relationship) -> Iterator[Trust]:
    kept = TrustRecord.objects.filter(relationship=relationship).first()
    for point in points_of(kept) if kept else ():
        yield Trust(
            point.number, point.on, point.trust, (point.trust_lo80, point.trust_hi80),
            (point.trust_lo95, point.trust_hi95), kept.model_version if kept else "",
        )  # fmt: skip


def _episodes(relationship: Relationship) -> Iterator[Episode]:
    found = relationship.episodes.select_related("session").prefetch_related("steps", "replies")
    for number, episode in enumerate(found.order_by("noticed_at", "id"), 1):
        yield _episode(episode, number)


def _episode(episode: EpisodeRecord, number: int) -> Episode:
    return Episode(
        number=number,
        meeting=episode.session.number if episode.session else None,
        origin=episode.origin,
        state=episode.state,
        noticed_at=_moment(episode.noticed_at),
        due_on=_day(episode.due_on),
        kind=episode.kind,
        cause=episode.cause,
        felt=episode.felt,
        intended=episode.intended,
        closed_at=_moment(episode.closed_at),
        p_restored=episode.p_restored,
        p_exceeded=episode.p_exceeded,
        steps=tuple(Step(step.state, _moment(step.at), step.by_client) for step in episode.steps.all()),
        letters=tuple(
            Letter(r.text, _moment(r.shared_at), r.answer, r.answer_words, _moment(r.answered_at))
            for r in episode.replies.all()
            if r.shared_at
        ),
    )


def _moment(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
