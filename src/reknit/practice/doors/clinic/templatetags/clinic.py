"""What the pages of a clinic may use in their templates: `{% load clinic %}`."""

from __future__ import annotations

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext

from reknit.practice.people import access
from reknit.practice.people.models import Relationship, User

register = template.Library()


@register.simple_tag
def who(user: User | AnonymousUser, relationship: Relationship) -> str:
    """What a client is called, for those of the clinic who may know it; for anybody else their code."""
    if isinstance(user, User):
        if not hasattr(user, "_knows_names_in"):
            user._knows_names_in = access.knows_names_in(user)  # type: ignore[attr-defined]
        if relationship.clinic_id in user._knows_names_in:  # type: ignore[attr-defined]
            return str(relationship.client.called)
    return gettext("Client %(code)s") % {"code": relationship.client.code}
