"""What goes well is said too: the therapist names it, the client may answer."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.loop.errors import NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import Acknowledgement
from reknit.practice.trail import record


@transaction.atomic
def acknowledge(visitor: Visitor, relationship: Relationship, text: str) -> Acknowledgement:
    """Say something good to the client. They see it on their own page."""
    access.require_therapist(visitor, relationship)
    if not text.strip():
        raise NotNow(_("Say what you noticed, in your own words."))
    said = Acknowledgement.objects.create(relationship=relationship, text=text)
    record(visitor.trail_name, "shared", f"acknowledgement:{said.pk}", relationship_id=relationship.pk)
    return said


@transaction.atomic
def answer_acknowledgement(visitor: Visitor, acknowledgement: Acknowledgement, words: str) -> None:
    """The client answers, if they like; no answer is asked for."""
    access.require_client(visitor, acknowledgement)
    if acknowledgement.answered_at and acknowledgement.answer_words != words:
        raise NotNow(_("You have answered this already."))
    acknowledgement.answer_words, acknowledgement.answered_at = words, clock.now()
    acknowledgement.save(update_fields=["answer_words", "answered_at"])
    record(
        visitor.trail_name, "answered", f"acknowledgement:{acknowledgement.pk}",
        relationship_id=acknowledgement.relationship_id,
    )  # fmt: skip
