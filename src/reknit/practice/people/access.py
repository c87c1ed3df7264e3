"""Who may see and do what. The only module that decides it; deny by default.

Power runs therapist over client and clinic over therapist, so access runs the other way: the client owns
their words and widens who sees them; the therapist sees what the client lets them see; the clinic sees what
is addressed to it; an administrator sees no clinical content at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.people.audience import Audience
from reknit.practice.people.handing_over import HandOver, HandOverState, WordsAlong
from reknit.practice.people.models import Clinic, Membership, Relationship, Role, User
from reknit.practice.prepared import Prepared

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Visitor:
    """Whoever is asking: a member of staff who signed in, a client who came by a link, or nobody."""

    user: User | None = None
    client_relationship: Relationship | None = None
    closed_until: datetime | None = None  # what was kept from the therapist before this moment stays closed

    @classmethod
    def of(cls, request: HttpRequest) -> Visitor:
        user: User | AnonymousUser = request.user
        return cls(user=user) if isinstance(user, User) else cls()

    @classmethod
    def client(cls, relationship: Relationship, closed_until: datetime | None = None) -> Visitor:
        """A client, come by a link.

        A link that passed through the therapist's hands opens nothing that was kept from the therapist:
        `closed_until` is the moment from which the link is the client's alone (None: it always was).
        """
        return cls(client_relationship=relationship, closed_until=closed_until)

    @property
    def is_client(self) -> bool:
        return self.client_relationship is not None

    @property
    def trail_name(self) -> str:
        if self.client_relationship is not None:
            return f"client:{self.client_relationship.client_id}"
        return f"user:{self.user.pk}" if self.user else "nobody"


class OfRelationship(Protocol):
    """Anything that belongs to one relationship: a session, an episode, a learning."""

    @property
    def relationship_id(self) -> int: ...


def relationships(visitor: Visitor) -> QuerySet[Relationship]:
    """The relationships a visitor may open: their own, as therapist, as supervisor, or as client."""
    if visitor.client_relationship is not None:
        return Relationship.objects.filter(pk=visitor.client_relationship.pk)
    if visitor.user is not None:
        therapy = Q(Exists(_seats(visitor.user, Role.THERAPIST)), supervisee=None)
        supervision = Q(Exists(_seats(visitor.user, Role.SUPERVISOR)), supervisee__isnull=False)
        mine = Relationship.objects.filter(therapy | supervision, therapist=visitor.user)
        return mine.filter(Q(therapist_until=None) | Q(therapist_until__gte=clock.today()))
    return Relationship.objects.none()


def _seats(user: User, role: str) -> QuerySet[Membership]:
    """A therapist or supervisor who left the clinic no longer opens its relationships."""
    return Membership.objects.filter(user=user, role=role, clinic=OuterRef("clinic"))


def of_visitor(visitor: Visitor, records: QuerySet[M]) -> QuerySet[M]:
    """Keep the records whose relationship the visitor may open."""
    return records.filter(relationship__in=relationships(visitor))


def is_therapist_of(visitor: Visitor, record: Relationship | OfRelationship) -> bool:
    return not visitor.is_client and _opens(visitor, record)


def is_client_of(visitor: Visitor, record: Relationship | OfRelationship) -> bool:
    return visitor.is_client and _opens(visitor, record)


def _opens(visitor: Visitor, record: Relationship | OfRelationship) -> bool:
    pk = record.pk if isinstance(record, Relationship) else record.relationship_id
    if visitor.client_relationship is not None:
        return bool(visitor.client_relationship.pk == pk)
    return relationships(visitor).filter(pk=pk).exists()


def require_therapist(visitor: Visitor, record: Relationship | OfRelationship) -> None:
    """Raises PermissionDenied unless the visitor is the therapist of this relationship."""
    if not is_therapist_of(visitor, record):
        raise PermissionDenied(_("Only the therapist of this relationship may do this."))


def require_client(visitor: Visitor, record: Relationship | OfRelationship) -> None:
    """Raises PermissionDenied unless the visitor is the client of this relationship."""
    if not is_client_of(visitor, record):
        raise PermissionDenied(_("Only the client may do this."))


def readable_answers(visitor: Visitor, answers: QuerySet[M]) -> QuerySet[M]:
    """The answers of check-ins that this visitor may read now.

    A client reads all of their own. A therapist reads what was said to them at once, and what was kept for
    the room once a later session has been attended. A clinic lead or safeguarding person reads what is for
    the clinic.
    """
    if visitor.is_client:
        own = answers.filter(check_in__relationship=visitor.client_relationship)
        if visitor.closed_until is None:
            return own
        return own.filter(visible_to_therapist() | Q(check_in__received_at__gte=visitor.closed_until))
    if visitor.user is None:
        return answers.none()
    mine = Q(check_in__relationship__in=relationships(visitor)) & visible_to_therapist()
    return answers.filter(mine | said_to_clinic(visitor))


def visible_to_therapist() -> Q:
    """The rule for an answer's audience alone, as a filter on answers.

    Now, or in the room and they have met since.
    """
    attended_later = Relationship.objects.filter(
        pk=OuterRef("check_in__relationship"), sessions__status="attended",
        sessions__starts_at__gt=OuterRef("check_in__session__starts_at"),
    )  # fmt: skip
    in_the_room = Q(Exists(attended_later), audience=Audience.IN_THE_ROOM)
    return Q(audience=Audience.THERAPIST_NOW) | in_the_room


def said_to_clinic(visitor: Visitor) -> Q:
    """What clients said to the clinic alone, for those who hear it; never what one's own clients said."""
    heard = Q(check_in__relationship__clinic__in=clinics_listened_for(visitor), audience=Audience.CLINIC)
    return heard & ~Q(check_in__relationship__therapist=visitor.user)


