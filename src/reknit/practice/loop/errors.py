"""What the loop says when something cannot be done now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reknit.practice.insight.words import Clash


class NotNow(Exception):
    """The state of things does not allow this step; the message says why, in the reader's language."""


class Clashes(NotNow):
    """Homework touches what was learned and no reason was given for proposing it all the same."""

    def __init__(self, message: str, clashes: list[Clash]) -> None:
        super().__init__(message)
        self.clashes = clashes
