"""Who may see an answer: the words for it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """Who may see an answer. The client chooses, and may widen it later; nobody else can."""

    THERAPIST_NOW = "therapist_now", _("my therapist, now")
    IN_THE_ROOM = "in_the_room", _("my therapist, once I am in the room")
    CLINIC = "clinic", _("only the clinic")
    ONLY_ME = "only_me", _("only me")

    @property
    def reach(self) -> int:
        """How wide it is; an audience may only grow."""
        return REACH.index(self)


REACH = [Audience.ONLY_ME, Audience.CLINIC, Audience.IN_THE_ROOM, Audience.THERAPIST_NOW]
