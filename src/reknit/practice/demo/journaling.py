"""The story of a client who hates journaling, from the first session to trust above its earlier level.
Invented."""

from __future__ import annotations

from datetime import datetime, timedelta

from reknit.practice import clock, loop
from reknit.practice.checkins.models import CheckIn
from reknit.practice.demo.stage import Pair, hold, meet, say
from reknit.practice.homework.models import HomeworkState
from reknit.practice.people.models import User
from reknit.practice.repairs.models import Cause, Episode, Kind, Origin, Polarity, ReplyAnswer, Strength

WEEK = timedelta(days=7)

ALMOST_DID_NOT_COME_BACK = (
    "I almost didn't come back. I hate journaling. It was like being handed back to school, and "
    "I felt stupid for "
    "not managing three pages."
)
REPLY = (
    "Thank you for telling me, and for coming back. When I asked you to write every morning it "
    "was like school all "
    "over again, and you were left feeling stupid. That is on me: I never asked what writing is "
    "like for you. I just "
    "learned something about you, and I won't suggest journaling again. Is there anything else "
    "about it that I "
    "should know?"
)
LEARNING = "I hate journaling. Writing about myself feels like being graded."
AGREEMENT = "No writing homework of any kind, unless I ask for it myself."


def play(therapist: User) -> None:
    """Eleven sessions, the last one yesterday."""
    first = clock.now().replace(hour=15, minute=0, second=0, microsecond=0) - timedelta(days=1) - 10 * WEEK
    pair = meet(therapist, "Jo", first)
    _getting_to_know(pair, first)
    check_in = _what_hurt(pair, first + 2 * WEEK)
    _repair(pair, check_in, first + 2 * WEEK)
    _keeping_the_promise(pair, first + 3 * WEEK)
    _growing(pair, first + 4 * WEEK)


def _getting_to_know(pair: Pair, first: datetime) -> None:
    say(pair, hold(pair, first), [6, 7, 6, 6, 6])
    say(pair, hold(pair, first + WEEK), [7, 7, 6, 6, 7])
    with clock.at(first + WEEK + timedelta(hours=2)):
        homework = loop.propose_homework(
            pair.therapist, pair.relationship, "Write three pages in a journal every morning"
        )
    with clock.at(first + WEEK + timedelta(hours=6)):
        loop.answer_homework(pair.client, homework, HomeworkState.SUITS)
    with clock.at(first + 2 * WEEK - timedelta(hours=3)):
        loop.report_homework(pair.client, homework, done=False, words="I did not get to it.")


def _what_hurt(pair: Pair, when: datetime) -> CheckIn:
    session = hold(pair, when)
    return say(pair, session, [3, 5, 2, 4, 4], bothered=2, words=ALMOST_DID_NOT_COME_BACK)


def _repair(pair: Pair, check_in: CheckIn, when: datetime) -> None:
    with clock.at(when + timedelta(days=1)):
        alert = pair.relationship.alerts.first()
        origin = Origin.ALERT if alert else Origin.CLIENT_WORDS
        episode = loop.open_episode(pair.therapist, pair.relationship, origin, alert=alert, check_in=check_in)
        loop.read_answers(pair.therapist, pair.relationship)
        loop.understand(
            pair.therapist, episode, kind=Kind.WITHDRAWAL, cause=Cause.NAIVETY,
            felt="Sent back to school, and stupid for not managing three pages.",
            intended="Something simple to do between sessions.",
        )  # fmt: skip
        reply = loop.share_reply(pair.therapist, episode, REPLY)
    with clock.at(when + timedelta(days=2)):
        loop.answer_reply(
            pair.client, reply, ReplyAnswer.YES, "Yes. I did not expect you to take it like that."
        )
    _learn(pair, episode, when + timedelta(days=3))


def _learn(pair: Pair, episode: Episode, when: datetime) -> None:
    with clock.at(when):
        learning = loop.propose_learning(
            pair.therapist, pair.relationship, sentence=LEARNING, topic="journaling", polarity=Polarity.AVOID,
            strength=Strength.NEVER, episode=episode, review_on=(when + 26 * WEEK).date(),
        )  # fmt: skip
        agreement = loop.propose_agreement(pair.therapist, pair.relationship, AGREEMENT, episode=episode)
    with clock.at(when + timedelta(days=1)):
        loop.confirm_learning(pair.client, learning)
        loop.answer_agreement(pair.client, agreement, True)


def _keeping_the_promise(pair: Pair, when: datetime) -> None:
    """Months later it would have been forgotten. The guard refuses, and something else is found."""
    say(pair, hold(pair, when), [7, 7, 6, 7, 7])
    with clock.at(when + timedelta(hours=2)):
        try:
            loop.propose_homework(
                pair.therapist, pair.relationship, "Three pages every morning, about anything"
            )
        except loop.Clashes:
            homework = loop.propose_homework(
                pair.therapist,
                pair.relationship,
                "On your walk home, say out loud one thing that went all right today",
            )
        else:
            raise AssertionError("the journaling proposal was not refused")
    with clock.at(when + timedelta(hours=8)):
        loop.answer_homework(pair.client, homework, HomeworkState.SUITS, "That I can do.")
    with clock.at(when + timedelta(days=6)):
        loop.report_homework(
            pair.client,
            homework,
            done=True,
            fit=5,
            effort=2,
            usefulness=4,
            words="Felt odd at first, then good.",
        )


def _growing(pair: Pair, when: datetime) -> None:
    later = [
        [8, 8, 8, 8, 8],
        [8, 9, 8, 9, 8],
        [9, 8, 9, 9, 9],
        [9, 9, 9, 9, 9],
        [9, 9, 9, 10, 9],
        [9, 10, 9, 9, 10],
    ]
    for week, ratings in enumerate(later):
        say(pair, hold(pair, when + week * WEEK), ratings)
    say(
        pair, hold(pair, when + len(later) * WEEK), [9, 9, 10, 10, 10],
        words="I told you something today that I have not told anyone.",
    )  # fmt: skip
    with clock.at(when + len(later) * WEEK + timedelta(minutes=30)):
        for episode in pair.relationship.episodes.all():
            if episode.is_open:
                loop.say_mended(pair.client, episode)
    with clock.at(when + len(later) * WEEK + timedelta(hours=1)):
        loop.plan_session(pair.therapist, pair.relationship, when + (len(later) + 1) * WEEK)
