"""A sentence of a reply read by meaning: defensive, acknowledging or ordinary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray


def probabilities(sentences: Sequence[str]) -> NDArray[np.float64] | None:
    """Probabilities of shape (n, 3): defensive, acknowledging, ordinary; None where no model is installed."""
    return None


def decide(p: tuple[float, ...]) -> Literal["defensive", "acknowledging", "ordinary", "unclear"]:
    """The reading of one sentence, or "unclear"."""
    return "unclear"


def veto() -> float:
    """Below this probability of defensiveness, marked words are let pass."""
    return 0.0


def nearest_code(sentence: str) -> str:
    """The code of the remark that fits a defensive sentence best."""
    return "defending.intention"
