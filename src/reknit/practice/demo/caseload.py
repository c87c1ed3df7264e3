"""Thirteen further relationships.

Their numbers drawn by simulation, their steps taken by the loop. Invented.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from reknit.practice import clock, loop
from reknit.practice.appointments.models import Session, Status
from reknit.practice.demo import lines
from reknit.practice.demo.stage import ITEMS, Pair, hold, meet, say
from reknit.practice.homework.models import HomeworkState
from reknit.practice.insight.models import Alert
from reknit.practice.people.audience import Audience
from reknit.practice.people.models import User
from reknit.practice.repairs.models import Cause, Kind, Origin, Polarity, ReplyAnswer, Strength
from reknit.trust.simulate import simulate

SEED = 20261
CALLED = ["Ada", "Ben", "Cleo", "Dan", "Edie", "Farid", "Gwen", "Hao", "Ilse", "Kofi", "Lena", "Milo", "Nour"]
LEFT_OPEN = timedelta(days=12)  # what happened lately is left for whoever tries the demonstration


def play(therapist: User) -> None:
    """Play every simulated row through the loop, each relationship ending a day or so before today."""
    rows = simulate(len(CALLED), seed=SEED, sessions=(8, 22), scale=(0.0, 10.0))
    rng = np.random.default_rng(SEED)
    today = clock.now().replace(minute=0, second=0, microsecond=0)
    for place, (called, (_client, table)) in enumerate(
        zip(CALLED, rows.group_by("client", maintain_order=True), strict=True)
    ):
        _play_one(therapist, called, table.to_dicts(), _hour(today, place), rng)


def _hour(today: datetime, place: int) -> datetime:
    """The last session of the relationship at this place in the list.

    Within the past six days, at office hours.
    """
    return today.replace(hour=9 + place % 8) - timedelta(days=1 + place % 6)


def _play_one(
    therapist: User, called: str, rows: list[dict[str, Any]], last: datetime, rng: np.random.Generator
) -> None:
    when = [last - timedelta(days=round(7 * (rows[-1]["week"] - row["week"]))) for row in rows]
    pair = meet(therapist, called, when[0])
    hurt: set[int] = set()
    for row, starts_at in zip(rows, _apart(when), strict=True):
        attended = row["attended"] != 0
        session = hold(pair, starts_at, Status.ATTENDED if attended else Status.MISSED)
        if attended and row["alliance"] is not None:
            _check_in(pair, session, row, rng)
        if row["true_rupture"]:
            hurt.add(session.pk)
        _work(pair, session, hurt)
    with clock.at(last):
        loop.plan_session(pair.therapist, pair.relationship, last + timedelta(days=7))


def _apart(when: list[datetime]) -> list[datetime]:
    """No two sessions at the same moment."""
    return [
        moment + timedelta(minutes=5 * i) if moment in when[:i] else moment for i, moment in enumerate(when)
    ]


def _check_in(pair: Pair, session: Session, row: dict[str, Any], rng: np.random.Generator) -> None:
    """Five answers around the simulated rating, and words where something bothered them."""
    ratings = np.clip(np.round(row["alliance"] + rng.normal(0, 0.6, len(ITEMS))), 0, 10)
    bothered = row["difficulty"]
    words = str(rng.choice(lines.BOTHERED[bothered])) if bothered else ""
    audience = rng.choice([Audience.THERAPIST_NOW, Audience.IN_THE_ROOM, Audience.ONLY_ME], p=[0.7, 0.2, 0.1])
    say(pair, session, [float(r) for r in ratings], bothered=bothered, words=words, audience=str(audience))


def _work(pair: Pair, session: Session, hurt: set[int]) -> None:
    """What this therapist does with a question.

    Looks, repairs where something had happened, says so where not.
    """
    now = session.starts_at + timedelta(days=1)
    alert = pair.relationship.alerts.filter(state="open").order_by("session__starts_at").first()
    if session.number % 5 == 0:
        _homework(pair, session)
    if clock.now() - session.starts_at < LEFT_OPEN:
        return
    with clock.at(now):
        loop.read_answers(pair.therapist, pair.relationship)
        if alert is None:
            return
        if alert.session_id in hurt:
            _repair(pair, alert, now)
        else:
            loop.dismiss_alert(pair.therapist, alert)


def _repair(pair: Pair, alert: Alert, now: datetime) -> None:
    line = lines.REPAIRS[alert.session.number % len(lines.REPAIRS)]
    episode = loop.open_episode(pair.therapist, pair.relationship, Origin.ALERT, alert=alert)
    loop.understand(
        pair.therapist,
        episode,
        kind=Kind(line.kind),
        cause=Cause(line.cause),
        felt=line.felt,
        intended=line.intended,
    )
    reply = loop.share_reply(pair.therapist, episode, line.reply)
    with clock.at(now + timedelta(days=1)):
        loop.answer_reply(pair.client, reply, ReplyAnswer.YES, line.answer)
        learning = loop.propose_learning(
            pair.therapist, pair.relationship, sentence=line.learned, topic=line.topic,
            polarity=Polarity(line.polarity), strength=Strength(line.strength), condition=line.condition,
            episode=episode,
        )  # fmt: skip
        loop.confirm_learning(pair.client, learning)


def _homework(pair: Pair, session: Session) -> None:
    text = lines.HOMEWORK[session.number // 5 % len(lines.HOMEWORK)]
    with clock.at(session.starts_at + timedelta(hours=2)):
        try:
            homework = loop.propose_homework(pair.therapist, pair.relationship, text)
        except loop.Clashes:
            return
    with clock.at(session.starts_at + timedelta(hours=9)):
        loop.answer_homework(pair.client, homework, HomeworkState.SUITS)
