"""How a client comes in: by an unguessable link and nothing else.

There is no password and no cookie. The link is the key: nobody who does not know it can send anything in the
client's name, so the forgery check, which needs a cookie, is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from reknit.practice import clock, loop
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import Link, LinkKind
from reknit.practice.doors.client.not_kept import keep_typed
from reknit.practice.languages import LANGUAGES, asked_for, own_names
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Client, Clinic, Purpose, Relationship

TYPED = ("words", "invited", "sentence")
QUICK_EXIT = "https://www.wikipedia.org/"


@dataclass(frozen=True)
class Visit:
    """One client, come by one link."""

    link: Link
    token: str

    @property
    def relationship(self) -> Relationship:
        return self.link.relationship

    @property
    def client(self) -> Client:
        return self.link.relationship.client

    @property
    def clinic(self) -> Clinic:
        return self.link.relationship.clinic

    @property
    def therapist(self) -> str:
        return self.link.relationship.therapist.name or _("your therapist")

    @cached_property
    def visitor(self) -> Visitor:
        return self.link.visitor

    @property
    def is_home(self) -> bool:
        """Their own page. Other links pass through the therapist's hands and show nothing that was said."""
        return self.link.kind == LinkKind.HOME

    @cached_property
    def has_consent(self) -> bool:
        return self.relationship.consents.filter(purpose=Purpose.CHECK_INS, withdrawn_at=None).exists()

    def address(self, name: str = "door", **parts: int | UUID) -> str:
        return reverse(f"client:{name}", kwargs={"token": self.token, **parts})

    def go(self, name: str = "door", said: str = "", **parts: int | UUID) -> HttpResponse:
        """On to another page of the same link; `said` names the sentence it opens with."""
        query = f"?said={said}" if said else ""
        response = HttpResponseRedirect(self.address(name, **parts) + query)
        response.status_code = 303
        return response


View = Callable[..., HttpResponse]


def by_link(*kinds: LinkKind) -> Callable[[View], View]:
    """Open the link, speak the client's language in their time, and show a kind page when it is closed."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @keep_typed
        @wraps(view)
        def entered(request: HttpRequest, token: str, **parts: Any) -> HttpResponse:
            link = loop.open_link(token)
            if link is None or link.kind not in kinds:
                return _private(show_closed(request))
            client = link.relationship.client
            visit = Visit(link, token)
            changes = _change_language(request, visit)
            language = client.language or asked_for(request)
            with translation.override(language), timezone.override(client.zone):
                try:
                    response = view(request, visit, **parts)
                except Http404:
                    response = show_closed(request, visit.clinic)
                except loop.NotNow as reason:
                    response = show(request, visit, "not_now", {"reason": str(reason)}, status=409)
                if changes and response.status_code == 405:  # the page only takes what is sent to it
                    response = visit.go()
                response.headers["Content-Language"] = language
            return _private(response)

        return entered

    return decorate


def _change_language(request: HttpRequest, visit: Visit) -> bool:
    """Keep the language the client asks for. The page then opens anew, with all that was typed (`show`)."""
    wanted = request.POST.get("language", "")
    if wanted not in LANGUAGES:
        return False
    loop.choose_language(visit.visitor, wanted)
    request.method = "GET"
    return True


def show(
    request: HttpRequest, visit: Visit, page: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page of the client door, `client/<page>.html`."""
    given: dict[str, Any] = {"visit": visit, "clinic": visit.clinic, "quick_exit_url": quick_exit_url()}
    given |= {"languages": own_names(), "crisis_lines": visit.clinic.crisis_lines}
    form = (context or {}).get("form")
    if form is not None and "language" in request.POST:
        form.initial.update(request.POST.dict())
    return render(request, f"client/{page}.html", given | (context or {}), status=status)


def show_closed(request: HttpRequest, clinic: Clinic | None = None) -> HttpResponse:
    """Unknown, expired or taken back: the same page for each, so that it gives nothing away.

    Words that were just sent to a closed link are handed back to whoever typed them. Where a house has one
    clinic, or somebody's link is good, they still see whom it names for help now.
    """
    unsent = [words for name in TYPED if (words := request.POST.get(name, "").strip())]
    context = {"quick_exit_url": quick_exit_url(), "unsent": unsent, "clinic": clinic}
    context["crisis_lines"] = clinic.crisis_lines if clinic else crisis_lines()
    return render(request, "client/closed.html", context, status=404)


def crisis_lines() -> list[str]:
    """Whom to turn to now, in a house with one clinic. The clinic itself is not named to somebody unknown."""
    clinics = Clinic.objects.all()[:2]
    return clinics[0].crisis_lines if len(clinics) == 1 else []


def quick_exit_url() -> str:
    return getattr(settings, "REKNIT_QUICK_EXIT_URL", "") or QUICK_EXIT


def _private(response: HttpResponse) -> HttpResponse:
    """Nobody else is told the address, and nothing stays on the phone unless a view said that it may."""
    response.headers["Referrer-Policy"] = "no-referrer"
    if not response.has_header("Cache-Control"):
        response.headers["Cache-Control"] = "no-store"
    return response


def attempt(form: Any, step: Callable[[], object]) -> bool:
    """Take a step of the loop; where it cannot be taken now, say why on the form and keep what was typed."""
    try:
        step()
    except loop.NotNow as reason:
        form.add_error(None, str(reason))
        return False
    return True


def sent(request: HttpRequest) -> Any:
    """What a form is given: what was sent, be it empty, or nothing when the page was only opened."""
    return request.POST if request.method == "POST" else None


def upcoming(visit: Visit) -> Session | None:
    """When the two meet next, where it is known."""
    planned = visit.relationship.sessions.filter(status=Status.PLANNED, starts_at__gt=clock.now())
    return planned.order_by("starts_at").first()
