"""What was learned and what is agreed, from the relationship's page or from an episode's."""

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
from reknit.practice.doors.therapist.forms import AgreementForm, LearningForm
from reknit.practice.doors.therapist.views import episodes
from reknit.practice.doors.therapist.views import relationship as relationships
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import Agreement, Episode


@require_POST
@at_the_desk
def learning(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    relationship = relationship_or_404(visitor, pk)
    form = LearningForm(request.POST, auto_id="learning_%s")
    if not _learn(request, visitor, relationship, form):
        return relationships.page(request, visitor, relationship, learning_form=form)
    return to_place("relationship", pk, "learnings")


@require_POST
@at_the_desk
def learning_of_episode(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    episode = own_or_404(visitor, episodes.WITH_PEOPLE, pk)
    form = LearningForm(request.POST, auto_id="learning_%s")
    if not _learn(request, visitor, episode.relationship, form, episode):
        return episodes.page(request, visitor, episode, learning_form=form)
    return to_place("episode", pk, "now-title")


@require_POST
@at_the_desk
def agreement(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    relationship = relationship_or_404(visitor, pk)
    form = AgreementForm(request.POST, auto_id="agreement_%s")
    if not _agree(request, visitor, relationship, form):
        return relationships.page(request, visitor, relationship, agreement_form=form)
    return to_place("relationship", pk, "agreements")


@require_POST
@at_the_desk
def agreement_of_episode(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    episode = own_or_404(visitor, episodes.WITH_PEOPLE, pk)
    form = AgreementForm(request.POST, auto_id="agreement_%s")
    if not _agree(request, visitor, episode.relationship, form, episode):
        return episodes.page(request, visitor, episode, agreement_form=form)
    return to_place("episode", pk, "now-title")


@require_POST
@at_the_desk
def retire_agreement(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    kept = own_or_404(visitor, Agreement.objects.select_related("relationship"), pk)
    with said_kindly(request):
        loop.retire_agreement(visitor, kept)
        messages.success(request, _("This agreement is no longer kept in view."))
    return to_place("relationship", kept.relationship_id, "agreements")


def _learn(
    request: HttpRequest,
    visitor: Visitor,
    with_: Relationship,
    form: LearningForm,
    episode: Episode | None = None,
) -> bool:
    done = took(form, lambda given: loop.propose_learning(visitor, with_, episode=episode, **form.learning))
    if done:
        messages.success(
            request, _("Kept. It guards what you propose from now on; they are asked whether it is right.")
        )
    return done


def _agree(
    request: HttpRequest,
    visitor: Visitor,
    with_: Relationship,
    form: AgreementForm,
    episode: Episode | None = None,
) -> bool:
    def step(given: dict[str, Any]) -> None:
        loop.propose_agreement(visitor, with_, given["text"], given["review_on"], episode)

    done = took(form, step)
    if done:
        messages.success(request, _("Proposed. It stands once they say yes."))
    return done
