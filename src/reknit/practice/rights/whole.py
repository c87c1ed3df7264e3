"""Everything that hangs on one relationship, found by following the database's own references."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CASCADE, Model

from reknit.practice.people.models import Client, Relationship


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
