"""What the clinic does: it says whom clients can reach, and it hears what is said to it alone."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from reknit.practice.checkins.models import Answer, Bothered
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Role
from reknit.practice.trail import record


@transaction.atomic
def change_clinic(visitor: Visitor, clinic: Clinic) -> None:
    """Keep what a clinic lead or administrator changed about the clinic."""
    if visitor.user is None or clinic not in access.clinics_of(visitor.user, Role.LEAD, Role.ADMINISTRATOR):
        raise PermissionDenied
    clinic.save()
    record(visitor.trail_name, "changed", f"clinic:{clinic.pk}")


@transaction.atomic
def read_words_for_clinic(visitor: Visitor) -> QuerySet[Answer]:
    """What clients said to the clinics that this person listens for, the newest first.

    Each reading is recorded.
    """
    for_clinic = Answer.objects.filter(access.said_to_clinic(visitor))
    said = for_clinic.filter(~Q(words="") | Q(question="bothered", value__gt=Bothered.NO))
    answers = said.select_related("check_in__relationship__client").order_by("-check_in__received_at", "id")
    for answer in answers:
        record(
            visitor.trail_name, "read_words", f"check_in:{answer.check_in_id}",
            relationship_id=answer.check_in.relationship_id,
        )  # fmt: skip
    return answers
