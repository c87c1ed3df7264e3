"""A therapist asks for help with one episode; the client is told; the withheld stays withheld.

And trust between the two of them is a relationship like any other: the supervisor stands in the therapist's
place, the one supervised in the client's, with the same check-ins and the same repair.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from reknit.practice import clock
from reknit.practice.checkins.models import LinkKind
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.people import issue_link
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Client, Relationship, Role, User
from reknit.practice.repairs.models import Episode
from reknit.practice.supervision.models import Remark, Share
from reknit.practice.trail import record


@transaction.atomic
def share_episode(visitor: Visitor, episode: Episode, supervisor: User, question: str) -> Share:
    """Show one episode to one supervisor. The client sees that it was shared, and with whom."""
    access.require_therapist(visitor, episode)
    if supervisor not in access.supervisors_for(visitor, episode.relationship):
        raise PermissionDenied
    if not question.strip():
        raise NotNow(_("Say what you would like help with."))
    share, _new = Share.objects.update_or_create(
        episode=episode, supervisor=supervisor, defaults={"question": question, "taken_back_at": None}
    )
    record(
        visitor.trail_name, "shared", f"episode:{episode.pk}:user:{supervisor.pk}",
        relationship_id=episode.relationship_id,
    )  # fmt: skip
    return share


@transaction.atomic
def take_share_back(visitor: Visitor, share: Share) -> None:
    """The supervisor no longer sees the episode."""
    access.require_therapist(visitor, share.episode)
    share.taken_back_at = clock.now()
    share.save(update_fields=["taken_back_at"])
    record(
        visitor.trail_name,
        "changed",
        f"share:{share.pk}:taken_back",
        relationship_id=share.episode.relationship_id,
    )


@transaction.atomic
def open_share(visitor: Visitor, share_id: int) -> Share | None:
    """A shared episode, for its therapist or supervisor.

    The supervisor's reading is on the trail. None if not theirs.
    """
    share = (
        access.shares(visitor, Share.objects.filter(pk=share_id))
        .select_related("episode__relationship")
        .first()
    )
    if share and visitor.user == share.supervisor:
        record(
            visitor.trail_name, "read_words", f"episode:{share.episode_id}",
            relationship_id=share.episode.relationship_id,
        )  # fmt: skip
    return share


@transaction.atomic
def remark(visitor: Visitor, share: Share, text: str, next_step: str = "") -> Remark:
    """Either of the two says something; the next step they agree on stands above the talk."""
    if not access.shares(visitor, Share.objects.filter(pk=share.pk)).exists() or visitor.user is None:
        raise PermissionDenied
    if next_step.strip():
        share.next_step = next_step
        share.save(update_fields=["next_step"])
    record(
        visitor.trail_name, "created", f"remark:share:{share.pk}",
        relationship_id=share.episode.relationship_id,
    )  # fmt: skip
    return Remark.objects.create(share=share, author=visitor.user, text=text)


@transaction.atomic
def begin_supervision(visitor: Visitor, supervisor: User) -> str:
    """Somebody supervised begins to say how it is for them. Returns the token of their own page.

    Begun before, it is the same relationship, and a new token.

    Raises:
        PermissionDenied: this is no supervisor of theirs.
    """
    user = visitor.user
    if user is None or not access.supervisors_around(user).filter(pk=supervisor.pk).exists():
        raise PermissionDenied
    relationship = access.supervised_in(user).filter(therapist=supervisor).first()
    if relationship is None:
        relationship = _begin(user, supervisor)
    kind = LinkKind.HOME if relationship.has_consent else LinkKind.WELCOME
    return issue_link(Visitor.client(relationship), relationship, kind)


def _begin(user: User, supervisor: User) -> Relationship:
    clinic = access.clinics_of(supervisor, Role.SUPERVISOR) & access.clinics_of(user, Role.THERAPIST)
    place = clinic.order_by("pk")[0]
    client = Client.objects.create(
        clinic=place, called=user.name or user.email, contact=user.email, time_zone=user.time_zone,
        language=user.language,
    )  # fmt: skip
    relationship = Relationship.objects.create(
        therapist=supervisor, client=client, clinic=place, supervisee=user, started_on=clock.today()
    )
    record(f"user:{user.pk}", "created", f"relationship:{relationship.pk}", relationship_id=relationship.pk)
    return relationship
