"""How long a clinic keeps what, and what was erased, when, and by whose yes."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock
from reknit.practice.people.models import Clinic, Relationship, User
from reknit.practice.rights.quiet import last_sign


class RetentionRule(models.Model):
    """A clinic's rule, in years after two people stopped meeting.

    An empty number keeps it until somebody asks.
    """

    clinic = models.OneToOneField(Clinic, on_delete=models.CASCADE, related_name="retention")
    said_years = models.PositiveSmallIntegerField(
        _("check-ins and questionnaires are kept for so many years"), null=True, blank=True
    )
    whole_years = models.PositiveSmallIntegerField(
        _("everything else is kept for so many years"), null=True, blank=True
    )
    law_years = models.PositiveSmallIntegerField(
        _("the law wants the record kept for so many years"), default=0
    )
    law = models.CharField(_("which law that is"), max_length=200, blank=True)
    law_covers_said = models.BooleanField(
        _("that law covers check-ins and questionnaires too"), default=False
    )
    asks_first = models.BooleanField(_("ask me before anything is erased"), default=True)

    def clean(self) -> None:
        """What is shorter than the law, or names none, is refused."""
        if self.law_years and not self.law.strip():
            raise ValidationError({"law": _("Say which law it is, so that clients can be told.")})
        shortest = {"whole_years": self.whole_years}
        if self.law_covers_said:
            shortest["said_years"] = self.said_years
        for name, years in shortest.items():
            if years is not None and years < self.law_years:
                raise ValidationError({name: _("That is shorter than the law wants.")})
        if None not in (self.said_years, self.whole_years) and self.said_years > self.whole_years:  # type: ignore[operator]
            raise ValidationError({"said_years": _("They cannot be kept longer than everything else.")})

    def law_until(self, relationship: Relationship) -> date | None:
        """The day until which the law keeps the record; None where it keeps nothing (any more).

        The years begin on the day it ended; where nobody noted that, with the last that was heard.
        """
        if not self.law_years:
            return None
        until = years_after(relationship.ended_on or last_sign(relationship), self.law_years)
        return until if until > clock.today() else None


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


class Part(models.TextChoices):
    SAID = "said", _("check-ins and questionnaires")
    WHOLE = "whole", _("everything")


class Why(models.TextChoices):
    RETENTION = "retention", _("its time is up")
    REQUEST = "request", _("the client asked for it")


class State(models.TextChoices):
    PROPOSED = "proposed", _("waiting for a yes")
    KEPT = "kept", _("kept longer")
    ERASED = "erased", _("erased")


class Erasing(models.Model):
    """One erasure: proposed, then done or put off. It outlives what it erased, so it holds numbers alone."""

    clinic = models.ForeignKey(Clinic, on_delete=models.CASCADE, related_name="erasings")
    relationship_number = models.PositiveBigIntegerField()
    part = models.CharField(max_length=8, choices=Part.choices)
    why = models.CharField(max_length=12, choices=Why.choices)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField(default=clock.now)
    keep_until = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["relationship_number", "part", "why"],
                condition=models.Q(state="proposed"),
                name="one_proposal_at_a_time",
            )
        ]

    @property
    def relationship(self) -> Relationship | None:
        """What it is about, as long as it is there."""
        found = Relationship.objects.select_related("client", "therapist", "clinic")
        return found.filter(pk=self.relationship_number).first()
