"""Questionnaires: the clinic chooses them, the therapist schedules them, the client fills them in.

An answer that says danger shows help at once and alerts a named person, who answers for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reknit.measures import Measure, WordingRefused, by_key, name_of, questionnaire, with_wording
from reknit.practice import clock
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.letters import tell
from reknit.practice.loop.people import require_consent
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Clinic, Relationship, Role, User
from reknit.practice.questionnaires.due import Due, setting_of, waiting
from reknit.practice.questionnaires.models import (
    ClinicMeasure,
    Response,
    ResponseAnswer,
    RiskAlert,
    Schedule,
)
from reknit.practice.questionnaires.reading import readable_responses, risk_alerts
from reknit.practice.trail import record


@dataclass(frozen=True)
class Filled:
    """What a client filled in: numbers and words by item key, and who may see it."""

    values: Mapping[str, float | None] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    audience: str = ""


# --- The clinic chooses ---------------------------------------------------------------------------


@transaction.atomic
def choose_measure(
    visitor: Visitor,
    clinic: Clinic,
    key: str,
    *,
    is_on: bool,
    alerted: User | None = None,
    stands_in: User | None = None,
    hours: int = 24,
) -> ClinicMeasure:
    """Turn a measure on or off for a clinic.

    Raises:
        NotNow: its wording is not there yet, or it asks about danger and nobody is named, or clients would
            see no crisis contact.
    """
    _require_say(visitor, clinic)
    setting = setting_of(clinic, key) or ClinicMeasure(clinic=clinic, key=key)
    setting.is_on, setting.alerted, setting.stands_in, setting.hours = is_on, alerted, stands_in, hours
    if is_on:
        _require_ready(setting)
    setting.save()
    record(visitor.trail_name, "changed", f"measure:{key}:{'on' if is_on else 'off'}")
    return setting


def _require_ready(setting: ClinicMeasure) -> None:
    measure = setting.measure
    if not measure.has_wording:
        raise NotNow(_("This questionnaire has no wording yet. Whoever holds the licence supplies it."))
    if not measure.risk_items:
        return
    if setting.alerted == setting.stands_in or not setting.has_somebody:
        raise NotNow(_("It asks about danger. Name two people: one who is alerted and one who stands in."))
    if not setting.clinic.crisis_lines:
        raise NotNow(_("It asks about danger. First set the crisis contacts that clients then see."))


@transaction.atomic
def supply_wording(
    visitor: Visitor, clinic: Clinic, key: str, words: Mapping[str, str], source: str
) -> ClinicMeasure:
    """Keep the words of a measure as the licence holder supplies them, whole.

    Raises:
        NotNow: they are incomplete, name unknown parts, or the measure comes with its own.
    """
    _require_say(visitor, clinic)
    if not source.strip():
        raise NotNow(_("Say which licence covers this wording."))
    try:
        with_wording(questionnaire(name_of(key)), words)
    except WordingRefused as refused:
        raise NotNow(str(refused)) from refused
    setting = setting_of(clinic, key) or ClinicMeasure(clinic=clinic, key=key)
    setting.wording, setting.wording_from = dict(words), source
    setting.save()
    record(visitor.trail_name, "changed", f"measure:{key}:wording")
    return setting


def _require_say(visitor: Visitor, clinic: Clinic) -> None:
    if visitor.user is None or clinic not in access.clinics_of(visitor.user, Role.LEAD, Role.ADMINISTRATOR):
        raise PermissionDenied


# --- The therapist schedules ----------------------------------------------------------------------


@transaction.atomic
def schedule_measure(
    visitor: Visitor, relationship: Relationship, key: str, *, every: int | None, first: int = 1
) -> Schedule:
    """Ask for a measure every so many sessions, or once. A new schedule replaces the one before."""
    access.require_therapist(visitor, relationship)
    setting = setting_of(relationship.clinic_id, key)
    if setting is None or not setting.can_be_asked:
        raise NotNow(_("The clinic does not use this questionnaire."))
    if first < 1 or (every is not None and every < 1):
        raise NotNow(_("Sessions count from 1."))
    relationship.schedules.filter(measure=key, ended_at=None).update(ended_at=clock.now())
    made = Schedule.objects.create(relationship=relationship, measure=key, every=every, first=first)
    record(visitor.trail_name, "created", f"schedule:{made.pk}", relationship_id=relationship.pk)
    return made


@transaction.atomic
def stop_schedule(visitor: Visitor, schedule: Schedule) -> None:
    """The measure is not asked for any more. What was answered stays."""
    access.require_therapist(visitor, schedule)
    schedule.ended_at = schedule.ended_at or clock.now()
    schedule.save(update_fields=["ended_at"])
    record(
        visitor.trail_name, "changed", f"schedule:{schedule.pk}:stopped",
        relationship_id=schedule.relationship_id,
    )  # fmt: skip


# --- The client fills in --------------------------------------------------------------------------


def what_waits(visitor: Visitor) -> list[Due]:
    """The questionnaires that a client could fill in now."""
    own = visitor.client_relationship
    return waiting(own) if own is not None and own.has_consent else []


@transaction.atomic
def keep_filled(visitor: Visitor, due: Due, filled: Filled) -> Response:
    """Keep what is filled in so far, to go on later. Danger alerts already now."""
    return _store(visitor, due, filled, send=False)


@transaction.atomic
def send_filled(visitor: Visitor, due: Due, filled: Filled) -> Response:
    """Send a questionnaire. Sending twice is the same as once: what was sent stands."""
    return _store(visitor, due, filled, send=True)


def _store(visitor: Visitor, due: Due, filled: Filled, *, send: bool) -> Response:
    access.require_client(visitor, due.schedule)
    relationship = due.schedule.relationship
    require_consent(relationship)
    setting = setting_of(relationship.clinic_id, due.schedule.measure)
    if setting is None or not setting.can_be_asked:
        raise NotNow(_("This questionnaire is not in use at the moment."))
    response, _new = Response.objects.select_for_update().get_or_create(
        session=due.session, measure=due.measure.canonical,
        defaults={"relationship": relationship, "audience": due.measure.audience},
    )  # fmt: skip
    if response.sent_at:
        return response
    _keep_answers(response, due.measure, filled)
    response.audience = _audience(due.measure, filled.audience)
    response.sent_at = clock.now() if send else None
    response.save(update_fields=["audience", "sent_at"])
    if send:
        record(visitor.trail_name, "created", f"response:{response.pk}", relationship_id=relationship.pk)
    _alert(response, due.measure, setting)
    return response


def _audience(measure: Measure, chosen: str) -> Audience:
    """Who sees it: as the client chose, or, where it asks about danger, as the form says on top."""
    return Audience(measure.audience if measure.risk_items or not chosen else chosen)


def _keep_answers(response: Response, measure: Measure, filled: Filled) -> None:
    """Put what is given over what was kept; what is taken back or not asked any more loses its answer."""
    numbers, words = {**response.values, **filled.values}, {**response.words, **filled.words}
    given = {key: value for key, value in {**numbers, **words}.items() if value not in (None, "")}
    shown = {item.key: item for item in measure.enabled(given) if item.asks and item.key in given}
    response.answers.exclude(item__in=shown).delete()
    for key, item in shown.items():
        kept = {"value": item.checked(numbers.get(key)), "words": words.get(key, "")}
        ResponseAnswer.objects.update_or_create(response=response, item=key, defaults=kept)


# --- Danger ---------------------------------------------------------------------------------------


def _alert(response: Response, measure: Measure, setting: ClinicMeasure) -> None:
    kept = {
        key: value for key, value in Response.objects.get(pk=response.pk).values.items() if value is not None
    }
    for item in measure.risks(kept):
        alert, new = RiskAlert.objects.get_or_create(
            response=response, item=item.key,
            defaults={
                "value": kept[item.key], "owner": setting.alerted, "stands_in": setting.stands_in,
                "due_at": clock.now() + timedelta(hours=setting.hours),
            },
        )  # fmt: skip
        if new:
            record(
                "system", "alerted", f"risk:{alert.pk}:user:{setting.alerted_id}",
                relationship_id=response.relationship_id,
            )  # fmt: skip
            _tell(setting.alerted)


def _tell(user: User | None) -> None:
    if user is not None:
        tell(
            user,
            gettext_noop("Please sign in and open “Alerts”. This letter says nothing more on purpose."),
            gettext_noop("Something in Reknit needs you today"),
        )


@transaction.atomic
def escalate_overdue() -> int:
    """Hand every alert whose time is up to its stand-in as well, once; returns how many.

    Called again and again by the background worker.
    """
    late = RiskAlert.objects.filter(resolved_at=None, escalated_at=None, due_at__lte=clock.now())
    moved = 0
    for alert in late.select_related("stands_in", "response"):
        if RiskAlert.objects.filter(pk=alert.pk, escalated_at=None).update(escalated_at=clock.now()):
            moved += 1
            record(
                "system", "escalated", f"risk:{alert.pk}:user:{alert.stands_in_id}",
                relationship_id=alert.relationship_id,
            )  # fmt: skip
            _tell(alert.stands_in)
    return moved


@transaction.atomic
def open_alert(visitor: Visitor, pk: int) -> RiskAlert | None:
    """An alert of the visitor's own, noted as seen; None if it is not theirs."""
    found = risk_alerts(visitor).select_related("response__relationship__client", "response__session")
    alert = found.filter(pk=pk).first()
    if alert is None:
        return None
    if alert.seen_at is None:
        alert.seen_at = clock.now()
        alert.save(update_fields=["seen_at"])
    record(visitor.trail_name, "read_words", f"risk:{alert.pk}", relationship_id=alert.relationship_id)
    return alert


