"""Being forgotten: everything about one relationship is deleted, and what is left is looked for and reported.

What stays: the trail's lines (who did what and when, numbers instead of names, needed to show that the
deletion itself was lawful), and backups made earlier, until the clinic's retention rule destroys them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import ProtectedError

from reknit.practice import clock
from reknit.practice.people.models import Client, Relationship
from reknit.practice.rights.whole import Held, said, whole
from reknit.practice.trail import entries_for_relationship, record

TRAIL_STAYS = "lines of the trail: acts, times and numbers, no words and no names"
BACKUPS_STAY = "backups made before this moment, until the clinic's retention rule destroys them"


class StillHeld(RuntimeError):
    """Something of the relationship could not be deleted, so nothing was."""


@dataclass(frozen=True)
class Erasure:
    """What an erasure did: rows deleted by kind, rows found afterwards (none), and what stays and why."""

    relationship: int
    at: str
    deleted: dict[str, int]
    left: dict[str, int]
    stays: list[str]


def erase(
    relationship: Relationship, *, actor: str = "system", reason: str = "", only_said: bool = False
) -> Erasure:
    """Delete a relationship, its client unless they meet somebody else too, and all that hangs on it.

    Args:
        actor: who ordered it, for the trail.
        reason: a short code for the trail, such as ``request`` or ``retention``.
        only_said: delete the check-ins and questionnaires alone, and what was reckoned from them.

    Raises:
        StillHeld: something refused to go; nothing was deleted.
    """
    number, held = relationship.pk, said(relationship) if only_said else whole(relationship)
    roots = {each.model for each in held} if only_said else {Relationship, Client}
    _overwrite_what_is_deleted()
    with transaction.atomic():
        try:
            for each in held:
                if each.model in roots:  # everything else goes with them
                    each.model._base_manager.filter(pk__in=each.keys).delete()
        except ProtectedError as error:
            raise StillHeld(
                f"Something refers to this relationship and must go first: {error.args[0]}"
            ) from error
        left = _still_there(held)
        if left:
            raise StillHeld(f"Not everything went: {left}")
        part = f"{reason}:said" if only_said else reason
        record(actor, "erased", f"relationship:{number}", relationship_id=number, detail=part)
    _forget_the_journal()
    deleted = {each.model._meta.label_lower: len(each.keys) for each in held if each.keys}
    trail = entries_for_relationship(number).count()
    return Erasure(number, clock.now().isoformat(), deleted, left, [f"{trail} {TRAIL_STAYS}", BACKUPS_STAY])


def _still_there(held: list[Held]) -> dict[str, int]:
    """Look for every row that was there before."""
    counts = {
        each.model._meta.label_lower: each.model._base_manager.filter(pk__in=each.keys).count()
        for each in held
    }
    return {label: count for label, count in counts.items() if count}


def _overwrite_what_is_deleted() -> None:
    """SQLite otherwise leaves deleted rows readable in the file until their pages are used again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _forget_the_journal() -> None:
    """The write-ahead journal and PostgreSQL's dead rows hold a copy until they are cleared."""
    if connection.in_atomic_block:  # the caller's own transaction has to end first
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute("VACUUM")
