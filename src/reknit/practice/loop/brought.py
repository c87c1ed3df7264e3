"""What came along with a client from another therapist: read as far as the client allowed, on the trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Model, QuerySet

from reknit.practice.checkins.models import Answer
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.handing_over import HandOver
from reknit.practice.repairs.models import Agreement, AgreementState, Episode, Learning, LearningState
from reknit.practice.trail import record


@dataclass(frozen=True)
class Brought:
    """What the new therapist may read of the time before."""

    learnings: list[Learning] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    episodes: list[Episode] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


@transaction.atomic
def read_brought(visitor: Visitor, hand_over: HandOver) -> Brought:
    """Read it; every reading is recorded where the client sees it.

    Raises:
        PermissionDenied: the visitor is not the therapist whom the client said yes to.
    """
    access.require_brought(visitor, hand_over)
    old, found = hand_over.relationship, Brought()
    if hand_over.with_learnings:
        confirmed = (LearningState.CONFIRMED, LearningState.CORRECTED)
        found.learnings.extend(old.learnings.filter(state__in=confirmed))
        found.agreements.extend(old.agreements.filter(state=AgreementState.STANDING))
    if hand_over.with_episodes:
        found.episodes.extend(old.episodes.prefetch_related("replies"))
    found.answers.extend(_words(hand_over))
    _note(visitor, hand_over, "episode", found.episodes)
    _note(visitor, hand_over, "learning", found.learnings)
    _note(visitor, hand_over, "check_in", {answer.check_in for answer in found.answers})
    return found


def _words(hand_over: HandOver) -> QuerySet[Answer]:
    said = access.brought_answers(
        hand_over, Answer.objects.filter(check_in__relationship=hand_over.relationship)
    )
    return said.exclude(words="").select_related("check_in__session").order_by("-check_in__received_at", "id")


def _note(visitor: Visitor, hand_over: HandOver, kind: str, records: Iterable[Model]) -> None:
    for each in records:
        record(
            visitor.trail_name, "read_words", f"{kind}:{each.pk}", relationship_id=hand_over.relationship_id
        )
