"""Who read what and when, from the trail, which nobody can rewrite."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from reknit.practice import trail
from reknit.practice.doors.client.links import Visit
from reknit.practice.people.models import User


@dataclass
class Reading:
    """Somebody who opened something of the client's: the first and the last time."""

    name: str
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Help:
    """The therapist asked somebody to help with a difficulty: whom, when, and whether they opened it."""

    name: str
    asked: datetime
    readings: list[Reading]


def readings(visit: Visit) -> dict[str, list[Reading]]:
    """By what was opened (`check_in:4`, `concern:2`, `episode:1`): who opened it."""
    entries = (
        trail.entries_for_relationship(visit.relationship.pk).filter(verb="read_words").order_by("number")
    )
    found: dict[str, dict[str, Reading]] = {}
    for entry in entries:
        reading = found.setdefault(entry.subject, {}).setdefault(entry.actor, Reading("", entry.at, entry.at))
        reading.last = entry.at
    names = _names({actor for by_actor in found.values() for actor in by_actor})
    for by_actor in found.values():
        for actor, reading in by_actor.items():
            reading.name = names.get(actor, _("somebody at the clinic"))
    return {subject: list(by_actor.values()) for subject, by_actor in found.items()}


def helps(visit: Visit, opened: dict[str, list[Reading]]) -> list[Help]:
    """Whom the therapist asked for help with a difficulty, newest first."""
    asked = trail.entries_for_relationship(visit.relationship.pk).filter(
        verb="shared", subject__startswith="episode:"
    )
    rows = [
        (entry.at, *entry.subject.partition(":user:")[::2]) for entry in asked if ":user:" in entry.subject
    ]
    names = _names({f"user:{person}" for _at, _episode, person in rows})
    return [
        Help(
            name := names.get(f"user:{person}", _("a supervisor")),
            at,
            [r for r in opened.get(episode, []) if r.name == name],
        )
        for at, episode, person in rows
    ]


def addresses_made(visit: Visit) -> list[datetime]:
    """When the own page got its addresses; one that the client did not make stands out."""
    entries = trail.entries_for_relationship(visit.relationship.pk).filter(verb="shared", subject="link:home")
    return list(entries.values_list("at", flat=True)[:5])


def _names(actors: set[str]) -> dict[str, str]:
    ids = [int(actor.removeprefix("user:")) for actor in actors if actor.startswith("user:")]
    return {f"user:{user.pk}": user.name or _("your therapist") for user in User.objects.filter(pk__in=ids)}
