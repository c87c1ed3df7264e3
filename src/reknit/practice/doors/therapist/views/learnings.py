"""What was learned and what is agreed: the same four pages, from the relationship's page or an episode's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
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

Form = LearningForm | AgreementForm


@dataclass(frozen=True)
class Kept:
    """Something that a repair leaves behind: its form, how it is kept, and what is said then."""

    name: str
    form: type[Form]
    keep: Callable[[Visitor, Relationship, Any, Episode | None], object]
    said: Any


def _learn(visitor: Visitor, with_: Relationship, form: LearningForm, episode: Episode | None) -> None:
    loop.propose_learning(visitor, with_, episode=episode, **form.learning)


def _agree(visitor: Visitor, with_: Relationship, form: AgreementForm, episode: Episode | None) -> None:
    given = form.cleaned_data
    loop.propose_agreement(visitor, with_, given["text"], given["review_on"], episode)


LEARNING = Kept(
    "learning",
    LearningForm,
    _learn,
    gettext_lazy("Kept. It guards what you propose from now on; they are asked whether it is right."),
)
AGREEMENT = Kept("agreement", AgreementForm, _agree, gettext_lazy("Proposed. It stands once they say yes."))


def _in_relationship(kept: Kept) -> Callable[..., HttpResponse]:
    @require_POST
    @at_the_desk
    def view(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
        relationship = relationship_or_404(visitor, pk)
        if wrong := _wrong(request, visitor, kept, relationship):
            return relationships.page(request, visitor, relationship, **wrong)
        return to_place("relationship", pk, f"{kept.name}s")

    return view


def _in_episode(kept: Kept) -> Callable[..., HttpResponse]:
    @require_POST
    @at_the_desk
    def view(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
        episode = own_or_404(visitor, episodes.WITH_PEOPLE, pk)
        if wrong := _wrong(request, visitor, kept, episode.relationship, episode):
            return episodes.page(request, visitor, episode, **wrong)
        return to_place("episode", pk, "now-title")

    return view


def _wrong(
    request: HttpRequest, visitor: Visitor, kept: Kept, with_: Relationship, episode: Episode | None = None
) -> dict[str, Form]:
    """Keep it; or the form with what is wrong, under the name by which the page knows it."""
    form = kept.form(request.POST, auto_id=f"{kept.name}_%s")
    if not took(form, lambda _given: kept.keep(visitor, with_, form, episode)):
        return {f"{kept.name}_form": form}
    messages.success(request, str(kept.said))
    return {}


learning, learning_of_episode = _in_relationship(LEARNING), _in_episode(LEARNING)
agreement, agreement_of_episode = _in_relationship(AGREEMENT), _in_episode(AGREEMENT)


@require_POST
@at_the_desk
def retire_agreement(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    kept = own_or_404(visitor, Agreement.objects.select_related("relationship"), pk)
    with said_kindly(request):
        loop.retire_agreement(visitor, kept)
        messages.success(request, _("This agreement is no longer kept in view."))
    return to_place("relationship", kept.relationship_id, "agreements")
