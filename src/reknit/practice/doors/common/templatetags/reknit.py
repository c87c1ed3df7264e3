"""What every page may use in its templates: `{% load reknit %}`."""

from __future__ import annotations

import re
from datetime import date, datetime

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from reknit.practice import clock
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Membership, Role, User

register = template.Library()

_NUMBER = re.compile(r"\+?\d[\d\s()/.-]{1,}\d")


@register.filter
def contact(line: str) -> SafeString:
    """One line of crisis contacts, its number made a link that a phone can call: `Samaritans: 116 123`."""
    found = _NUMBER.search(line)
    if not found:
        return format_html("{}", line)
    dial = re.sub(r"[^\d+]", "", found.group())
    return format_html(
        '{}<a href="tel:{}" dir="ltr">{}</a>{}',
        line[: found.start()],
        dial,
        found.group(),
        line[found.end() :],
    )


@register.filter
def day(value: datetime | date) -> str:
    """A day as people say it: `Tuesday 24 November`, or, in another year, `2 May 2025`."""
    value = _local(value)
    this_year = value.year == clock.today().year
    form = (
        pgettext("a day, in Django's date format", "l j F")
        if this_year
        else pgettext("a day with year", "j F Y")
    )
    return date_format(value, form, use_l10n=False)


@register.filter
def moment(value: datetime) -> str:
    """A day and the time: `Tuesday 24 November, 09:30`."""
    time = date_format(_local(value), pgettext("a time of day", "H:i"), use_l10n=False)
    return gettext("%(day)s, %(time)s") % {"day": day(value), "time": time}


def _local(value: datetime | date) -> datetime | date:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.simple_tag
def demonstration() -> bool:
    """Whether this house is the demonstration, in which everybody is invented."""
    return bool(settings.DEMONSTRATION)


@register.simple_tag
def clinic_entrance(user: User | AnonymousUser) -> str:
    """Where the clinic's pages begin for this person; empty where there are none for them."""
    roles = _roles(user)
    if roles & {Role.LEAD, Role.SAFEGUARDING}:
        return reverse("clinic:heard")
    if Role.ADMINISTRATOR in roles:
        return reverse("clinic:settings")
    return reverse("clinic:research") if Role.RESEARCHER in roles else ""


@register.simple_tag
def meets_clients(user: User | AnonymousUser) -> bool:
    """Whether this person meets clients or supervises those who do."""
    roles = _roles(user)
    meeting = {Role.THERAPIST, Role.SUPERVISOR}
    return isinstance(user, User) and (not roles or bool(roles & meeting))


@register.simple_tag
def has_day(user: User | AnonymousUser) -> bool:
    """Whether this person has a therapist's day; somebody who is nothing yet sees where it would be."""
    roles = _roles(user)
    return isinstance(user, User) and (not roles or Role.THERAPIST in roles)


@register.simple_tag
def has_caseload(user: User | AnonymousUser) -> bool:
    """Whether there is a caseload to open: a therapist's, or that of a supervisor whose supervisees began."""
    if has_day(user):
        return True
    if not isinstance(user, User) or Role.SUPERVISOR not in _roles(user):
        return False
    return access.relationships(Visitor(user=user)).exists()


@register.simple_tag
def has_clients(user: User) -> bool:
    """Whether this person meets, or met, somebody as their therapist."""
    return access.relationships(Visitor(user=user)).filter(supervisee=None).exists()


@register.simple_tag
def works_beside_others(user: User) -> bool:
    """Whether somebody else is a therapist where this person works."""
    others = Membership.objects.filter(clinic__in=access.clinics_of(user), role=Role.THERAPIST)
    return others.exclude(user=user).exists()


def _roles(user: User | AnonymousUser) -> frozenset[str]:
    """A person's roles, asked for once a page."""
    if not isinstance(user, User):
        return frozenset()
    if not hasattr(user, "_roles_shown"):
        user._roles_shown = access.roles_of(user)  # type: ignore[attr-defined]
    return user._roles_shown  # type: ignore[attr-defined,no-any-return]
