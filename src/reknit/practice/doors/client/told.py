"""The record in the client's words: what they said, what came of it, who read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.doors.client.forms import AUDIENCES, CHECK_IN
from reknit.practice.doors.client.links import Visit
from reknit.practice.doors.client.readers import Reading, readings
from reknit.practice.loop.next_steps import CAME_OF_IT
from reknit.practice.people.access import clinic_can_listen
from reknit.practice.people.audience import Audience
from reknit.practice.repairs.models import Episode, State

# Words before numbers: what a place on the line is called, by its lowest value.
PLACES = [
    (9.5, gettext_noop("it could hardly be better")),
    (8.0, gettext_noop("very much")),
    (6.0, gettext_noop("a good deal")),
    (4.0, gettext_noop("about half")),
    (1.0, gettext_noop("a little")),
    (0.0, gettext_noop("not at all")),
]
BOTHERED = [gettext_noop("no"), gettext_noop("a little"), gettext_noop("yes")]


@dataclass
class Said:
    """One check-in as the client sees it again."""

    check_in: CheckIn
    answers: list[Answer]
    readings: list[Reading] = field(default_factory=list)

    @property
    def words(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.words]

    @property
    def bothered(self) -> tuple[str, Answer] | None:
        answer = next((a for a in self.answers if a.question == "bothered" and a.value is not None), None)
        return (_(BOTHERED[int(answer.value or 0)]), answer) if answer else None

    @property
    def ratings(self) -> list[tuple[str, str, float]]:
        """Statement, the place in words, and the number for whoever asks."""
        given = {a.question: a.value for a in self.answers}
        return [
            (_(item.text), _(next(word for least, word in PLACES if value >= least)), value)
            for item in CHECK_IN.ratings
            if (value := given.get(item.key)) is not None
        ]

    @property
    def ratings_audience(self) -> str:
        return seen_by(self.a_rating) if self.a_rating else ""

    @property
    def a_rating(self) -> Answer | None:
        """One of the lines, standing for all of them: they are shown to more people together."""
        return next((answer for answer in self.answers if is_rating(answer)), None)


def is_rating(answer: Answer) -> bool:
    return answer.question in {item.key for item in CHECK_IN.ratings}


def seen_by(answer: Answer) -> str:
    return str(AUDIENCES[Audience(answer.audience)])


def said(visit: Visit, answers: Iterable[Answer]) -> list[Said]:
    """The client's check-ins, in the order of `answers`, each with who read its words."""
    by_check_in: dict[int, Said] = {}
    for answer in answers:
        told = by_check_in.setdefault(answer.check_in_id, Said(answer.check_in, []))
        told.answers.append(answer)
    opened = readings(visit)
    for check_in_id, told in by_check_in.items():
        told.readings = opened.get(f"check_in:{check_in_id}", [])
    return list(by_check_in.values())


WHO_READS = {
    Audience.THERAPIST_NOW: gettext_noop("%(therapist)s can read it now."),
    Audience.IN_THE_ROOM: gettext_noop(
        "%(therapist)s can read it once you are in the room together, and not before."
    ),
    Audience.CLINIC: gettext_noop("Somebody at the clinic can read it. %(therapist)s cannot."),
    Audience.ONLY_ME: gettext_noop("Nobody can read it but you."),
}


def who_reads(visit: Visit, check_in: CheckIn) -> list[tuple[str, str]]:
    """What was sent and who can read it: `("What you wrote", "Ana Ruiz can read it now.")`."""
    heading = {True: _("Your answers on the lines"), False: _("What you said in words")}
    kinds = {(is_rating(a), a.audience) for a in check_in.answers.all()}
    return [
        (heading[rating], _(WHO_READS[Audience(audience)]) % {"therapist": visit.therapist})
        for rating, audience in sorted(kinds)
    ]


def narrowest(check_in: CheckIn) -> Audience:
    """The smallest audience chosen for the words of a check-in, from which adding to them starts out."""
    chosen = [Audience(a.audience) for a in check_in.answers.all() if not is_rating(a)]
    return min(chosen, key=lambda audience: audience.reach, default=Audience.THERAPIST_NOW)


def wider(visit: Visit, answer: Answer) -> list[tuple[str, object]]:
    """The audiences to which the client could still widen an answer."""
    listens = clinic_can_listen(visit.relationship) if answer.may_widen_to(Audience.CLINIC) else False
    return [
        (audience.value, label)
        for audience, label in AUDIENCES.items()
        if answer.may_widen_to(audience) and (listens or audience != Audience.CLINIC)
    ]


@dataclass(frozen=True)
class Way:
    """An episode in plain words: what came of it, and whether the client could say that it is mended."""

    episode: Episode
    sentence: str
    may_say_mended: bool


def ways(visit: Visit) -> list[Way]:
    """What came of what was hard, newest first. What turned out to be nothing is left out."""
    found = []
    for episode in visit.relationship.episodes.select_related("session"):
        state = State(episode.state)
        if state not in CAME_OF_IT:
            continue
        mended = episode.is_open and state in (State.ANSWERED, State.AGREED, State.FOLLOWED_UP, State.NOT_YET)
        found.append(Way(episode, _(CAME_OF_IT[state]) % {"therapist": visit.therapist}, mended))
    return found
