"""What is kept for how long: proposed for erasure when its time is up or the client asks, and then erased.

The law's minimum, as the clinic states it, goes before the client's wish and before the clinic's own rule;
what it keeps is named in the report with its date.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Relationship
from reknit.practice.questionnaires.models import RiskAlert
from reknit.practice.rights.erase import erase
from reknit.practice.rights.models import Erasing, Part, RetentionRule, State, Why, years_after
from reknit.practice.rights.quiet import last_sign, with_signs
from reknit.practice.trail import record

logger = logging.getLogger(__name__)

ANSWER_WITHIN = timedelta(days=30)  # a month, as the data-protection law of the EU and the UK gives
KEEP_A_YEAR = 1


class NotErased(ValueError):
    """Why it cannot be erased now, in words for the page."""


def rule_of(clinic: Clinic) -> RetentionRule:
    """The clinic's rule; without one, everything is kept until somebody asks."""
    return RetentionRule.objects.filter(clinic=clinic).first() or RetentionRule(clinic=clinic)


@transaction.atomic
def change_rule(visitor: Visitor, rule: RetentionRule) -> None:
    """Keep a rule that a lead or administrator changed."""
    _require_keeper(visitor, rule.clinic)
    rule.save()
    numbers = f"said={rule.said_years} whole={rule.whole_years} law={rule.law_years} asks={rule.asks_first}"
    record(visitor.trail_name, "changed", f"retention:clinic:{rule.clinic_id}", detail=numbers)


# --- Every night ----------------------------------------------------------------------------------


def tend() -> tuple[int, int]:
    """Propose what is due; where the clinic does not want to be asked, erase it. Returns how many of each."""
    proposed = erased = 0
    for rule in RetentionRule.objects.select_related("clinic"):
        due = _due(rule)
        _take_back_unless(rule.clinic, {relationship.pk for relationship, _part, _on in due})
        for relationship, part, due_on in due:
            if propose(relationship, part, Why.RETENTION, due_on) is not None:
                proposed += 1
        if rule.asks_first:
            continue
        for each in Erasing.objects.filter(clinic=rule.clinic, why=Why.RETENTION, state=State.PROPOSED):
            if _never_ended(each):
                continue  # somebody has to say that it did
            try:
                _carry_out(each, "system")
            except (NotErased, RuntimeError):
                logger.exception("an erasure could not be carried out and waits for somebody")
            else:
                erased += 1
    return proposed, erased


def _due(rule: RetentionRule) -> list[tuple[Relationship, Part, date]]:
    """What the rule says is due today, of those who stopped meeting, or of whom nothing is heard any more."""
    found = []
    for relationship in with_signs(Relationship.objects.filter(clinic=rule.clinic)):
        since = relationship.ended_on or last_sign(relationship)
        for part, years in ((Part.WHOLE, rule.whole_years), (Part.SAID, rule.said_years)):
            if years is None or (due_on := years_after(since, years)) > clock.today():
                continue
            found.append((relationship, part, due_on))
            break  # everything includes what was said
    return found


def _take_back_unless(clinic: Clinic, due: set[int]) -> None:
    """Take back what was proposed because nothing was heard, where something has been heard since."""
    for each in Erasing.objects.filter(clinic=clinic, why=Why.RETENTION, state=State.PROPOSED):
        if each.relationship_number not in due and _never_ended(each):
            each.delete()


def _never_ended(erasing: Erasing) -> bool:
    """Whether it is proposed only because nothing is heard: never noted as ended, nor asked for."""
    relationship = erasing.relationship
    if relationship is None or erasing.why == Why.REQUEST or relationship.ended_on is not None:
        return False
    return not _requests(relationship).filter(state=State.ERASED).exists()


def in_question(relationship: Relationship) -> Erasing | None:
    """The proposal that its therapist may answer with "it still goes on", if there is one."""
    found = Erasing.objects.filter(relationship_number=relationship.pk, why=Why.RETENTION)
    return next(filter(_never_ended, found.filter(state=State.PROPOSED)), None)


@transaction.atomic
def still_goes_on(visitor: Visitor, relationship: Relationship) -> None:
    """Its therapist says that it never ended: kept for another year, and then asked again."""
    access.require_therapist(visitor, relationship)
    while (each := in_question(relationship)) is not None:
        _keep(visitor, each)


@transaction.atomic
def propose(relationship: Relationship, part: Part, why: Why, due_on: date) -> Erasing | None:
    """Put it on the list, once; None where it is there already, was put off, or was done."""
    mine = Erasing.objects.filter(relationship_number=relationship.pk, part=part, why=why)
    done = part == Part.SAID and mine.filter(state=State.ERASED).exists()
    if (
        done
        or mine.filter(state=State.PROPOSED).exists()
        or mine.filter(keep_until__gt=clock.today()).exists()
    ):
        return None
    return Erasing.objects.create(
        clinic=relationship.clinic, relationship_number=relationship.pk, part=part, why=why, due_on=due_on
    )


# --- The client asks ------------------------------------------------------------------------------


