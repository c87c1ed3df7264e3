"""What the pages of a clinic may use in their templates: `{% load clinic %}`."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from reknit.practice.concerns.models import ConcernState, ConcernStep
from reknit.practice.owed.models import OwedStep
from reknit.practice.people import access
from reknit.practice.people.models import Relationship, User
from reknit.practice.repairs.models import State

register = template.Library()


@register.simple_tag
def who(user: User | AnonymousUser, relationship: Relationship) -> str:
    """What a client is called, for those of the clinic who may know it; for anybody else their code."""
    if isinstance(user, User):
        if not hasattr(user, "_knows_names_in"):
            user._knows_names_in = access.knows_names_in(user)  # type: ignore[attr-defined]
        if relationship.clinic_id in user._knows_names_in:  # type: ignore[attr-defined]
            return str(relationship.client.called)
    return _("Client %(code)s") % {"code": relationship.client.code}


@register.filter
def owed_step(step: OwedStep) -> str:
    """One step with something the clinic owes, as those at the clinic say it."""
    return {
        State.NOTICED: _("The client told us"),
        State.UNDERSTOOD: _("We are looking into it"),
        State.REPLIED: _("We answered"),
        State.AGREED: _("The client said: yes, once it is done"),
        State.FOLLOWED_UP: _("We said it is done"),
        State.RESTORED: _("The client said that it is mended"),
        State.NOT_YET: _("The client said: not yet"),
    }.get(State(step.state), step.get_state_display())


@register.filter
def concern_step(step: ConcernStep) -> str:
    """One step with a concern, as those at the clinic say it."""
    return {
        ConcernState.RECEIVED: _("It came in"),
        ConcernState.ACKNOWLEDGED: _("Read, and being looked into"),
        ConcernState.ANSWERED: _("We answered"),
        ConcernState.CLOSED: _("Closed"),
    }[ConcernState(step.state)]
