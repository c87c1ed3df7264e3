"""A supervisor is asked for help with one episode. The client is told; what they withheld stays withheld."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reknit.practice import loop
from reknit.practice.doors.therapist.desk import at_the_desk, own_or_404, to_place, took
from reknit.practice.doors.therapist.forms import AskForm
from reknit.practice.doors.therapist.views import episodes
from reknit.practice.people import access
from reknit.practice.people.access import Visitor


@require_POST
@at_the_desk
def ask(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    episode = own_or_404(visitor, episodes.WITH_PEOPLE, pk)
    form = AskForm(request.POST, supervisors=access.supervisors_for(visitor, episode.relationship))
    if not took(
        form, lambda given: loop.share_episode(visitor, episode, given["supervisor"], given["question"])
    ):
        return episodes.page(request, visitor, episode, ask_form=form)
    messages.success(request, _("Shown to them. You can take it back at any time."))
    return to_place("episode", pk, "supervision")


@require_POST
@at_the_desk
def take_back(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Whoever was asked about this episode no longer sees it."""
    episode = own_or_404(visitor, episodes.WITH_PEOPLE, pk)
    for share in episode.shares.filter(taken_back_at=None):
        loop.take_share_back(visitor, share)
    messages.success(request, _("Taken back. They no longer see it."))
    return to_place("episode", pk, "supervision")
