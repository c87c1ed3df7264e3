"""A client's words as letters: which wait to be opened, and which have been."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from reknit.practice.appointments.models import Session
from reknit.practice.checkins.models import Answer, CheckIn
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Relationship
from reknit.practice.trail.models import Entry


@dataclass(frozen=True)
class Letter:
    """One check-in with words that the therapist may read now. Its contents are not in here."""

    check_in: CheckIn

    @property
    def session(self) -> Session:
        return self.check_in.session

    @property
    def relationship(self) -> Relationship:
        return self.check_in.relationship

    @property
    def may_guess(self) -> bool:
        return not hasattr(self.session, "guess")


def by_relationship(letters: Iterable[Letter]) -> list[tuple[Relationship, list[int]]]:
    """Whose letters wait, and after which sessions they were written."""
    found: dict[Relationship, list[int]] = {}
    for letter in letters:
        found.setdefault(letter.relationship, []).insert(0, letter.session.number)
    return list(found.items())


@dataclass(frozen=True)
class Opened:
    """One check-in as far as the therapist may read it: its words, its one question, its lines."""

    check_in: CheckIn
    words: list[Answer] = field(default_factory=list)
    bothered: Answer | None = None
    lines: list[Answer] = field(default_factory=list)
    rating: float | None = None
    is_fresh: bool = False
    may_look: bool = True

    @classmethod
    def of(
        cls, answers: list[Answer], ratings: dict[int, float | None], *, is_fresh: bool, may_look: bool
    ) -> Opened:
        """From the readable answers of one check-in; `ratings` are the means by session, where known."""
        check_in = answers[0].check_in
        return cls(
            check_in,
            words=[answer for answer in answers if answer.words],
            bothered=next((answer for answer in answers if answer.question == "bothered"), None),
            lines=[answer for answer in answers if not answer.words and answer.question != "bothered"],
            rating=ratings.get(check_in.session_id),
            is_fresh=is_fresh,
            may_look=may_look,
        )

    @property
    def speaks(self) -> bool:
        """Whether there is more in it than lines: words, or something that bothered them."""
        return bool(self.words) or bool(self.bothered and self.bothered.value)

    @property
    def guess(self) -> float | None:
        """What the therapist had guessed before looking."""
        return self.check_in.session.guess.value if hasattr(self.check_in.session, "guess") else None


def unopened(visitor: Visitor, relationship: Relationship | None = None) -> list[Letter]:
    """The letters whose words, or whose latest words, this therapist has not read; the newest first.

    Args:
        visitor: the therapist.
        relationship: one relationship, or None for all of theirs.
    """
    answers = access.readable_answers(visitor, Answer.objects.exclude(words=""))
    mine = access.relationships(visitor)
    if relationship is not None:
        mine = mine.filter(pk=relationship.pk)
    answers = answers.filter(check_in__relationship__in=mine)
    ids = dict(answers.values_list("pk", "check_in_id"))
    check_ins = _fresh(visitor, ids, mine)
    found = (
        CheckIn.objects.filter(pk__in=check_ins)
        .select_related("session__guess", "relationship__client")
        .order_by("-session__starts_at")
    )
    return [Letter(check_in) for check_in in found]


def _fresh(visitor: Visitor, answers: dict[int, int], mine: QuerySet[Relationship]) -> set[int]:
    """The check-ins with an answer that came, or was opened to the therapist, after they last read it."""
    if not answers:
        return set()
    about_answers = Q(subject__startswith="answer:") | Q(verb="read_words", actor=visitor.trail_name)
    entries = Entry.objects.filter(about_answers, relationship_id__in=mine.values("pk"))
    read, said = _latest(entries.values_list("verb", "subject", "number"))
    return {
        check_in
        for answer, check_in in answers.items()
        if check_in not in read or said.get(answer, 0) > read[check_in]
    }


def _latest(lines: Iterable[tuple[str, str, int]]) -> tuple[dict[int, int], dict[int, int]]:
    """By number in the trail: when each check-in was last read, and when each answer last changed."""
    read: dict[int, int] = {}
    said: dict[int, int] = {}
    for verb, subject, number in lines:
        kind, _, rest = subject.partition(":")
        if kind == "check_in" and verb == "read_words":
            read[int(rest)] = max(number, read.get(int(rest), 0))
        elif kind == "answer":
            pk = int(rest.partition(":")[0])
            said[pk] = max(number, said.get(pk, 0))
    return read, said


def opened(visitor: Visitor, relationship: Relationship, waiting: list[Letter]) -> QuerySet[Answer]:
    """Words that this therapist has read already (the trail says when), the newest first."""
    sealed = [letter.check_in.pk for letter in waiting]
    answers = Answer.objects.exclude(words="").filter(check_in__relationship=relationship)
    readable = access.readable_answers(visitor, answers.exclude(check_in__in=sealed))
    return readable.select_related("check_in__session").order_by("-check_in__session__starts_at", "id")


def about(visitor: Visitor, check_in: CheckIn | None) -> tuple[bool, list[Answer]]:
    """Whether a check-in waits to be opened, and, once it has been, its words."""
    if check_in is None:
        return False, []
    waiting = unopened(visitor, check_in.relationship)
    if any(letter.check_in == check_in for letter in waiting):
        return True, []
    return False, list(opened(visitor, check_in.relationship, waiting).filter(check_in=check_in))