@transaction.atomic
def resolve_alert(visitor: Visitor, alert: RiskAlert, what_was_done: str) -> None:
    """Close an alert by saying what was done.

    Raises:
        NotNow: nothing is said, or it was closed before with other words.
    """
    if not risk_alerts(visitor).filter(pk=alert.pk).exists():
        raise PermissionDenied
    if not what_was_done.strip():
        raise NotNow(_("Say what was done, so that it can be followed later."))
    if not alert.is_open:
        raise NotNow(_("This alert is closed already."))
    alert.resolution, alert.resolved_at, alert.resolved_by = what_was_done, clock.now(), visitor.user
    alert.save(update_fields=["resolution", "resolved_at", "resolved_by"])
    record(visitor.trail_name, "changed", f"risk:{alert.pk}:resolved", relationship_id=alert.relationship_id)


# --- Reading --------------------------------------------------------------------------------------


@transaction.atomic
def read_responses(visitor: Visitor, relationship: Relationship) -> QuerySet[Response]:
    """What the visitor may read of a relationship's questionnaires, oldest first; reading is recorded."""
    found = readable_responses(visitor, Response.objects.filter(relationship=relationship))
    found = found.prefetch_related("answers", "alerts").select_related("session").order_by("sent_at", "id")
    if not visitor.is_client:
        for response in found:
            if response.words:
                record(
                    visitor.trail_name, "read_words", f"response:{response.pk}",
                    relationship_id=relationship.pk,
                )  # fmt: skip
    return found


def known_measures() -> list[Measure]:
    """Every measure that ships, but the check-in, which every session has anyway."""
    return [measure for key, measure in by_key().items() if key != "reknit-check-in"]
