"""Evidence from the model of meaning for a pair of learning and homework."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PairEvidence:
    """Features of shape (pairs, k), and for each pair the demands read on both sides, strongest first."""

    features: NDArray[np.float64]
    shared: list[tuple[str, ...]]


def pair_evidence(rows: Sequence[tuple[str, str]]) -> PairEvidence | None:
    """Evidence for (learning, homework) pairs, or None where no model is installed."""
    return None
