"""Everything that belongs to the client, as plain data they can take away."""

from __future__ import annotations

from typing import Any

from reknit.practice import clock
from reknit.practice.concerns.models import Concern
from reknit.practice.doors.client import told
from reknit.practice.doors.client.kept import kept
from reknit.practice.doors.client.links import Visit
from reknit.practice.owed.models import OwedRepair
from reknit.practice.questionnaires.models import Response
from reknit.practice.repairs.models import Learning, Reply


def everything(visit: Visit) -> dict[str, Any]:
    """The client's part of the record. Times carry their zone; absent values are null."""
    found = kept(visit)
    return {
        "made_at": clock.now(),
        "clinic": visit.clinic.name,
        "therapist": visit.relationship.therapist.name,
        "you_are_called": visit.client.called,
        "reminders_go_to": visit.client.contact,
        "started_on": visit.relationship.started_on,
        "consents": list(found.consents.values("purpose", "wording_version", "given_at", "withdrawn_at")),
        "sessions": list(found.sessions.values("number", "starts_at", "status", "times_moved")),
        "check_ins": [_check_in(each) for each in found.check_ins],
        "questionnaires": [_questionnaire(each) for each in found.questionnaires],
        "concerns": [_concern(each) for each in found.concerns],
        "clinic_owed": [_owed(each) for each in found.owed],
        "acknowledgements": list(
            found.acknowledgements.values("text", "said_at", "answer_words", "answered_at")
        ),
        "replies": [_reply(each) for each in found.replies],
        "learnings": [_learning(each) for each in found.learnings],
        "agreements": list(found.agreements.values("text", "state", "made_at", "review_on")),
        "homework": list(
            found.homework.values(
                "text", "state", "proposed_at", "answered_at", "answer_words", "override_reason",
                "overridden_sentence", "reported_at", "fit", "effort", "usefulness", "how_it_went",
            )
        ),
    }  # fmt: skip


def _check_in(each: told.Said) -> dict[str, Any]:
    return {
        "session": each.check_in.session.number,
        "session_at": each.check_in.session.starts_at,
        "received_at": each.check_in.received_at,
        "measure": each.check_in.measure,
        "seconds_taken": each.check_in.seconds_taken,
        "answers": [
            {"question": a.question, "value": a.value, "words": a.words, "seen_by": a.audience}
            for a in each.answers
        ],
        "read_by": [{"name": r.name, "first": r.first, "last": r.last} for r in each.readings],
    }


def _questionnaire(each: Response) -> dict[str, Any]:
    return {
        "measure": each.measure,
        "session_at": each.session.starts_at if each.session else None,
        "sent_at": each.sent_at,
        "seen_by": each.audience,
        "answers": [{"question": a.item, "value": a.value, "words": a.words} for a in each.answers.all()],
    }


def _concern(each: Concern) -> dict[str, Any]:
    return {
        "words": each.words,
        "reach_me": each.reach_me,
        "state": each.state,
        "received_at": each.received_at,
        "steps": list(each.steps.values("state", "told_client", "at")),
    }


def _owed(each: OwedRepair) -> dict[str, Any]:
    return {
        "about": each.kind,
        "words": each.words,
        "state": each.state,
        "noticed_at": each.noticed_at,
        "steps": list(each.steps.values("state", "told", "by_client", "at")),
    }


def _reply(each: Reply) -> dict[str, Any]:
    return {
        "text": each.text,
        "shared_at": each.shared_at,
        "answer": each.answer,
        "your_words": each.answer_words,
        "answered_at": each.answered_at,
    }


def _learning(each: Learning) -> dict[str, Any]:
    return {
        "sentence": each.sentence,
        "topic": each.topic,
        "polarity": each.polarity,
        "condition": each.condition,
        "strength": each.strength,
        "scope": each.scope,
        "review_on": each.review_on,
        "state": each.state,
        "learned_at": each.learned_at,
        "earlier": [{"sentence": c.sentence, "state": c.state, "until": c.at} for c in each.changes.all()],
    }
