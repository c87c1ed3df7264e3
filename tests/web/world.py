"""Two relationships in one clinic, each with every kind of record, every text unmistakable.

And everybody who might look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from reknit.practice import clock, loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.demo.stage import Pair, hold, meet, say
from reknit.practice.loop import hand_over as moves
from reknit.practice.loop import questionnaires
from reknit.practice.loop import staff as staff_steps
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Clinic, Membership, Role, User
from reknit.practice.rights import retention

WEEK = timedelta(days=7)

# text: who may ever see it, besides nobody (of its own relationship)
READERS: dict[str, set[str]] = {
    "called": {"client", "therapist", "successor", "lead", "safeguarding"},  # to hand over, to put right
    "said-now": {"client", "therapist", "successor"},
    "said-for-the-room": {"client"},
    "said-to-the-clinic": {"client", "lead", "safeguarding"},
    "said-to-nobody": {"client"},
    "felt": {"client", "therapist", "supervisor", "successor"},
    "intended": {"client", "therapist", "supervisor", "successor"},
    "draft": {"therapist"},
    "reply": {"client", "therapist", "supervisor", "successor"},
    "answered": {"client", "therapist", "supervisor", "successor"},
    "learned": {"client", "therapist", "supervisor", "successor"},
    "agreed": {"client", "therapist", "supervisor", "successor"},
    "homework": {"client", "therapist"},
    "reflection": {"therapist"},
    "concern": {"client", "safeguarding"},
    "owed": {"client", "lead", "safeguarding"},
    "told-of-owed": {"client", "lead", "safeguarding"},
    "asked-supervisor": {"therapist", "supervisor"},
    "acknowledged": {"client", "therapist"},
}


@dataclass
class Side:
    """One relationship, the objects in it by what an address calls them, and the client's own link."""

    name: str
    pair: Pair
    token: str
    objects: dict[str, Any] = field(default_factory=dict)

    def text(self, kind: str) -> str:
        return f"{self.name}-{kind}-text"

    @property
    def texts(self) -> dict[str, str]:
        return {kind: self.text(kind) for kind in READERS}


@dataclass
class World:
    a: Side
    b: Side
    staff: dict[str, User]
    clinic: Clinic


def build(*, moving: bool = True) -> World:
    """The world of the tests. Side a is supervised, side b is not.

    With `moving` side a is handed over to the successor, and side b is asked.
    """
    founder = _member("founder@x.example")
    clinic = loop.open_clinic(founder, "The clinic", crisis_contacts="Helpline: 112")
    staff = {
        role.value: _member(f"{role.value}@x.example", role, clinic)
        for role in Role
        if role != Role.THERAPIST
    }
    staff["stranger"] = _member("stranger@y.example")
    staff["successor"] = _member("successor@x.example", Role.THERAPIST, clinic)
    questionnaires.choose_measure(
        Visitor(user=founder), clinic, "phq-9", is_on=True, alerted=founder, stands_in=staff["lead"]
    )
    sides = [_side(name, clinic, staff) for name in ("anna", "bert")]
    for side in sides:
        _staff(side, clinic, founder)
        if moving:
            _hand_over(side, staff["lead"], staff["successor"])
    return World(*sides, staff, clinic)


def _member(email: str, role: Role | None = None, clinic: Clinic | None = None) -> User:
    user = User.objects.create_user(email=email, name=email.partition("@")[0])
    if role and clinic:
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


def _side(name: str, clinic: Clinic, staff: dict[str, User]) -> Side:
    therapist = _member(f"therapist.of.{name}@x.example", Role.THERAPIST, clinic)
    first = (clock.now() - 8 * WEEK).replace(hour=10, minute=0, second=0, microsecond=0)
    pair = meet(therapist, f"{name}-called-text", first)
    side = Side(name, pair, loop.issue_link(pair.client, pair.relationship, LinkKind.HOME))
    _sessions(side, first)
    _episode(side, staff)
    _rest(side, first, staff)
    _questionnaire(side)
    return side


