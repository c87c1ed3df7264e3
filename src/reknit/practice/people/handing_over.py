"""A client moves from one therapist to another: who says what, what goes along, and from when."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from reknit.practice import clock


class HandOverState(models.TextChoices):
    """Where it stands. Only the client's yes opens a relationship with somebody new."""

    ASKED = "asked", _("the client is asked")
    AGREED = "agreed", _("the client said yes")
    DECLINED = "declined", _("the client said no")
    CALLED_OFF = "called_off", _("called off")


class WordsAlong(models.TextChoices):
    """Which of the client's words the new therapist may read; what was for nobody else never goes."""

    NONE = "none", _("none of them")
    SAID_OPENLY = "said_openly", _("what I said to my therapist at once")
    ROOM_TOO = "room_too", _("that, and what I kept for the room")


class HandOver(models.Model):
    """One relationship on its way from one therapist to another.

    On `ends_on` the old therapist's access ends, whatever the client answers; silence takes nothing along.
    """

    relationship = models.ForeignKey(
        "people.Relationship", on_delete=models.CASCADE, related_name="hand_overs"
    )
    to = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="hand_overs_to")
    started_by = models.ForeignKey("people.User", null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(default=clock.now)
    ends_on = models.DateField(_("last day of the present therapist"))
    state = models.CharField(max_length=12, choices=HandOverState.choices, default=HandOverState.ASKED)
    answered_at = models.DateTimeField(null=True, blank=True)
    with_learnings = models.BooleanField(_("what was learned and agreed to"), default=False)
    with_episodes = models.BooleanField(_("difficulties and how they were mended"), default=False)
    words = models.CharField(max_length=12, choices=WordsAlong.choices, default=WordsAlong.NONE)
    new = models.OneToOneField(
        "people.Relationship", null=True, on_delete=models.SET_NULL, related_name="came_by"
    )

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["relationship"],
                condition=models.Q(state="asked"),
                name="one_hand_over_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"hand-over {self.pk}"
