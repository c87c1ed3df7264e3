"""Where a number becomes a question or a word. The thresholds are stated here, once."""

from __future__ import annotations

from reknit.practice.insight.estimates import Point
from reknit.trust import Recovery

RESTORED_FROM = 0.5
EXCEEDED_FROM = 0.8


def asks_for_a_look(point: Point) -> bool:
    """Whether a session gives reason for a question: p_rupture above the threshold that gives five
    false alarms per 100 quiet sessions (`reknit.trust.alarm`; docs/model.md).
    """
    return point.p_rupture > point.ask_from


def verdict(found: Recovery) -> str:
    """An episode's outcome from its probabilities against the no-event forecast.

    Exceeded, restored or not_yet.
    """
    if found.p_exceeded >= EXCEEDED_FROM:
        return "exceeded"
    return "restored" if found.p_restored >= RESTORED_FROM else "not_yet"
