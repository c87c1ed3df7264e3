"""By which invitation a browser came, while its owner opens an account."""

from __future__ import annotations

from django.http import HttpRequest

from reknit.practice.people.invitations import Invitation


def keep_invitation(request: HttpRequest, invitation: Invitation) -> None:
    """Remember, while somebody opens an account, by which invitation they come."""
    request.session["invitation"] = invitation.token_hash


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The invitation by which this browser came, as long as it is good."""
    kept = request.session.get("invitation", "")
    found = Invitation.objects.select_related("clinic").filter(token_hash=kept).first() if kept else None
    return found if found and found.is_open else None
