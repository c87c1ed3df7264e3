"""The clinic asks its clients about itself: after the first session, and after every fourth one from then."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef

from reknit.practice.people.models import Consent, Ending, Purpose, Relationship
from reknit.practice.questionnaires.models import ClinicMeasure, Schedule
from reknit.practice.trail import record

PLACE = "reknit-clinic-trust"
FIRST, EVERY = 1, 4  # after sessions 1, 5, 9 ...


@transaction.atomic
def ask_about_the_place() -> int:
    """Schedule the clinic's own questionnaire wherever it is on and was never scheduled; returns how many.

    Called every day. Where it was stopped for a relationship it stays stopped.
    """
    on = ClinicMeasure.objects.filter(key=PLACE, is_on=True, clinic=OuterRef("clinic"))
    agreed = Consent.objects.filter(relationship=OuterRef("pk"), purpose=Purpose.CHECK_INS, withdrawn_at=None)
    asked = Schedule.objects.filter(relationship=OuterRef("pk"), measure=PLACE)
    found = Relationship.objects.filter(
        Exists(on), Exists(agreed), ~Exists(asked), ending=Ending.RUNNING, supervisee=None
    )
    made = [Schedule(relationship=one, measure=PLACE, every=EVERY, first=FIRST) for one in found]
    for schedule in Schedule.objects.bulk_create(made):
        record("system", "created", f"schedule:{schedule.pk}", relationship_id=schedule.relationship_id)
    return len(made)
