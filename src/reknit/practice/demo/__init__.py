"""A demonstration caseload: invented people, played through the same steps that real ones take.

The ratings come from `reknit.trust.simulate`; every session, check-in, reply and agreement goes through
`loop`, with the clock set to the day on which it happens. One relationship is a story told in full: a
client who hates journaling.
"""

from __future__ import annotations

from reknit.practice.demo import caseload, journaling, people

__all__ = ["accounts", "build"]


def build() -> None:
    """Make the demonstration's clinic, its people and their months of sessions.

    The caller gives the transaction.
    """
    therapist = people.make()
    journaling.play(therapist)
    caseload.play(therapist)


def accounts(address: str) -> list[str]:
    """Lines for the terminal: where to look and how to sign in."""
    return people.accounts(address)
