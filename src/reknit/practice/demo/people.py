"""The invented clinic, its staff accounts, and the client's own page to look at."""

from __future__ import annotations

from allauth.account.models import EmailAddress

from reknit.practice import loop
from reknit.practice.checkins.models import LinkKind
from reknit.practice.people.access import Visitor
from reknit.practice.people.models import Membership, Role, User

PASSWORD = "trust grows slowly"  # for invented people on this machine only
THERAPIST, LEAD = "therapist@demonstration.example", "lead@demonstration.example"
CRISIS = "Emergency services: 112\nSomebody to talk to, day and night: 116 123"


def make() -> User:
    """A clinic with a therapist, who is returned, and a lead who listens for the clinic."""
    therapist = _account(THERAPIST, "Robin Vale (invented)")
    lead = _account(LEAD, "Ines Hart (invented)")
    clinic = loop.open_clinic(lead, "Demonstration clinic (invented)", crisis_contacts=CRISIS)
    Membership.objects.create(user=therapist, clinic=clinic, role=Role.THERAPIST)
    for role in (Role.SAFEGUARDING, Role.SUPERVISOR):
        Membership.objects.create(user=lead, clinic=clinic, role=role)
    return therapist


def _account(email: str, name: str) -> User:
    user = User.objects.create_user(email=email, password=PASSWORD, name=name)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


def accounts(address: str) -> list[str]:
    """How to sign in, and how to look through a client's eyes.

    Each start makes a new link to the client's page.
    """
    token = _home_link()
    return [
        f"Therapist:    {address}/accounts/login/",
        f"              {THERAPIST}   password: {PASSWORD}",
        f"Clinic lead:  {LEAD}        password: {PASSWORD}",
        f"Client:       {address}/c/{token}/   (the page of the client who hates journaling)",
    ]


def _home_link() -> str:
    therapist = User.objects.get(email=THERAPIST)
    relationship = therapist.relationships.order_by("pk").first()
    assert relationship is not None
    return loop.issue_link(Visitor.client(relationship), relationship, LinkKind.HOME)
