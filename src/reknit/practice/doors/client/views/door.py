"""The first page of a link, beginning, stopping, and a new link."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from reknit.practice import clock, loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.doors.client.forms import ConsentForm
from reknit.practice.doors.client.links import Visit, by_link, show
from reknit.practice.doors.client.views.check_in import check_in
from reknit.practice.doors.client.views.home import home
from reknit.practice.people.access import clinic_can_listen
from reknit.practice.people.models import Purpose

COMING_BACK = timedelta(minutes=10)


@by_link(*LinkKind)
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What is behind the link depends on its kind, and on whether the client has agreed to anything yet."""
    if visit.is_home:
        return home(request, visit)
    if visit.link.session and (request.method == "POST" or visit.has_consent):
        return check_in(request, visit, visit.link.session)
    return _welcome(request, visit)


def _welcome(request: HttpRequest, visit: Visit) -> HttpResponse:
    if _is_used(visit):
        return show(request, visit, "used")
    if visit.has_consent:  # the address of their page was lost; what they said yes to stands
        return show(request, visit, "page_anew", {"keeps_closed": visit.relationship.check_ins.exists()})
    listens = clinic_can_listen(visit.relationship)
    return show(request, visit, "welcome", {"form": ConsentForm(), "clinic_listens": listens})


@by_link(*LinkKind)
@require_POST
def begin(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Yes or no to check-ins. A yes leads to the client's own page, whose address is theirs to keep."""
    if _is_used(visit):
        return show(request, visit, "used")
    if request.POST.get("answer") != "yes":
        return show(request, visit, "declined")
    if not visit.has_consent:
        form = ConsentForm(request.POST)
        form.is_valid()
        research = bool(form.cleaned_data.get("research"))
        loop.give_consent(visit.visitor, research=research, language=get_language() or "")
    if visit.is_home:
        return visit.go(said="begun")
    return _to_own_page(visit)


def _to_own_page(visit: Visit) -> HttpResponse:
    token = loop.issue_link(visit.visitor, visit.relationship, LinkKind.HOME)
    return Visit(visit.link, token).go(said="keep")


def _is_used(visit: Visit) -> bool:
    """Whether this link has done its work of opening the client's own page.

    It passes through other hands, so it does that once: when they say yes, and for ten minutes after, should
    the phone lose its connection just then. Only a newer welcome does it again, for a lost address, and once
    too.
    """
    if visit.is_home or not visit.has_consent:
        return False
    if visit.link.kind != LinkKind.WELCOME and _began_at(visit) < visit.link.created_at:
        return True
    opened = visit.relationship.links.filter(kind=LinkKind.HOME, created_at__gte=visit.link.created_at)
    first = opened.order_by("created_at").first()
    return first is not None and clock.now() > first.created_at + COMING_BACK


def _began_at(visit: Visit) -> datetime:
    given = visit.relationship.consents.filter(purpose=Purpose.CHECK_INS, withdrawn_at=None)
    return given.latest("given_at").given_at


@by_link(LinkKind.HOME)
@require_POST
def new_link(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A new address for the client's own page; the old one closes, whoever may have it."""
    return _to_own_page(visit)


@by_link(LinkKind.HOME)
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Stop, without having to say why."""
    if request.method == "POST":
        loop.withdraw_consent(visit.visitor)
        return visit.go(said="stopped")
    return show(request, visit, "stop")
