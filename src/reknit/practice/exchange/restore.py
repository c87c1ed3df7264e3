"""A dossier back into records, under the therapist who brings it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from reknit.cohort.exchange import Dossier, Episode, Form
from reknit.measures import by_key
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.insight import estimates
from reknit.practice.loop import NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Client, Consent, Ending, Purpose, Relationship, Role
from reknit.practice.questionnaires.models import Response, ResponseAnswer
from reknit.practice.repairs.models import Episode as EpisodeRecord
from reknit.practice.repairs.models import Origin, Reply, State
from reknit.practice.repairs.models import Step as StepRecord
from reknit.practice.trail import record

CHECK_IN = "reknit-check-in"


ALLOWED = {
    "ending": Ending,
    "purpose": Purpose,
    "session status": Status,
    "audience": Audience,
    "origin": Origin,
    "state": State,
}


def restore(visitor: Visitor, dossier: Dossier) -> Relationship:
    """Make the records of a dossier; all of them or none. Trust is estimated anew.

    Raises:
        PermissionDenied: the visitor is no therapist of a clinic.
        NotNow: there is already a client with this code, or the records cannot be kept as they are.
    """
    try:
        with transaction.atomic():
            return _restore(visitor, dossier)
    except (IntegrityError, DataError, ValidationError, LookupError, ArithmeticError, ValueError) as error:
        raise NotNow(_("These records contradict one another and cannot be kept.")) from error


def _restore(visitor: Visitor, dossier: Dossier) -> Relationship:
    _require_known(dossier)
    relationship = _relationship(visitor, dossier)
    sessions = {
        meeting.number: Session.objects.create(
            relationship=relationship,
            number=meeting.number,
            starts_at=_moment(meeting.starts_at),
            status=meeting.status,
            times_moved=meeting.times_moved,
        )
        for meeting in dossier.meetings
    }
    for form in dossier.forms:
        _form(relationship, form, sessions)
    for episode in dossier.episodes:
        _episode(relationship, episode, sessions)
    estimates.refresh(relationship)
    record(visitor.trail_name, "imported", f"relationship:{relationship.pk}", relationship_id=relationship.pk)
    return relationship


def _require_known(dossier: Dossier) -> None:
    """Refuse words that the records do not know, answers off their scale, and times that are none."""
    said = [("ending", dossier.ending), *(("purpose", c.purpose) for c in dossier.consents)]
    said += [("session status", meeting.status) for meeting in dossier.meetings]
    said += [("audience", a.audience) for form in dossier.forms for a in form.answers]
    for episode in dossier.episodes:
        said += [("origin", episode.origin), ("state", episode.state)]
        said += [("state", step.state) for step in episode.steps]
    for what, word in said:
        if word not in ALLOWED[what].values:
            raise NotNow(_("%(what)s: %(word)s is not known here.") % {"what": what, "word": word})
    try:
        for form in dossier.forms:
            _require_on_scale(form)
    except ValueError as error:
        raise NotNow(str(error)) from error


def _require_on_scale(form: Form) -> None:
    measure = by_key().get(form.measure.split("|")[0])
    items = {item.key: item for item in measure.questions} if measure else {}
    for answer in form.answers:
        if answer.item in items:
            items[answer.item].checked(answer.value)


def _relationship(visitor: Visitor, dossier: Dossier) -> Relationship:
    if visitor.user is None:
        raise PermissionDenied
    clinic = access.clinics_of(visitor.user, Role.THERAPIST).order_by("pk").first()
    if clinic is None:
        raise PermissionDenied
    if Client.objects.filter(code=dossier.client).exists():
        raise NotNow(_("There is already a client with the code %(code)s.") % {"code": dossier.client})
    client = Client.objects.create(
        clinic=clinic, code=dossier.client, called=dossier.client, language=dossier.language,
        time_zone=dossier.time_zone,
    )  # fmt: skip
    relationship = Relationship.objects.create(
        therapist=visitor.user, client=client, clinic=clinic, ending=dossier.ending,
        started_on=_moment(dossier.started_on).date(), ended_on=_day(dossier.ended_on),
    )  # fmt: skip
    for consent in dossier.consents:
        Consent.objects.create(
            relationship=relationship, purpose=consent.purpose, wording_version=consent.wording,
            given_at=_moment(consent.given_at), withdrawn_at=_moment_or_none(consent.withdrawn_at),
        )  # fmt: skip
    return relationship


def _form(relationship: Relationship, form: Form, sessions: dict[int, Session]) -> None:
    known = Response if form.measure.split("|")[0] != CHECK_IN else CheckIn
    if known.objects.filter(key=form.key).exists():
        raise NotNow(_("The form %(key)s is there already.") % {"key": form.key})
    if known is CheckIn:
        _check_in(relationship, form, sessions)
    else:
        _response(relationship, form, sessions)


def _check_in(relationship: Relationship, form: Form, sessions: dict[int, Session]) -> None:
    if form.meeting is None:
        raise NotNow(_("The check-in %(key)s belongs to no session.") % {"key": form.key})
    check_in = CheckIn.objects.create(
        relationship=relationship, session=sessions[form.meeting], key=form.key, measure=form.measure,
        received_at=_moment(form.sent_at), seconds_taken=form.seconds,
    )  # fmt: skip
    Answer.objects.bulk_create(
        Answer(check_in=check_in, question=a.item, value=a.value, words=a.words, audience=a.audience)
        for a in form.answers
    )


def _response(relationship: Relationship, form: Form, sessions: dict[int, Session]) -> None:
    audiences = {answer.audience for answer in form.answers}
    response = Response.objects.create(
        relationship=relationship, session=None if form.meeting is None else sessions[form.meeting],
        key=form.key, measure=form.measure, begun_at=_moment(form.begun_at),
        sent_at=_moment_or_none(form.sent_at), audience=next(iter(audiences), "therapist_now"),
    )  # fmt: skip
    ResponseAnswer.objects.bulk_create(
        ResponseAnswer(response=response, item=a.item, value=a.value, words=a.words) for a in form.answers
    )


def _episode(relationship: Relationship, episode: Episode, sessions: dict[int, Session]) -> None:
    session = sessions.get(episode.meeting) if episode.meeting is not None else None
    made = EpisodeRecord.objects.create(
        relationship=relationship, session=session, check_in=getattr(session, "check_in", None),
        origin=episode.origin, state=episode.state, kind=episode.kind, cause=episode.cause, felt=episode.felt,
        intended=episode.intended, noticed_at=_moment(episode.noticed_at),
        due_on=_moment(episode.due_on).date(), closed_at=_moment_or_none(episode.closed_at),
        p_restored=episode.p_restored, p_exceeded=episode.p_exceeded,
    )  # fmt: skip
    for step in episode.steps:
        StepRecord.objects.create(
            episode=made, state=step.state, at=_moment(step.at), by_client=step.by_client
        )
    for letter in episode.letters:
        Reply.objects.create(
            episode=made, text=letter.text, drafted_at=_moment(letter.sent_at),
            shared_at=_moment(letter.sent_at), answer=letter.answer, answer_words=letter.answer_words,
            answered_at=_moment_or_none(letter.answered_at),
        )  # fmt: skip


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotNow(_("%(text)s is not a date and time.") % {"text": text[:40]}) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment_or_none(text: str) -> datetime | None:
    return _moment(text) if text else None


def _day(text: str) -> date | None:
    return _moment(text).date() if text else None
