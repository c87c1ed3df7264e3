"""No check-in ends on a dead page.

What happens next, who reads it and when, and what came of the last one.
"""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reknit.practice import clock
from reknit.practice.checkins.models import CheckIn
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Relationship
from reknit.practice.repairs.models import State

CAME_OF_IT = {
    State.NOTICED: gettext_noop(
        "%(therapist)s noticed that something may have been hard, and is thinking about it."
    ),
    State.UNDERSTOOD: gettext_noop("%(therapist)s is writing you a reply about what was hard."),
    State.REPLIED: gettext_noop(
        "%(therapist)s wrote you a reply. You can read it and say whether that is it."
    ),
    State.ANSWERED: gettext_noop("You answered the reply. %(therapist)s reads it before you next meet."),
    State.AGREED: gettext_noop(
        "You and %(therapist)s agreed on something. Your next check-ins say whether it helps."
    ),
    State.NOT_YET: gettext_noop("It is not mended yet. %(therapist)s will come back to it with you."),
    State.RESTORED: gettext_noop("What was hard between you and %(therapist)s has been talked through."),
    State.EXCEEDED: gettext_noop("What was hard between you and %(therapist)s has been talked through."),
    State.ENDED_WELL: gettext_noop("You and %(therapist)s looked at it together and ended it well."),
}


def what_happens_next(relationship: Relationship, check_in: CheckIn | None = None) -> list[str]:
    """Sentences for the client, in order: who reads what they sent and when, and what is waiting for them."""
    said = [_reader(relationship, check_in)] if check_in else []
    upcoming = relationship.sessions.filter(status="planned", starts_at__gt=clock.now()).first()
    if upcoming:
        when = date_format(upcoming.starts_at.astimezone(relationship.client.zone), "DATETIME_FORMAT")
        said.append(_("Your next session: %(when)s") % {"when": when})
    return said


def what_came_of_it(relationship: Relationship) -> list[str]:
    """Sentences for the client about earlier difficulties, replies and agreements, the newest first."""
    name = relationship.therapist.name or _("Your therapist")
    sentences = (CAME_OF_IT.get(State(episode.state)) for episode in relationship.episodes.all()[:3])
    return [_(sentence) % {"therapist": name} for sentence in sentences if sentence]


def _reader(relationship: Relationship, check_in: CheckIn) -> str:
    name = relationship.therapist.name or _("Your therapist")
    audiences = {
        answer.audience for answer in check_in.answers.all() if answer.words or answer.question == "bothered"
    }
    audience = next(iter(audiences), Audience.THERAPIST_NOW)
    return {
        Audience.THERAPIST_NOW: _("%(therapist)s reads what you wrote before you next meet."),
        Audience.IN_THE_ROOM: _(
            "%(therapist)s sees what you wrote once you are in the room together, and not before."
        ),
        Audience.CLINIC: _("Somebody at the clinic reads what you wrote. %(therapist)s does not see it."),
        Audience.ONLY_ME: _("What you wrote is kept for you alone. You can let others see it later."),
    }[Audience(audience)] % {"therapist": name}
