"""Who works in a clinic and as what: invited, given a role, let go. Nobody raises themself.

A lead gives every role; an administrator those that open no clinical content beyond a person's own work.
The last lead, administrator or safeguarding person of a clinic stays until there is another.
"""

from __future__ import annotations

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from reknit.practice import clock
from reknit.practice.loop.errors import NotNow
from reknit.practice.loop.letters import tell
from reknit.practice.people import access
from reknit.practice.people.access import Visitor
from reknit.practice.people.invitations import Invitation
from reknit.practice.people.models import Clinic, Membership, Relationship, Role, User
from reknit.practice.trail import record

NEVER_NONE = (Role.LEAD, Role.ADMINISTRATOR, Role.SAFEGUARDING)


# --- Invitations ----------------------------------------------------------------------------------


@transaction.atomic
def invite(
    visitor: Visitor, clinic: Clinic, *, email: str, name: str = "", roles: Collection[str]
) -> tuple[Invitation, str]:
    """Ask somebody in; returns the invitation and the token of its link, which is kept nowhere.

    Raises:
        PermissionDenied: the visitor may not give one of these roles.
        NotNow: no role is named, or the address is invited or at work here already.
    """
    email = email.strip().lower()
    if not roles:
        raise NotNow(_("Say what they will be here."))
    _require_giver(visitor, clinic, *roles)
    if Membership.objects.filter(clinic=clinic, user__email=email).exists():
        raise NotNow(_("They work here already. Open their page to change what they are."))
    waiting = [each for each in clinic.invitations.filter(accepted_at=None, revoked_at=None) if each.is_open]
    if any(each.email == email for each in waiting):
        raise NotNow(_("They are invited already. You can send the letter again."))
    invitation = Invitation(
        clinic=clinic, email=email, name=name.strip(), roles=sorted(roles), invited_by=visitor.user
    )
    token = invitation.new_token()
    invitation.save()
    record(visitor.trail_name, "invited", f"invitation:{invitation.pk}", detail=",".join(invitation.roles))
    return invitation, token


@transaction.atomic
def invite_again(visitor: Visitor, invitation: Invitation) -> str:
    """A new link for an invitation that waits; the earlier one stops working."""
    _require_inviter(visitor, invitation)
    token = invitation.new_token()
    invitation.save(update_fields=["token_hash", "expires_at"])
    record(visitor.trail_name, "invited", f"invitation:{invitation.pk}", detail="again")
    return token


@transaction.atomic
def revoke_invitation(visitor: Visitor, invitation: Invitation) -> None:
    """Take an invitation back; its link stops working at once."""
    _require_inviter(visitor, invitation)
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    record(visitor.trail_name, "revoked", f"invitation:{invitation.pk}")


def open_invitation(token: str) -> Invitation | None:
    """The invitation behind a link; None when it is unknown, used, taken back or too old."""
    found = Invitation.objects.select_related("clinic", "invited_by").filter(
        token_hash=Invitation.hash_of(token)
    )
    invitation = found.first()
    return invitation if invitation and invitation.is_open else None


@transaction.atomic
def take_up(user: User, invitation: Invitation) -> None:
    """The person invited comes in, once.

    Raises:
        NotNow: it is for another address, was used meanwhile, or whoever invited may no longer do so.
    """
    current = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if not current.is_waiting or current.expires_at <= clock.now():
        raise NotNow(_("This invitation is no longer good. Ask for another one."))
    if current.clinic is not None:
        _require_meant(current, current.clinic, user)
        for role in current.roles:
            Membership.objects.get_or_create(user=user, clinic=current.clinic, role=role)
    current.accepted_at, current.accepted_by = clock.now(), user
    current.save(update_fields=["accepted_at", "accepted_by"])
    record(
        f"user:{user.pk}", "accepted", f"invitation:{current.pk}:clinic:{current.clinic_id or 0}",
        detail=",".join(current.roles),
    )  # fmt: skip


def _require_meant(invitation: Invitation, clinic: Clinic, user: User) -> None:
    if invitation.email != user.email:
        raise NotNow(_("This invitation is for another address. Sign out, and open the link again."))
    inviter = invitation.invited_by
    if inviter is None or not set(invitation.roles) <= access.roles_given_by(inviter, clinic):
        raise NotNow(_("Whoever invited you no longer decides this. Ask the clinic for another invitation."))


@transaction.atomic
def key_to_an_empty_house() -> str | None:
    """A link by which the first account is opened; None once there is one. An earlier one stops working."""
    if User.objects.exists():
        return None
    Invitation.objects.filter(clinic=None).delete()
    invitation = Invitation(clinic=None)
    token = invitation.new_token()
    invitation.save()
    record("system", "invited", f"invitation:{invitation.pk}", detail="first account")
    return token


# --- Roles ----------------------------------------------------------------------------------------


