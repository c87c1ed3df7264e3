"""Homework is checked against what was learned before it is sent, and the client has the last word."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.insight import words
from reknit.practice.insight.words import Clash
from reknit.practice.loop.errors import Clashes, NotNow
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.trail import record

ANSWERS = (HomeworkState.SUITS, HomeworkState.CHANGE, HomeworkState.RATHER_NOT)


def check_homework(visitor: Visitor, relationship: Relationship, text: str) -> list[Clash]:
    """What a proposal would touch.

    Conflicts first, then what is unsure and so asked. Keeps nothing, blocks nothing.
    """
    access.require_therapist(visitor, relationship)
    return words.clashes(text, relationship.learnings.all())


@transaction.atomic
def propose_homework(
    visitor: Visitor, relationship: Relationship, text: str, override_reason: str = ""
) -> Homework:
    """Send a proposal to the client. A conflict needs a reason, which the client will see beside their own
    sentence.

    Raises:
        Clashes: it conflicts with something learned and no reason is given.
    """
    if not text.strip():
        raise NotNow(_("Say what you would like to propose."))
    conflicts = [clash for clash in check_homework(visitor, relationship, text) if clash.is_conflict]
    if conflicts and not override_reason.strip():
        raise Clashes(_("This touches something you learned."), conflicts)
    homework = Homework.objects.create(
        relationship=relationship, text=text, session=relationship.sessions.filter(status="attended").last(),
        override_reason=override_reason if conflicts else "",
        overridden_sentence=conflicts[0].sentence if conflicts else "",
    )  # fmt: skip
    overridden = ":override" if conflicts else ""
    record(
        visitor.trail_name, "created", f"homework:{homework.pk}{overridden}", relationship_id=relationship.pk
    )
    return homework


@transaction.atomic
def answer_homework(visitor: Visitor, homework: Homework, state: str, words: str = "") -> None:
    """The client: suits me, change it please, or rather not.

    They may change their mind until they have tried it.
    """
    access.require_client(visitor, homework)
    if state not in ANSWERS:
        raise NotNow(_("Choose one of the answers."))
    if homework.reported_at or homework.state == HomeworkState.WITHDRAWN:
        raise NotNow(_("This is already done with."))
    homework.state, homework.answer_words, homework.answered_at = HomeworkState(state), words, clock.now()
    homework.save(update_fields=["state", "answer_words", "answered_at"])
    record(
        visitor.trail_name,
        "answered",
        f"homework:{homework.pk}:{state}",
        relationship_id=homework.relationship_id,
    )


@transaction.atomic
def report_homework(
    visitor: Visitor,
    homework: Homework,
    *,
    done: bool,
    fit: int | None = None,
    effort: int | None = None,
    usefulness: int | None = None,
    words: str = "",
) -> None:
    """How it went: fit, effort and usefulness from 1 to 5 each, all of them optional.

    Not done is an answer too.
    """
    access.require_client(visitor, homework)
    for value in (fit, effort, usefulness):
        if value is not None and value not in range(1, 6):
            raise NotNow(_("Answers go from 1 to 5."))
    homework.state = HomeworkState.DONE if done else HomeworkState.NOT_DONE
    homework.fit, homework.effort, homework.usefulness, homework.how_it_went = fit, effort, usefulness, words
    homework.reported_at = clock.now()
    homework.save(update_fields=["state", "fit", "effort", "usefulness", "how_it_went", "reported_at"])
    record(
        visitor.trail_name,
        "answered",
        f"homework:{homework.pk}:reported",
        relationship_id=homework.relationship_id,
    )


@transaction.atomic
def withdraw_homework(visitor: Visitor, homework: Homework) -> None:
    """The therapist takes a proposal back, as long as the client has not reported on it."""
    access.require_therapist(visitor, homework)
    if homework.reported_at:
        raise NotNow(_("The client has already said how it went."))
    homework.state = HomeworkState.WITHDRAWN
    homework.save(update_fields=["state"])
    record(
        visitor.trail_name,
        "changed",
        f"homework:{homework.pk}:withdrawn",
        relationship_id=homework.relationship_id,
    )
