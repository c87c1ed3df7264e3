"""One relationship: the thread first, then what to do, then what is kept."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
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
from reknit.practice.insight.briefs import brief
from reknit.practice.insight.sentences import reason_sentences
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import AgreementState, LearningState, Reply

WORDS_SHOWN = 3


@require_safe
@at_the_desk
def relationship(request: HttpRequest, visitor: Visitor, pk: int) -> HttpResponse:
    return page(request, visitor, relationship_or_404(visitor, pk))


def page(
    request: HttpRequest, visitor: Visitor, relationship: Relationship, *, status: int = 200, **given: Any
) -> HttpResponse:
    """The page of one relationship. A form that came back with errors is given by its name."""
    known = brief(visitor, relationship)
    waiting = letters.unopened(visitor, relationship)
    sessions = list(relationship.sessions.select_related("check_in").order_by("-starts_at"))
    replies = Prefetch("replies", Reply.objects.exclude(shared_at=None))
    episodes = list(relationship.episodes.prefetch_related(replies))
    context: dict[str, Any] = {
        "place": "caseload",
        "relationship": relationship,
        "called": relationship.client.called,
        "brief": known,
        "went_well": [said for said in known.went_well if said != known.trend],
        "good_form": GoodForm(auto_id="good_%s"),
        "good_said": relationship.acknowledgements.all()[:WORDS_SHOWN],
        "has_consent": relationship.has_consent,
        "has_stopped": relationship.consents.exists() and not relationship.has_consent,
        "reasons": reason_sentences(known.alert.reasons) if known.alert else [],
        "curve": pictures.curve_svg(known.points, episodes),
        "rows": known.points[::-1],
        "letters": waiting,
        "opened": letters.opened(visitor, relationship, waiting)[:WORDS_SHOWN],
        "letter_numbers": ", ".join(str(letter.session.number) for letter in waiting[::-1]),
        "guess_form": GuessForm() if _is_fresh(waiting, sessions) else None,
        "past": [session for session in sessions if session.is_over],
        "due": [session for session in sessions[::-1] if session.is_due],
        "upcoming": [session for session in sessions[::-1] if not session.is_over and not session.is_due],
        "learnings": relationship.learnings.exclude(state=LearningState.RETIRED),
        "agreements": relationship.agreements.filter(
            state__in=(AgreementState.PROPOSED, AgreementState.STANDING)
        ),
        "homework": relationship.homework.exclude(state="withdrawn"),
        "episodes": episodes,
        "session_form": SessionForm.after(sessions[0].starts_at if sessions else None),
        "homework_form": HomeworkForm(),
        "learning_form": LearningForm(auto_id="learning_%s"),
        "agreement_form": AgreementForm(auto_id="agreement_%s"),
        "ending_form": EndingForm(),
    }
    status = 422 if given and status == 200 else status
    return render(request, "therapist/relationship.html", context | given, status=status)


def _is_fresh(waiting: list[letters.Letter], sessions: list[Session]) -> bool:
    """Whether the newest letter is about the last session held, and nothing was guessed about it yet."""
    last = next((session for session in sessions if session.status == Status.ATTENDED), None)
    return bool(waiting) and waiting[0].session == last and waiting[0].may_guess
