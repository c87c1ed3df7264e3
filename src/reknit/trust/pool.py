"""Partial pooling: what clinics and therapists add to the starting bond of their relationships.

With S the score and I the information of a relationship's series for its starting bond, a group's effect u ~
N(0, v) has the quadratic log posterior u S - u^2 I / 2 - u^2 / (2 v), summed over its relationships. The
variance v maximises the marginal likelihood of all groups; clinics come first, therapists add to them. No
effect is a ranking: each comes shrunken and is used only as a starting point for a new relationship of the
same therapist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reknit.trust.engine import Floats, Rows

Labels = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Level:
    """One level of pooling: its groups, the group of each relationship, shrunken effects with their
    variance, the information of each group, and the variance between groups (0: no difference seen).
    """

    kind: str
    labels: Labels
    member: npt.NDArray[np.int64]
    effect: Floats
    doubt: Floats
    info: Floats
    variance: float


def levels(groups: Mapping[str, Labels], rows: Rows, scores: Floats) -> Iterator[Level]:
    """Clinics, then what therapists add to them; levels of fewer than three groups are passed over.

    ``groups`` maps "clinic" and "therapist" to one label a relationship; ``scores`` are the sessions' scores
    of `bond_mean`. The information of a relationship is the mean over all of them: its own squared scores
    would be large just where its group's effect is.
    """
    score = np.add.reduceat(scores, rows.starts[:-1])
    each = np.full(len(score), float(scores @ scores) / len(score))
    for kind in ("clinic", "therapist"):
        if kind not in groups or len(np.unique(groups[kind])) < 3:
            continue
        labels, member = np.unique(groups[kind], return_inverse=True)
        s: Floats = np.bincount(member, score).astype(np.float64)
        info: Floats = np.bincount(member, each).astype(np.float64)
        variance = _variance(s, info)
        shrink = variance / (1 + variance * info)
        effect = shrink * s
        score = score - each * effect[member]
        yield Level(kind, labels, member, effect, shrink, info, variance)


def pool(found: Iterable[Level]) -> dict[str, float]:
    """Shrunken effects on the starting bond (unit scale), with their doubt.

    Returns ``"therapist:ID" -> effect`` and ``"therapist:ID:var" -> change of the variance of the starting
    bond`` (negative: more is known); empty where the data show no difference.
    """
    effects: dict[str, float] = {}
    for level in found:
        if level.variance <= 0:
            continue
        for label, u, after in zip(
            level.labels.tolist(), level.effect.tolist(), level.doubt.tolist(), strict=True
        ):
            if label:
                effects[f"{level.kind}:{label}"] = u
                effects[f"{level.kind}:{label}:var"] = after - level.variance
    return effects


def variance_of_mean(found: Iterable[Level]) -> float:
    """What the draw of these clinics and therapists adds to the variance of the mean starting bond.

    v sum(w_g^2) for a level of variance v, w_g each group's share of the information: the variance of a
    weighted mean of random effects (Laird & Ware 1982, Biometrics 38, sec. 3).
    """
    return sum(level.variance * float(np.sum((level.info / level.info.sum()) ** 2)) for level in found)


def _variance(s: Floats, i: Floats) -> float:
    """The variance of effects that maximises sum(-log(1 + v I) + v S^2 / (1 + v I)) / 2, over a grid;
    0 if none.
    """
    grid = np.concatenate(([0.0], np.geomspace(1e-6, 0.04, 60)))
    gain = [float(np.sum(-np.log1p(v * i) + v * s * s / (1 + v * i))) for v in grid]
    return float(grid[int(np.argmax(gain))])


def known_effects(
    effects: Mapping[str, float], groups: Mapping[str, Labels]
) -> tuple[Floats | None, Floats | None]:
    """What is known of each relationship's start from its clinic and therapist:
    shift and change of variance.
    """
    move: Floats | None = None
    move_var: Floats | None = None
    for kind, labels in groups.items():
        names, member = np.unique(labels, return_inverse=True)
        shift = np.array([effects.get(f"{kind}:{name}", 0.0) for name in names])[member]
        change = np.array([effects.get(f"{kind}:{name}:var", 0.0) for name in names])[member]
        move = shift if move is None else move + shift
        move_var = change if move_var is None else move_var + change
    return move, move_var
