"""Whether somebody is being handed over, for the pages of those it is about."""

from __future__ import annotations

from datetime import timedelta

from django import template
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from reknit.practice import clock
from reknit.practice.loop.hand_over import hand_over_of, hand_overs_with
from reknit.practice.people.access import Visitor
from reknit.practice.people.handing_over import HandOver, HandOverState
from reknit.practice.people.models import User

register = template.Library()
LATELY = timedelta(days=30)


@register.simple_tag
def asked_to_move(visitor: Visitor) -> HandOver | None:
    """What a client is asked, or was, about going on with somebody else."""
    return hand_over_of(visitor)


@register.simple_tag
def moves_under_way(user: User | AnonymousUser) -> int:
    """How many of a therapist's hand-overs wait for the client or were lately agreed to, on either side."""
    if not isinstance(user, User):
        return 0
    lately = Q(state=HandOverState.AGREED, answered_at__gte=clock.now() - LATELY)
    return hand_overs_with(user).filter(Q(state=HandOverState.ASKED) | lately).count()
