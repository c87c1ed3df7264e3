"""One relationship: the thread first, then what to do, then what is kept."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reknit.practice.appointments.models import Session, Status
from reknit.practice.doors.therapist import letters, pictures
from reknit.practice.doors.therapist.desk import at_the_desk, relationship_or_404
from reknit.practice.doors.therapist.forms import (
    AgreementForm,
    EndingForm,
    GoodForm,
    GuessForm,
    HomeworkForm,
    LearningForm,
    SessionForm,
)
from reknit.practice.homework.models import HomeworkState
from reknit.practice.insight.briefs import brief
from reknit.practice.insight.sentences import reason_sentences, trend_sentence
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import AgreementState, LearningState, Reply
from reknit.practice.rights import retention
from reknit.practice.rights.quiet import last_sign

WORDS_SHOWN = 3


@require_safe
@at_the_desk
def relationship(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    return page(request, visitor, relationship_or_404(visitor, pk))


def page(request: HttpRequest, visitor: Visitor, relationship: Relationship, **given: Any) -> HttpResponse:
    """The page of one relationship. A form that came back with errors is given by its name."""
    known = brief(visitor, relationship)
    waiting = letters.unopened(visitor, relationship)
    sessions = list(relationship.sessions.select_related("check_in").order_by("-starts_at"))
    replies = Prefetch("replies", Reply.objects.exclude(shared_at=None))
    episodes = list(relationship.episodes.prefetch_related(replies))
    guess_first = _is_fresh(waiting, sessions)
    shown = [p for p in known.points if not guess_first or p.session_id != waiting[0].session.pk]
    context: dict[str, Any] = {
        "place": "caseload",
        "relationship": relationship,
        "called": relationship.client.called,
        "brief": known,
        "went_well": [said for said in known.went_well if said != known.trend],
        "good_said": relationship.acknowledgements.all()[:WORDS_SHOWN],
        "has_consent": relationship.has_consent,
        "has_stopped": relationship.consents.exists() and not relationship.has_consent,
        "silent_since": last_sign(relationship) if retention.in_question(relationship) else None,
        "reasons": reason_sentences(known.alert.reasons) if known.alert else [],
        "curve": pictures.curve_svg(shown, episodes),
        "rows": shown[::-1],
        "trend": trend_sentence(shown),
        "guess_first": guess_first,
        "letters": waiting,
        "letter_numbers": ", ".join(str(letter.session.number) for letter in waiting[::-1]),
        "opened": letters.opened(visitor, relationship, waiting)[:WORDS_SHOWN],
        "episodes": episodes,
        "guess_form": GuessForm() if guess_first else None,
        "session_form": SessionForm.after(sessions[0].starts_at if sessions else None),
    }
    context |= _kept(relationship) | _sorted(sessions) | _empty_forms() | given
    return render(request, "therapist/relationship.html", context, status=422 if _came_back(given) else 200)


def _came_back(given: dict[str, Any]) -> bool:
    """Whether a form came back to be looked at again; one that was only filled in for somebody did not."""
    return any(form.is_bound for form in given.values() if isinstance(form, Form))


def _kept(relationship: Relationship) -> dict[str, Any]:
    """What the two keep in view."""
    agreed = (AgreementState.PROPOSED, AgreementState.STANDING)
    return {
        "learnings": relationship.learnings.exclude(state=LearningState.RETIRED)
        .select_related("session")
        .prefetch_related("changes"),
        "agreements": relationship.agreements.filter(state__in=agreed),
        "homework": relationship.homework.exclude(state=HomeworkState.WITHDRAWN),
    }


def _sorted(sessions: list[Session]) -> dict[str, list[Session]]:
    """Sessions, given with the latest first: over, waiting for a word, and to come."""
    ahead = [session for session in sessions[::-1] if not session.is_over]
    return {
        "past": [session for session in sessions if session.is_over],
        "due": [session for session in ahead if session.is_due],
        "upcoming": [session for session in ahead if not session.is_due],
    }


def _empty_forms() -> dict[str, Form]:
    return {
        "good_form": GoodForm(auto_id="good_%s"),
        "homework_form": HomeworkForm(),
        "learning_form": LearningForm(auto_id="learning_%s"),
        "agreement_form": AgreementForm(auto_id="agreement_%s"),
        "ending_form": EndingForm(),
    }


def _is_fresh(waiting: list[letters.Letter], sessions: list[Session]) -> bool:
    """Whether the newest letter is about the last session held, and nothing was guessed about it yet."""
    last = next((session for session in sessions if session.status == Status.ATTENDED), None)
    return bool(waiting) and waiting[0].session == last and waiting[0].may_guess