def _sessions(side: Side, first: datetime) -> None:
    for week, (kind, audience) in enumerate(
        [("said-now", "therapist_now"), ("said-to-nobody", "only_me"), ("said-to-the-clinic", "clinic")]
    ):
        session = hold(side.pair, first + week * WEEK)
        check_in = say(side.pair, session, [7] * 5, bothered=1, words=side.text(kind), audience=audience)
        side.objects |= {"session": session, "check_in": check_in}
    side.objects["answer"] = side.objects["check_in"].answers.get(question="words")
    last = hold(side.pair, first + 3 * WEEK)
    say(side.pair, last, [2] * 5, bothered=2, words=side.text("said-for-the-room"), audience="in_the_room")
    side.objects["planned"] = loop.plan_session(
        side.pair.therapist, side.pair.relationship, clock.now() + WEEK
    )


def _episode(side: Side, staff: dict[str, User]) -> None:
    therapist, client, relationship = side.pair.therapist, side.pair.client, side.pair.relationship
    episode = loop.open_episode(therapist, relationship, "own_sense")
    loop.understand(
        therapist,
        episode,
        kind="withdrawal",
        cause="impact",
        felt=side.text("felt"),
        intended=side.text("intended"),
    )
    reply = loop.share_reply(therapist, episode, side.text("reply"))
    loop.answer_reply(client, reply, "not_quite", side.text("answered"))
    loop.draft_reply(therapist, episode, side.text("draft"))
    loop.reflect(therapist, episode, side.text("reflection"))
    learning = loop.propose_learning(
        therapist, relationship, sentence=side.text("learned"), topic="tests", polarity="avoid",
        strength="never", episode=episode,
    )  # fmt: skip
    agreement = loop.propose_agreement(therapist, relationship, side.text("agreed"), episode=episode)
    side.objects |= {"episode": episode, "reply": reply, "learning": learning, "agreement": agreement}
    if side.name == "anna":
        side.objects["share"] = loop.share_episode(
            therapist, episode, staff["supervisor"], side.text("asked-supervisor")
        )


def _staff(side: Side, clinic: Clinic, founder: User) -> None:
    """The therapist as a colleague, and somebody invited to work beside them."""
    invitation, _token = staff_steps.invite(
        Visitor(user=founder), clinic, email=f"{side.name}.new@x.example", roles=["therapist"]
    )
    side.objects |= {
        "person": side.pair.therapist.user,
        "invitation": invitation,
        "erasing": retention.ask_to_be_erased(side.pair.client),
    }


def _hand_over(side: Side, lead: User, successor: User) -> None:
    """Anna goes on with the successor and lets everything go along that may; Bert is only asked."""
    last = clock.today() + timedelta(days=30)
    hand_over = moves.start_hand_over(Visitor(user=lead), side.pair.relationship, successor, last)
    if side.name == "anna":
        everything = moves.Along(learnings=True, episodes=True, words="room_too", check_ins=True)
        moves.agree_to_hand_over(side.pair.client, hand_over, everything)
    side.objects["hand_over"] = hand_over


def _questionnaire(side: Side) -> None:
    """PHQ-9 waits after the last session; it was begun, and says danger."""
    schedule = questionnaires.schedule_measure(side.pair.therapist, side.pair.relationship, "phq-9", every=1)
    with clock.at(side.pair.relationship.sessions.filter(status="attended").last().starts_at):
        due = questionnaires.what_waits(side.pair.client)[0]
        begun = questionnaires.keep_filled(
            side.pair.client, due, questionnaires.Filled(values={"phq-9": 1.0})
        )
    side.objects |= {"schedule": schedule, "danger": begun.alerts.get()}


def _rest(side: Side, first: datetime, staff: dict[str, User]) -> None:
    from reknit.practice.insight.models import Alert

    therapist, client, relationship = side.pair.therapist, side.pair.client, side.pair.relationship
    side.objects["relationship"] = relationship
    side.objects["homework"] = loop.propose_homework(
        therapist, relationship, side.text("homework"), override_reason="It was asked for."
    )
    side.objects["concern"] = loop.raise_concern(client, side.text("concern"))
    side.objects["owed"] = loop.say_owed(client, "billing", side.text("owed"))
    lead = Visitor(user=staff["lead"])
    loop.take_owed_on(lead, side.objects["owed"], "understood", side.text("told-of-owed"))
    side.objects["acknowledgement"] = loop.acknowledge(therapist, relationship, side.text("acknowledged"))
    relationship.alerts.all().delete()
    side.objects["alert"] = Alert.objects.create(
        relationship=relationship,
        session=side.objects["session"],
        probability=0.7,
        reasons=[["rating_fell", 2.0]],
    )