@transaction.atomic
def ask_to_be_erased(visitor: Visitor) -> Erasing:
    """The client asks; the clinic has a month. Asking twice is once."""
    relationship = visitor.client_relationship
    if relationship is None:
        raise PermissionDenied
    standing = _requests(relationship).filter(state=State.PROPOSED).first()
    if standing is not None:
        return standing
    due_on = clock.today() + ANSWER_WITHIN
    asked = propose(relationship, Part.WHOLE, Why.REQUEST, due_on)
    assert asked is not None
    record(visitor.trail_name, "asked", f"erasing:{asked.pk}", relationship_id=relationship.pk)
    return asked


@transaction.atomic
def take_request_back(visitor: Visitor) -> None:
    """The client thought better of it."""
    relationship = visitor.client_relationship
    if relationship is None:
        raise PermissionDenied
    standing = _requests(relationship).filter(state=State.PROPOSED)
    if standing.exists():
        standing.delete()
        record(visitor.trail_name, "took_back", "erasing", relationship_id=relationship.pk)


def request_of(relationship: Relationship) -> Erasing | None:
    """What the client asked last, and what became of it."""
    return _requests(relationship).order_by("-id").first()


def _requests(relationship: Relationship) -> QuerySet[Erasing]:
    return Erasing.objects.filter(relationship_number=relationship.pk, why=Why.REQUEST)


# --- The clinic answers ---------------------------------------------------------------------------


def for_keeper(visitor: Visitor, clinic: Clinic) -> QuerySet[Erasing]:
    """What a lead or administrator has to decide or decided, with no clinical content."""
    _require_keeper(visitor, clinic)
    return Erasing.objects.filter(clinic=clinic)


def say_yes(visitor: Visitor, erasing: Erasing) -> Erasing:
    """Erase it, as far as the law allows; the report is kept.

    Raises:
        NotErased: it was decided before, or the law keeps all of it.
        StillHeld: something refused to go; nothing was deleted.
    """
    _require_keeper(visitor, erasing.clinic)
    return _carry_out(erasing, visitor.trail_name, visitor)


@transaction.atomic
def keep_longer(visitor: Visitor, erasing: Erasing) -> None:
    """Keep for another year what its time is up for. What a client asked for is not put off."""
    _require_keeper(visitor, erasing.clinic)
    if erasing.state != State.PROPOSED or erasing.why == Why.REQUEST:
        raise NotErased(_("A client's request has to be answered within a month."))
    _keep(visitor, erasing)


def _keep(visitor: Visitor, erasing: Erasing) -> None:
    erasing.state, erasing.decided_at, erasing.decided_by = State.KEPT, clock.now(), visitor.user
    erasing.keep_until = years_after(clock.today(), KEEP_A_YEAR)
    erasing.save()
    record(
        visitor.trail_name, "kept", f"erasing:{erasing.pk}", relationship_id=erasing.relationship_number,
        detail=erasing.keep_until.isoformat(),
    )  # fmt: skip


def _carry_out(erasing: Erasing, actor: str, visitor: Visitor | None = None) -> Erasing:
    if erasing.state != State.PROPOSED:
        raise NotErased(_("This was decided before."))
    relationship = erasing.relationship
    if relationship is None:
        erasing.report = {"deleted": {}, "left": {}, "stays": [], "gone_before": True}
        return _decided(erasing, visitor)
    if RiskAlert.objects.filter(response__relationship=relationship, resolved_at=None).exists():
        raise NotErased(_("An alert of danger is still open here. It has to be looked after first."))
    if _never_ended(erasing) and years_after(last_sign(relationship), KEEP_A_YEAR) > clock.today():
        raise NotErased(_("Something was heard of them lately. It is looked at anew every night."))
    rule = rule_of(relationship.clinic)
    until = rule.law_until(relationship)
    if until is not None and (
        rule.law_covers_said or (erasing.why == Why.RETENTION and erasing.part == Part.WHOLE)
    ):
        raise NotErased(
            _("The law keeps all of it until %(day)s (%(law)s).")
            % {"day": until.isoformat(), "law": rule.law}
        )
    only_said = erasing.part == Part.SAID or until is not None
    done = erase(relationship, actor=actor, reason=erasing.why, only_said=only_said)
    erasing.report = asdict(done)
    if only_said:
        erasing.part = Part.SAID
    if only_said and until is not None and erasing.why == Why.REQUEST:
        kept = _("sessions and the record of therapy until %(day)s: %(law)s")
        erasing.report["stays"].append(kept % {"day": until.isoformat(), "law": rule.law})
        erasing.keep_until = until
        propose(relationship, Part.WHOLE, Why.RETENTION, until)
    return _decided(erasing, visitor)


def _decided(erasing: Erasing, visitor: Visitor | None) -> Erasing:
    erasing.state, erasing.decided_at = State.ERASED, clock.now()
    erasing.decided_by = visitor.user if visitor else None
    erasing.save()
    return erasing


def _require_keeper(visitor: Visitor, clinic: Clinic) -> None:
    if visitor.user is None or not access.roles_given_by(visitor.user, clinic):
        raise PermissionDenied(_("Only a lead or an administrator decides about this."))