def clinics_listened_for(visitor: Visitor) -> QuerySet[Clinic]:
    """The clinics in which this person hears what clients say to the clinic."""
    if visitor.user is None:
        return Clinic.objects.none()
    seats = Membership.objects.filter(user=visitor.user, role__in=(Role.LEAD, Role.SAFEGUARDING))
    return Clinic.objects.filter(memberships__in=seats)


def knows_names_in(user: User) -> frozenset[int]:
    """The clinics whose clients' names this person may know: whoever hands over and puts right needs them.

    It is the name that the therapist uses, and opens no word. Words said to the clinic alone stay under a
    code, since nobody needs a name to hear them; so do all pages of administrators.
    """
    seats = Membership.objects.filter(user=user, role__in=(Role.LEAD, Role.SAFEGUARDING))
    return frozenset(seats.values_list("clinic_id", flat=True))


def clinic_can_listen(relationship: Relationship) -> bool:
    """Whether "only the clinic" reaches somebody other than the therapist; if not, it is not offered."""
    return bool(_LISTENERS.rows(relationship.clinic_id, relationship.therapist_id))


_LISTENERS = Prepared(
    lambda clinic, therapist: (
        Membership.objects.filter(clinic=clinic, role__in=(Role.LEAD, Role.SAFEGUARDING))
        .exclude(user=therapist)
        .values_list("pk")[:1]
    ),
    int,
    int,
)


def roles_of(user: User) -> frozenset[str]:
    """Every role that a person holds in any clinic: which entrances they are shown, no more."""
    return frozenset(Membership.objects.filter(user=user).values_list("role", flat=True))


def clinics_of(user: User, *roles: str) -> QuerySet[Clinic]:
    """The clinics in which a person holds one of these roles (any role when none is named)."""
    seats = Membership.objects.filter(user=user)
    return Clinic.objects.filter(memberships__in=seats.filter(role__in=roles) if roles else seats).distinct()


def brought_to(visitor: Visitor) -> QuerySet[HandOver]:
    """What came along with clients who said yes to this therapist, while they meet."""
    if visitor.user is None:
        return HandOver.objects.none()
    return HandOver.objects.filter(
        to=visitor.user, state=HandOverState.AGREED, new__in=relationships(visitor)
    )


def require_brought(visitor: Visitor, hand_over: HandOver) -> None:
    """Raises PermissionDenied unless the client said yes to this therapist."""
    if not brought_to(visitor).filter(pk=hand_over.pk).exists():
        raise PermissionDenied


def brought_answers(hand_over: HandOver, answers: QuerySet[M]) -> QuerySet[M]:
    """Of the answers before a hand-over, those the client let go along; never what nobody was to see."""
    if hand_over.words == WordsAlong.SAID_OPENLY:
        return answers.filter(audience=Audience.THERAPIST_NOW)
    if hand_over.words == WordsAlong.ROOM_TOO:
        return answers.filter(visible_to_therapist())
    return answers.none()


GIVEN_BY_ADMINISTRATOR = frozenset({Role.THERAPIST, Role.SUPERVISOR, Role.ADMINISTRATOR})


