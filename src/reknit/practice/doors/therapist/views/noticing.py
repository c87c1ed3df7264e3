"""What goes well is said; an alert is a question, and the therapist answers it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from reknit.practice import loop
from reknit.practice.doors.therapist.desk import (
    at_the_desk,
    back,
    own_or_404,
    relationship_or_404,
    said_kindly,
    to_place,
    took,
)
from reknit.practice.doors.therapist.forms import GoodForm
from reknit.practice.doors.therapist.views import relationship as pages
from reknit.practice.insight.models import Alert
from reknit.practice.people.access import Visitor
from reknit.practice.repairs.models import Origin

DAYS_LATER = 7


@require_POST
@at_the_desk
def answer(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Look at it together, look again later, or not a rupture."""
    alert = own_or_404(visitor, Alert.objects.select_related("relationship", "session"), pk)
    said = request.POST.get("answer")
    with said_kindly(request):
        if said == "episode":
            episode = loop.open_episode(visitor, alert.relationship, Origin.ALERT, alert=alert)
            return redirect("therapist:episode", episode.pk)
        if said == "later":
            loop.snooze_alert(visitor, alert, DAYS_LATER)
            messages.success(request, _("You will be asked again in a week."))
        elif said == "no":
            loop.dismiss_alert(visitor, alert)
            messages.success(request, _("Noted: not a rupture. You know them best."))
    return back(request, alert.relationship_id)


@require_POST
@at_the_desk
def begin(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """An episode from what the client said, or by the therapist's own sense."""
    relationship = relationship_or_404(visitor, pk)
    check_in = None
    if said := request.POST.get("check_in"):
        check_in = get_object_or_404(relationship.check_ins.all(), pk=said if said.isdecimal() else 0)
    origin = Origin.CLIENT_WORDS if check_in else Origin.OWN_SENSE
    with said_kindly(request):
        episode = loop.open_episode(visitor, relationship, origin, check_in=check_in)
        return redirect("therapist:episode", episode.pk)
    return redirect("therapist:relationship", pk)


@require_POST
@at_the_desk
def acknowledge(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    """Something good, said to the client on their own page. They may answer; nothing is asked of them."""
    relationship = relationship_or_404(visitor, pk)
    form = GoodForm(request.POST, auto_id="good_%s")
    if not took(form, lambda given: loop.acknowledge(visitor, relationship, given["text"])):
        return pages.page(request, visitor, relationship, good_form=form)
    messages.success(request, _("Said. They see it on their own page."))
    return to_place("relationship", pk, "well")
