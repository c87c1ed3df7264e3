"""A check-in arrives, and later the client may say more or let more people see it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.appointments.models import Session, Status
from reknit.practice.checkins.models import Answer, CheckIn, Guess, Message, MessageState
from reknit.practice.insight import estimates
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.follow_up import follow_up
from reknit.practice.loop.noticing import notice
from reknit.practice.loop.people import require_consent
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import Relationship
from reknit.practice.prepared import Prepared, insert
from reknit.practice.trail import record


@dataclass(frozen=True)
class CheckInData:
    """What a client sent: ratings by item key on their own scale, None where not answered."""

    key: UUID
    ratings: dict[str, float | None] = field(default_factory=dict)
    bothered: int | None = None
    words: str = ""
    invited: str = ""  # what they said to the clinic's question for what is hard to say
    words_audience: str = Audience.THERAPIST_NOW
    ratings_audience: str = Audience.THERAPIST_NOW
    seconds_taken: int | None = None


def receive_check_in(visitor: Visitor, session: Session, data: CheckInData) -> CheckIn:
    """Keep a check-in, estimate anew, notice, follow up; all of it or nothing.

    1. The same key again, or a session that has its check-in, changes nothing; words not on record are added.
    2. The answers are stored, each with its own audience.
    3. The estimate is refreshed from what the therapist may know. It was reckoned before, so that others wait
       less, and holds where the trail says that nothing happened since.
    4. A follow-up that was due is closed; a question is opened where something may have hurt.

    Raises:
        NotNow: there is no consent, or the session was not held.
    """
    access.require_client(visitor, session)
    assert visitor.client_relationship is not None
    session.relationship = visitor.client_relationship
    ahead = _ahead(session, data)
    try:
        return _receive(visitor, session, data, ahead)
    except IntegrityError:  # the same tap arrived twice at once: by now the other one is on record
        key = uuid4() if CheckIn.objects.exclude(session=session).filter(key=data.key).exists() else data.key
        return _receive(visitor, session, replace(data, key=key), None)


def _ahead(session: Session, data: CheckInData) -> estimates.Ahead | None:
    """What the estimate will be, reckoned while others write; None where an answer waits for them to meet."""
    audiences = (data.ratings_audience, data.words_audience)
    if Audience.IN_THE_ROOM in audiences:
        return None
    ratings, bothered = (audience == Audience.THERAPIST_NOW for audience in audiences)
    given = data.ratings if ratings else {}
    difficulty = int(data.bothered) if bothered and data.bothered is not None else None
    is_seen = difficulty is not None or any(value is not None for value in given.values())
    seconds = data.seconds_taken if is_seen else None
    return estimates.ahead(session.relationship, session.pk, given, difficulty, seconds)


@transaction.atomic
def _receive(visitor: Visitor, session: Session, data: CheckInData, ahead: estimates.Ahead | None) -> CheckIn:
    earlier: CheckIn | None = _EARLIER.first(session.pk)
    if earlier:
        return _say_more(visitor, earlier, data)
    relationship = session.relationship
    require_consent(relationship)
    if session.status in (Status.MISSED, Status.CANCELLED):
        raise NotNow(_("This session was not held, so there is nothing to say about it here."))
    check_in = CheckIn(
        relationship=relationship, session=session, key=data.key, seconds_taken=data.seconds_taken
    )
    insert([check_in])
    answers = _answers(check_in, data)
    if answers:
        insert(answers)
    line = record(visitor.trail_name, "created", f"check_in:{check_in.pk}", relationship_id=relationship.pk)
    _REMINDERS.update(session.pk)
    is_good = ahead is not None and ahead.head == line.previous  # nothing happened in between
    points = estimates.keep(ahead.found) if ahead and is_good else estimates.refresh(relationship)
    follow_up(relationship)
    notice(relationship, points)
    return check_in


_EARLIER = Prepared(lambda session: CheckIn.objects.filter(session=session), int)
_REMINDERS = Prepared(
    lambda session: Message.objects.filter(session=session, state=MessageState.WAITING),
    int,
    change={"state": MessageState.EXPIRED},
)


def _answers(check_in: CheckIn, data: CheckInData) -> list[Answer]:
    ratings = [
        Answer(check_in=check_in, question=key, value=value, audience=data.ratings_audience)
        for key, value in data.ratings.items()
        if value is not None
    ]
    if data.bothered is not None:
        ratings.append(
            Answer(check_in=check_in, question="bothered", value=data.bothered, audience=data.words_audience)
        )
    words = [data.words, data.invited] if data.words.strip() else [data.invited]
    for name, said in zip(("words", "words.2"), dict.fromkeys(words), strict=False):
        if said.strip():
            ratings.append(Answer(check_in=check_in, question=name, words=said, audience=data.words_audience))
    return ratings


def _say_more(visitor: Visitor, check_in: CheckIn, data: CheckInData) -> CheckIn:
    """A second sending. The first ratings stand; words that are not on record yet are never dropped."""
    for said in (data.words, data.invited):
        if said.strip():
            add_words(visitor, check_in, said, data.words_audience)
    return check_in


@transaction.atomic
def add_words(visitor: Visitor, check_in: CheckIn, words: str, audience: str) -> Answer | None:
    """The client says more about a session. Words already on record are not doubled (then None)."""
    access.require_client(visitor, check_in)
    on_record = [answer for answer in check_in.answers.all() if answer.words]
    if any(answer.words == words for answer in on_record):
        return None
    name = "words" if not on_record else f"words.{len(on_record) + 1}"
    answer = Answer.objects.create(check_in=check_in, question=name, words=words, audience=Audience(audience))
    record(visitor.trail_name, "created", f"answer:{answer.pk}", relationship_id=check_in.relationship_id)
    return answer


@transaction.atomic
def widen_audience(visitor: Visitor, answer: Answer, audience: str) -> None:
    """The client lets more people see an answer. It cannot be taken back: it may have been read."""
    check_in = answer.check_in
    access.require_client(visitor, check_in)
    if not answer.may_widen_to(audience):
        raise NotNow(_("Who sees this can only be widened, since it may have been read already."))
    answer.audience = Audience(audience)
    answer.save(update_fields=["audience"])
    record(
        visitor.trail_name,
        "changed",
        f"answer:{answer.pk}:audience:{audience}",
        relationship_id=check_in.relationship_id,
    )
    notice(check_in.relationship, estimates.refresh(check_in.relationship))


@transaction.atomic
def guess_check_in(visitor: Visitor, session: Session, value: float) -> Guess:
    """How the therapist thinks it was for the client (0 to 10), said before looking.

    It cannot be changed afterwards.
    """
    access.require_therapist(visitor, session)
    guess, _new = Guess.objects.get_or_create(
        session=session, defaults={"value": value, "made_at": clock.now()}
    )
    return guess


@transaction.atomic
def read_answers(visitor: Visitor, relationship: Relationship) -> QuerySet[Answer]:
    """The answers of a relationship that the visitor may read now.

    Reading a client's words goes on the access log.
    """
    answers = access.readable_answers(visitor, Answer.objects.filter(check_in__relationship=relationship))
    answers = answers.select_related("check_in__session").order_by("-check_in__session__starts_at", "id")
    if not visitor.is_client:
        for check_in_id in sorted({answer.check_in_id for answer in answers if answer.words}):
            record(
                visitor.trail_name, "read_words", f"check_in:{check_in_id}", relationship_id=relationship.pk
            )
    return answers