def roles_given_by(user: User, clinic: Clinic) -> frozenset[str]:
    """The roles that this person may give and end in a clinic, though never give to themself.

    A lead all of them. An administrator those that open nothing of what clients said to the clinic: not
    lead, not safeguarding, not researcher.
    """
    if not user.is_active:
        return frozenset()
    held = set(Membership.objects.filter(user=user, clinic=clinic).values_list("role", flat=True))
    if Role.LEAD in held:
        return frozenset(Role)
    return GIVEN_BY_ADMINISTRATOR if Role.ADMINISTRATOR in held else frozenset()


def staff_of(visitor: Visitor) -> Clinic | None:
    """The clinic whose people this visitor looks after, as lead or administrator."""
    if visitor.user is None:
        return None
    return clinics_of(visitor.user, Role.LEAD, Role.ADMINISTRATOR).order_by("pk").first()


def safeguarding_of(relationship: Relationship) -> QuerySet[User]:
    """Who hears a concern about the therapist: the clinic's safeguarding people, never the therapist."""
    seats = Membership.objects.filter(clinic=relationship.clinic_id, role=Role.SAFEGUARDING)
    return User.objects.filter(memberships__in=seats, is_active=True).exclude(pk=relationship.therapist_id)


def concerns(visitor: Visitor, records: QuerySet[M]) -> QuerySet[M]:
    """The concerns a visitor may read: a client their own; a safeguarding person those of their clinic.

    Never one about themselves; and nobody else any.
    """
    if visitor.client_relationship is not None:
        own = records.filter(relationship=visitor.client_relationship)
        return own if visitor.closed_until is None else own.filter(received_at__gte=visitor.closed_until)
    if visitor.user is None:
        return records.none()
    seats = Membership.objects.filter(user=visitor.user, role=Role.SAFEGUARDING)
    return records.filter(relationship__clinic__memberships__in=seats).exclude(
        relationship__therapist=visitor.user
    )


def shares(visitor: Visitor, records: QuerySet[M]) -> QuerySet[M]:
    """The episodes shared for supervision that a visitor may open.

    As their therapist, or as the supervisor meanwhile.
    """
    if visitor.user is None:
        return records.none()
    as_supervisor = Q(supervisor=visitor.user, taken_back_at=None)
    return records.filter(as_supervisor | Q(episode__relationship__in=relationships(visitor)))


def supervised_in(user: User) -> QuerySet[Relationship]:
    """The relationships in which this person is the one supervised, and so in the client's place."""
    return Relationship.objects.filter(supervisee=user)


def supervisors_around(user: User) -> QuerySet[User]:
    """The supervisors of the clinics in which this person is a therapist, not themselves."""
    clinics = clinics_of(user, Role.THERAPIST)
    seats = Membership.objects.filter(clinic__in=clinics, role=Role.SUPERVISOR)
    return User.objects.filter(memberships__in=seats, is_active=True).exclude(pk=user.pk).distinct()


def supervisors_for(visitor: Visitor, relationship: Relationship) -> QuerySet[User]:
    """Whom the therapist of this relationship may ask for help: supervisors of the clinic, not themselves."""
    seats = Membership.objects.filter(clinic=relationship.clinic_id, role=Role.SUPERVISOR)
    return User.objects.filter(memberships__in=seats, is_active=True).exclude(pk=relationship.therapist_id)


def owed(visitor: Visitor, records: QuerySet[M]) -> QuerySet[M]:
    """What the clinic owes, for those who may read it: a client their own; whoever hears the clinic's words.

    Never the client's own therapist, even one who leads the clinic.
    """
    if visitor.client_relationship is not None:
        own = records.filter(relationship=visitor.client_relationship)
        return own if visitor.closed_until is None else own.filter(noticed_at__gte=visitor.closed_until)
    heard = records.filter(relationship__clinic__in=clinics_listened_for(visitor))
    return heard.exclude(relationship__therapist=visitor.user) if visitor.user else records.none()


def owners_for(record: OfRelationship) -> QuerySet[User]:
    """Who may answer for something the clinic owes: those who hear its clients, but their own therapist."""
    own = Relationship.objects.filter(pk=record.relationship_id)
    roles = (Role.LEAD, Role.SAFEGUARDING)
    seats = Membership.objects.filter(clinic__in=own.values("clinic"), role__in=roles)
    people = User.objects.filter(memberships__in=seats, is_active=True).distinct()
    return people.exclude(pk__in=own.values("therapist"))


def clinic_led_by(visitor: Visitor) -> Clinic | None:
    """The clinic whose climate this person may see: the one they lead; nobody else sees any."""
    return clinics_of(visitor.user, Role.LEAD).order_by("pk").first() if visitor.user else None
