"""Everything that hangs on one relationship, found by following the database's own references."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import CASCADE, Model, QuerySet

from reknit.practice.checkins.models import CheckIn, Guess, Message
from reknit.practice.insight.models import Alert, TrustRecord
from reknit.practice.people.models import Client, Relationship
from reknit.practice.questionnaires.models import Response


@dataclass(frozen=True)
class Held:
    """The keys of the rows of one model that belong to a relationship."""

    model: type[Model]
    keys: frozenset[int]


def whole(relationship: Relationship) -> list[Held]:
    """The relationship and everything that would go with it, each model once, nearest first.

    The client comes too unless they meet somebody else as well.
    """
    found: dict[type[Model], set[int]] = {Relationship: {relationship.pk}}
    if not Relationship.objects.filter(client=relationship.client_id).exclude(pk=relationship.pk).exists():
        found[Client] = {relationship.client_id}
    return _following(found)


def said(relationship: Relationship) -> list[Held]:
    """What the client said in check-ins and questionnaires, and what was reckoned or sent because of it."""
    of_it: dict[type[Model], QuerySet[Any]] = {
        CheckIn: CheckIn.objects.filter(relationship=relationship),
        Response: Response.objects.filter(relationship=relationship),
        Guess: Guess.objects.filter(session__relationship=relationship),
        Message: Message.objects.filter(relationship=relationship),
        TrustRecord: TrustRecord.objects.filter(relationship=relationship),
        Alert: Alert.objects.filter(relationship=relationship),
    }
    return _following({model: set(rows.values_list("pk", flat=True)) for model, rows in of_it.items()})


def _following(found: dict[type[Model], set[int]]) -> list[Held]:
    """These rows, and whatever goes with them."""
    queue = list(found)
    while queue:
        parent = queue.pop(0)
        for reference in parent._meta.related_objects:
            if getattr(reference, "on_delete", None) is not CASCADE:
                continue
            child = reference.related_model
            of_these = {f"{reference.field.name}__in": found[parent]}
            keys = set(child._base_manager.filter(**of_these).values_list("pk", flat=True))
            if keys - found.get(child, set()):
                found[child] = found.get(child, set()) | keys
                queue.append(child)
    return [Held(model, frozenset(keys)) for model, keys in found.items()]
