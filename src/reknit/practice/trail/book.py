"""Writing the trail, checking it, and reading a relationship's part of it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, models, transaction

from reknit.practice import clock
from reknit.practice.prepared import Prepared, insert
from reknit.practice.trail.models import Chain, Entry
from reknit.practice.vault.rings import sealing_key

HOUSE = "house"
OPENED = "opened_chain"

_HELD = Prepared(lambda name: Chain.objects.select_for_update().filter(pk=name), str)
_HEAD = Prepared(lambda name: Chain.objects.filter(pk=name).values_list("head", flat=True), str)
_GROWN = "UPDATE trail_chain SET length = %s, head = %s WHERE name = %s"


@dataclass(frozen=True)
class Broken:
    """A place where the trail no longer holds: the chain, the entry's number there, and what is wrong."""

    chain: str
    number: int
    why: str


def record(
    actor: str, verb: str, subject: str, *, relationship_id: int | None = None, detail: str = ""
) -> Entry:
    """Add one line to the trail, in the caller's transaction.

    Args:
        actor: who did it, as kind and number: ``user:3``, ``client:12``, or ``system``.
        verb: what was done, such as ``read_words``, ``created``, ``changed``, ``shared``.
        subject: to what, as kind and number: ``checkin:12``.
        relationship_id: whose chain it belongs to; without it the line goes to the house's own.
        detail: a code or count that explains it. Never a name, an address, or anything somebody wrote.

    Returns:
        the stored entry, sealed and numbered.
    """
    name = HOUSE if relationship_id is None else chain_of(relationship_id)
    with transaction.atomic(savepoint=False):
        chain = _locked(name)
        entry = Entry(
            chain=chain,
            number=chain.length + 1,
            relationship_id=relationship_id,
            at=clock.now(),
            actor=actor,
            verb=verb,
            subject=subject,
            detail=detail,
            previous=chain.head,
        )
        entry.seal = seal(entry)
        insert([entry])
        with connection.cursor() as cursor:
            cursor.execute(_GROWN, [entry.number, entry.seal, name])
    return entry


def chain_of(relationship_id: int) -> str:
    """The name of a relationship's chain."""
    return f"relationship:{relationship_id}"


def head_of(relationship_id: int) -> str:
    """The seal of a relationship's last line, "" before the first: while it stands, nothing has changed."""
    return _HEAD.first(chain_of(relationship_id)) or ""


def _locked(name: str) -> Chain:
    """The chain's row, held until the transaction ends, so that no two writers take the same number."""
    chain: Chain | None = _HELD.first(name)
    if chain is None:
        if name != HOUSE:  # the house notes every chain that was opened, so that a vanished one shows
            record("system", OPENED, name)
        Chain.objects.bulk_create([Chain(name=name)], ignore_conflicts=True)
        chain = Chain.objects.select_for_update().get(pk=name)
    return chain


def seal(entry: Entry) -> str:
    """The keyed hash (HMAC-SHA-256, hexadecimal) over an entry's contents and the seal before it."""
    line = [
        entry.chain_id,
        entry.number,
        entry.relationship_id,
        _utc(entry.at),
        entry.actor,
        entry.verb,
        entry.subject,
        entry.detail,
        entry.previous,
    ]
    return hmac.new(sealing_key(), json.dumps(line).encode("ascii"), "sha256").hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def verify(using: str = "default") -> list[Broken]:
    """Walk every chain from its first entry; return each place where it does not hold (none is good)."""
    chains = {chain.name: chain for chain in Chain.objects.using(using).order_by("name")}
    opened = set(
        Entry.objects.using(using).filter(chain=HOUSE, verb=OPENED).values_list("subject", flat=True)
    )
    broken = [Broken(name, 1, "the whole chain is gone") for name in sorted(opened - chains.keys())]
    for chain in chains.values():
        broken.extend(_walk(chain, using))
    return broken


def _walk(chain: Chain, using: str) -> Iterator[Broken]:
    number, head = 0, ""
    for entry in Entry.objects.using(using).filter(chain=chain).order_by("number").iterator(chunk_size=2000):
        if entry.number != number + 1:
            yield Broken(chain.name, number + 1, f"missing before entry {entry.number}")
        elif entry.previous != head:
            yield Broken(chain.name, entry.number, "does not follow from the entry before it")
        if not hmac.compare_digest(entry.seal, seal(entry)):
            yield Broken(chain.name, entry.number, "was altered after it was written")
        number, head = entry.number, entry.seal
    if (number, head) != (chain.length, chain.head):
        yield Broken(chain.name, number + 1, f"the chain should end at entry {chain.length}")


def entries_for_relationship(relationship_id: int) -> models.QuerySet[Entry]:
    """A relationship's part of the trail, newest first: what its client may see of who read and did what."""
    return Entry.objects.filter(chain=chain_of(relationship_id)).order_by("-number")
