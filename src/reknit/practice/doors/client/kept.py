"""All that is kept about the two and is the client's to have: said once, for the page and for the file."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from reknit.practice import loop
from reknit.practice.appointments.models import Session
from reknit.practice.concerns.models import Concern
from reknit.practice.doors.client import told
from reknit.practice.doors.client.links import Visit
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.loop.questionnaires import read_responses
from reknit.practice.owed.models import OwedRepair
from reknit.practice.people.models import Consent
from reknit.practice.questionnaires.models import Response
from reknit.practice.repairs.models import Acknowledgement, Agreement, Learning, Reply


@dataclass(frozen=True)
class Kept:
    """Their part of the record. Drafts, reflections and guesses are the therapist's own and not in it."""

    check_ins: list[told.Said]
    questionnaires: list[Response]
    replies: QuerySet[Reply]
    agreements: QuerySet[Agreement]
    learnings: QuerySet[Learning]
    homework: QuerySet[Homework]
    acknowledgements: QuerySet[Acknowledgement]
    concerns: list[Concern]
    owed: list[OwedRepair]
    sessions: QuerySet[Session]
    consents: QuerySet[Consent]


def kept(visit: Visit) -> Kept:
    """Read as the client, who may read all of it."""
    own = visit.relationship
    return Kept(
        check_ins=told.said(visit, loop.read_answers(visit.visitor, own)),
        questionnaires=[each for each in read_responses(visit.visitor, own) if each.sent_at],
        replies=Reply.objects.filter(episode__relationship=own, shared_at__isnull=False),
        agreements=own.agreements.all(),
        learnings=own.learnings.prefetch_related("changes"),
        homework=own.homework.exclude(state=HomeworkState.WITHDRAWN),
        acknowledgements=own.acknowledgements.all(),
        concerns=list(loop.read_concerns(visit.visitor)),
        owed=list(loop.read_owed(visit.visitor)),
        sessions=own.sessions.all(),
        consents=own.consents.order_by("given_at"),
    )
