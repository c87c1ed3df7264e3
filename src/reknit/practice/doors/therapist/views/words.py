"""What a client said: guessed first, then opened, and every opening on the access log."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reknit.practice import loop
from reknit.practice.appointments.models import Session
from reknit.practice.doors.therapist import letters
from reknit.practice.doors.therapist.desk import at_the_desk, own_or_404, relationship_or_404, took
from reknit.practice.doors.therapist.forms import GuessForm
from reknit.practice.insight.estimates import curve
from reknit.practice.people.access import Visitor


@require_safe
@at_the_desk
def words(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Everything that this therapist may read now. Opening the page is the reading; the client sees it."""
    relationship = relationship_or_404(visitor, pk)
    fresh = {letter.check_in.pk for letter in letters.unopened(visitor, relationship)}
    answers = loop.read_answers(visitor, relationship).select_related("check_in__session__guess")
    ratings = {point.session_id: point.rating for point in curve(relationship)}
    looked_into = set(relationship.episodes.values_list("check_in_id", flat=True))
    said = [
        letters.Opened.of(list(group), ratings, is_fresh=key in fresh, may_look=key not in looked_into)
        for key, group in groupby(answers, key=lambda answer: answer.check_in_id)
    ]
    context = {
        "place": "caseload",
        "relationship": relationship,
        "called": relationship.client.called,
        "said": [one for one in said if one.speaks],
        "quiet": [one for one in said if not one.speaks],
    }
    return render(request, "therapist/words.html", context)


@require_POST
@at_the_desk
def guess(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Said before looking, and theirs alone. A letter is then opened; else it leads back to the link."""
    session = own_or_404(visitor, Session.objects.select_related("relationship__client"), pk)
    form = GuessForm(request.POST)
    opens = "open" in request.POST
    if took(form, lambda given: loop.guess_check_in(visitor, session, given["value"])):
        messages.success(request, _("Your guess is kept, for you alone."))
    else:
        messages.warning(request, _("Choose a place on the line, or go on without a guess."))
        opens = False
    if opens:
        return redirect("therapist:words", session.relationship_id)
    if hasattr(session, "check_in"):
        return redirect("therapist:relationship", session.relationship_id)
    return redirect("therapist:check_in", pk)