@transaction.atomic
def give_role(visitor: Visitor, clinic: Clinic, person: User, role: str) -> None:
    """Let somebody who works in the clinic be one thing more.

    Raises:
        PermissionDenied: the visitor may not give it, or would give it to themself.
    """
    wanted = Role(role)
    _require_giver(visitor, clinic, wanted)
    if person == visitor.user:
        raise PermissionDenied(_("Nobody gives themself a role. Somebody else has to do it."))
    if not Membership.objects.filter(clinic=clinic, user=person).exists():
        raise PermissionDenied(_("They do not work here. Invite them first."))
    _seat, new = Membership.objects.get_or_create(clinic=clinic, user=person, role=wanted)
    if new:
        record(visitor.trail_name, "gave_role", f"user:{person.pk}:clinic:{clinic.pk}", detail=wanted)
        changed = gettext_noop("At %(clinic)s you are now %(role)s as well.")
        _tell(person, changed, clinic=clinic, role=wanted.label)


@transaction.atomic
def end_role(visitor: Visitor, clinic: Clinic, person: User, role: str) -> None:
    """Somebody is this no longer, at once. One may step down oneself.

    Raises:
        PermissionDenied: the visitor may not.
        NotNow: nobody else is it, or they are the therapist of somebody whom nobody else would see.
    """
    ended = Role(role)
    if person != visitor.user:
        _require_giver(visitor, clinic, ended)
    list(Clinic.objects.select_for_update().filter(pk=clinic.pk))  # two at once must not end the last two
    seat = Membership.objects.filter(clinic=clinic, user=person, role=ended)
    if not seat.exists():
        return
    if ended in NEVER_NONE and not others(clinic, ended, person):
        raise NotNow(_("Nobody else is %(role)s here. Name another one first.") % {"role": ended.label})
    seat.delete()
    record(visitor.trail_name, "ended_role", f"user:{person.pk}:clinic:{clinic.pk}", detail=ended)
    changed = gettext_noop("At %(clinic)s you are no longer %(role)s.")
    _tell(person, changed, clinic=clinic, role=ended.label)
    if not Membership.objects.filter(user=person).exists():
        _end_sessions(person)


def others(clinic: Clinic, role: str, person: User) -> bool:
    """Whether somebody else who can sign in holds this role."""
    seats = Membership.objects.filter(clinic=clinic, role=role, user__is_active=True)
    return seats.exclude(user=person).exists()


# --- The way back in ------------------------------------------------------------------------------


@transaction.atomic
def reset_second_step(visitor: Visitor, clinic: Clinic, person: User) -> None:
    """Take somebody's codes and passkeys away, after they were lost; the password stays, every browser ends.

    Raises:
        PermissionDenied: it is oneself, or they hold a role that the visitor may not give.
    """
    _require_over(visitor, clinic, person)
    Authenticator.objects.filter(user=person).delete()
    record(visitor.trail_name, "reset_second_step", f"user:{person.pk}")
    _end_sessions(person)
    _tell(
        person,
        gettext_noop(
            "Your second step and passkeys were taken away by %(name)s, so that you can set them up anew. "
            "If you did not ask for it, speak to your clinic at once."
        ),
        name=visitor.user,
    )


@transaction.atomic
def sign_out_everywhere(visitor: Visitor, clinic: Clinic, person: User) -> None:
    """End every browser in which somebody is signed in, as when a laptop was stolen."""
    _require_over(visitor, clinic, person)
    record(visitor.trail_name, "signed_out", f"user:{person.pk}", detail="everywhere")
    _end_sessions(person)


def _tell(person: User, body: str, **parts: object) -> None:
    tell(person, body, gettext_noop("Your account at Reknit was changed"), **parts)


def _end_sessions(person: User) -> None:
    for session in UserSession.objects.filter(user=person):
        session.end()


def clients_of(person: User, clinic: Clinic) -> int:
    """How many people this therapist still meets here."""
    running = Relationship.objects.filter(therapist=person, clinic=clinic, ending="running")
    return running.count()


# --- Who may --------------------------------------------------------------------------------------


def _require_giver(visitor: Visitor, clinic: Clinic, *roles: str) -> None:
    if visitor.user is None or not set(roles) <= access.roles_given_by(visitor.user, clinic):
        raise PermissionDenied(_("Only a clinic lead may decide this."))


def _require_inviter(visitor: Visitor, invitation: Invitation) -> None:
    if invitation.clinic is None:
        raise PermissionDenied
    _require_giver(visitor, invitation.clinic, *invitation.roles)
    if not invitation.is_waiting:
        raise NotNow(_("This invitation was used or taken back."))


def _require_over(visitor: Visitor, clinic: Clinic, person: User) -> None:
    """Over somebody whose every role here one may give, never over oneself.

    So an administrator cannot take away a lead's second step and come in as them.
    """
    held = Membership.objects.filter(user=person)
    here = held.filter(clinic=clinic).values_list("role", flat=True)
    if person == visitor.user or not here:
        raise PermissionDenied
    _require_giver(visitor, clinic, *here)
