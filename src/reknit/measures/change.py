"""Change against reliable change: how far a score moved, and whether that is more than its own noise.

Jacobson & Truax 1991, J Consult Clin Psychol 59:12-19: a change is reliable when it exceeds what the
measure's own unreliability would give. The number of points comes from the measure's file, with its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reknit.measures.model import Score


class Direction(StrEnum):
    """What a change means for the client."""

    BETTER = "better"
    WORSE = "worse"
    NOT_SURE = "not_sure"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Change:
    """From the first score to the latest, in points.

    `needed` is the reliable change, None where none is published.
    """

    first: float
    latest: float
    needed: float | None
    direction: Direction

    @property
    def points(self) -> float:
        return self.latest - self.first


def change(score: Score, first: float, latest: float) -> Change:
    """Compare two scores of the same kind. A move of exactly the reliable change counts as reliable."""
    if score.reliable_change is None or score.higher_is == "neither":
        return Change(first, latest, None, Direction.UNKNOWN)
    needed, moved = score.reliable_change.value, latest - first
    if abs(moved) < needed:
        direction = Direction.NOT_SURE
    else:
        direction = Direction.BETTER if (moved > 0) is (score.higher_is == "better") else Direction.WORSE
    return Change(first, latest, needed, direction)


def crossed_cutoff(score: Score, first: float, latest: float) -> bool:
    """Whether the score left the clinical side of the published cut-off."""
    if score.cutoff is None:
        return False
    at = score.cutoff.value
    if score.higher_is == "worse":
        return first >= at > latest
    return first < at <= latest
