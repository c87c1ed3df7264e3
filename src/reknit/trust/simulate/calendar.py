"""When sessions take place, and who sees whom: the part of a simulated world that no model explains."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

GAPS_WEEKS = np.array([1.0, 0.5, 2.0, 4.0])
GAP_SHARES = np.array([0.78, 0.06, 0.13, 0.03])
CLIENTS_PER_THERAPIST = 12
THERAPISTS_PER_CLINIC = 8


@dataclass(frozen=True)
class Calendar:
    """Planned sessions of N relationships over at most T sessions.

    `planned` (N,) sessions planned; `week` (T, N) weeks since the first session; `gap` (T, N) weeks since the
    session before (0 at the first); `therapist` and `clinic` (N,) whole-number identifiers.
    """

    planned: Ints
    week: Floats
    gap: Floats
    therapist: Ints
    clinic: Ints


def plan(rng: np.random.Generator, relationships: int, sessions: tuple[int, int]) -> Calendar:
    """Draw a calendar: `sessions` is the smallest and largest number of planned sessions (both included)."""
    low, high = sessions
    if relationships < 1 or low < 1 or high < low:
        raise ValueError(f"need relationships >= 1 and 1 <= low <= high, got {relationships}, {sessions}")
    gap = rng.choice(GAPS_WEEKS, size=(high, relationships), p=GAP_SHARES)
    gap[0] = 0.0
    therapists = max(1, relationships // CLIENTS_PER_THERAPIST)
    clinics = max(1, therapists // THERAPISTS_PER_CLINIC)
    clinic_of_therapist = rng.integers(clinics, size=therapists)
    therapist = rng.integers(therapists, size=relationships)
    return Calendar(
        planned=rng.integers(low, high + 1, size=relationships),
        week=np.cumsum(gap, axis=0),
        gap=gap,
        therapist=therapist,
        clinic=clinic_of_therapist[therapist],
    )
