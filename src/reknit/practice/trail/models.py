"""Two tables: the lines of the trail, and where each chain of lines stands."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(PermissionError):
    """Someone tried to change or remove a line of the trail."""


class Chain(models.Model):
    """One chain of entries: ``house``, or one per relationship, so that no two wait for each other.

    It remembers its length and last seal, so that cutting off the end shows too.
    """

    name = models.CharField(max_length=40, primary_key=True)
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("trail chain")
        verbose_name_plural = _("trail chains")

    def __str__(self) -> str:
        return f"{self.name} ({self.length})"


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads and inserts only."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("entries of the trail are never changed")

    def delete(self) -> NoReturn:
        raise AppendOnly("entries of the trail are never removed")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("entries of the trail are never changed")


class Entry(models.Model):
    """One line: ``actor`` (``user:3``, ``client:12``, ``system``) did ``verb`` to ``subject`` (``reply:4``).

    ``seal`` is a keyed hash over the line and the seal before it; the key is kept outside the database.
    """

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveBigIntegerField()
    relationship_id = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    detail = models.CharField(max_length=200, blank=True, default="")
    previous = models.CharField(max_length=64, blank=True, default="")
    seal = models.CharField(max_length=64)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["chain", "number"]
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail entries")
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="trail_one_entry_per_number")]

    def __str__(self) -> str:
        return f"{self.chain_id} #{self.number}: {self.actor} {self.verb} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("entries of the trail are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("entries of the trail are never removed")
