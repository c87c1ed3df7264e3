"""Words and addresses for the client's pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import template
from django.utils.translation import gettext as _

from reknit.practice.checkins.models import Answer
from reknit.practice.doors.client import told
from reknit.practice.doors.client.forms import HomeworkReportForm
from reknit.practice.homework.models import Homework, HomeworkState
from reknit.practice.owed.models import OwedStep
from reknit.practice.repairs.models import Agreement, AgreementState, Learning, Polarity, State, Strength

register = template.Library()


@register.simple_tag(takes_context=True)
def to(context: dict[str, Any], name: str = "door", pk: int | None = None, key: UUID | None = None) -> str:
    """The address of another page of the same link: `{% to "reply" reply.pk %}`."""
    parts = {name: value for name, value in (("pk", pk), ("key", key)) if value is not None}
    address: str = context["visit"].address(name, **parts)
    return address


@register.filter
def seen_by(answer: Answer) -> str:
    return told.seen_by(answer)


@register.filter
def follows(learning: Learning) -> str:
    """What follows from a learning, in words."""
    if learning.polarity == Polarity.ONLY_IF:
        return _("All right only if: %(condition)s") % {"condition": learning.condition}
    return {
        Strength.NEVER: _("Never to be suggested"),
        Strength.RATHER_NOT: _("Rather not"),
        Strength.LIKES: _("Something you like"),
        Strength.NEEDS: _("Something you need"),
    }[Strength(learning.strength)]


@register.filter
def agreement_answer(agreement: Agreement) -> str:
    """What the client said about it so far."""
    return {
        AgreementState.PROPOSED: _("An agreement is proposed"),
        AgreementState.STANDING: _("I agree"),
        AgreementState.DECLINED: _("I would rather not"),
        AgreementState.RETIRED: _("We no longer need it"),
    }[AgreementState(agreement.state)]


@register.filter
def owed_step(step: OwedStep) -> str:
    """One step with something the clinic owes, as it was for the client."""
    return {
        State.NOTICED: _("You told the clinic"),
        State.UNDERSTOOD: _("The clinic is looking into it"),
        State.REPLIED: _("The clinic answered"),
        State.AGREED: _("You said: yes, once it is done"),
        State.FOLLOWED_UP: _("The clinic says it is done"),
        State.RESTORED: _("You said that it is mended"),
        State.NOT_YET: _("You said: not yet"),
    }.get(State(step.state), step.get_state_display())


@register.filter
def homework_answer(homework: Homework) -> str:
    """What the client said about it so far."""
    return {
        HomeworkState.SUITS: _("You said it suits you"),
        HomeworkState.CHANGE: _("You asked for a change"),
        HomeworkState.RATHER_NOT: _("You would rather not"),
        HomeworkState.DONE: _("You tried it"),
        HomeworkState.NOT_DONE: _("You did not get to it"),
    }.get(HomeworkState(homework.state), "")


@register.filter
def homework_lines(homework: Homework) -> list[tuple[str, str]]:
    """What the client said on the lines about it, with the question: `("How much good it did", "4 of 5")`."""
    given = [(name, getattr(homework, name)) for name in HomeworkReportForm.SCALES]
    asked = HomeworkReportForm.base_fields
    return [
        (str(asked[name].label), _("%(n)d of 5") % {"n": value}) for name, value in given if value is not None
    ]
