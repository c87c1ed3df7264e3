"""One session of a trust curve."""

from __future__ import annotations

from dataclasses import dataclass

LIKELY = 0.5
"""An event is named once it is more likely than not."""


@dataclass(frozen=True)
class Point:
    """One session of the curve.

    Args:
        week: weeks since the start, a finite number; the horizontal place.
        label: what stands under the axis, such as a session number or a date.
        rating: the client's rating on the scale, or None where there is none.
        trust, lo80, hi80, lo95, hi95: the estimate and its intervals on the same scale.
        p_rupture, p_repair: probabilities in [0, 1] that such an event happened at this session.
        event: ``"difficulty"`` (the client said so), ``"rupture"``, ``"repair"``, ``"exceeded"`` or
            None; None leaves it to the probabilities.
        name: how a sentence speaks of it, such as ``"week 3"``; by default "session" and the label if that is
            a number, else the label.
    """

    week: float
    label: str
    rating: float | None
    trust: float
    lo80: float
    hi80: float
    lo95: float
    hi95: float
    p_rupture: float = 0.0
    p_repair: float = 0.0
    event: str | None = None
    name: str = ""

    @property
    def named(self) -> str | None:
        """The event drawn at this session, given or more likely than not."""
        if self.event:
            return self.event
        if self.p_rupture >= LIKELY and self.p_rupture >= self.p_repair:
            return "rupture"
        return "repair" if self.p_repair >= LIKELY else None
