"""Homework is checked against what was learned before it is sent."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reknit.practice import loop
from reknit.practice.doors.therapist.desk import (
    at_the_desk,
    own_or_404,
    relationship_or_404,
    said_kindly,
    to_place,
    took,
)
from reknit.practice.doors.therapist.forms import HomeworkForm
from reknit.practice.doors.therapist.views import relationship as pages
from reknit.practice.homework.models import Homework
from reknit.practice.insight import words
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship


@require_POST
@at_the_desk
def propose(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Sent when nothing stands against it; else their own sentence comes back, and all that was typed.

    A conflict needs a reason, which the client will see. Where it is unsure the therapist is asked once
    about those very words; sending them again is the answer.
    """
    relationship = relationship_or_404(visitor, pk)
    if taken := request.POST.get("instead"):
        return pages.page(request, visitor, relationship, homework_form=HomeworkForm.taken(taken))
    form = HomeworkForm(request.POST)
    if not form.is_valid():
        return pages.page(request, visitor, relationship, homework_form=form)
    clashes = loop.check_homework(visitor, relationship, form.cleaned_data["text"])
    asks = clashes and not form.was_asked_about(clashes)
    if asks or not took(form, lambda given: _propose(visitor, relationship, given)):
        form.asks_about(clashes)
        if "override" in request.POST and form.has_conflict and not form.cleaned_data["override_reason"]:
            form.add_error("override_reason", _("Say why: they will read it beside their own sentence."))
        return pages.page(
            request, visitor, relationship, homework_form=form, instead=_instead(relationship, form)
        )
    messages.success(request, _("Proposed. They can say: suits me, change it, or rather not."))
    return to_place("relationship", pk, "homework")


def _propose(visitor: Visitor, relationship: Relationship, given: dict[str, Any]) -> None:
    loop.propose_homework(visitor, relationship, given["text"], given["override_reason"])


def _instead(relationship: Relationship, form: HomeworkForm) -> list[str]:
    """Other practices that serve the same end and touch nothing that was learned."""
    return words.alternatives(form.cleaned_data["text"], relationship.learnings.all())


@require_POST
@at_the_desk
def withdraw(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    homework = own_or_404(visitor, Homework.objects.all(), pk)
    with said_kindly(request):
        loop.withdraw_homework(visitor, homework)
        messages.success(request, _("Taken back."))
    return to_place("relationship", homework.relationship_id, "homework")
