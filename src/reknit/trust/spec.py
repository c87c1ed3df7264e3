"""The parameters of the trust model: one declaration that feeds defaults, transforms,
priors and documentation.

Every parameter is in scale-free units: ratings are mapped from their scale ``(lo, hi)`` to ``(0, 1)``, so a
level of 0.7 is 7 on 0..10, and time is counted in weeks. A fit moves on the free scale of ``TO_FREE`` and is
held by a weak normal prior there, centred on the default, so that a channel that is absent keeps its
parameters where they are.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spec:
    """One parameter: its default (natural scale), transform to the free scale, prior sd there,
    and what it is.
    """

    name: str
    default: float
    kind: str  # real, positive, share (0..1), corr (-1..1), above1 (1..inf)
    prior_sd: float
    channel: str  # the channel without which it cannot be learned
    doc: str


SPECS: tuple[Spec, ...] = (
    # the bond
    Spec("bond_mean", 0.70, "real", 1.0, "rating", "mean bond at the first session"),
    Spec("bond_sd", 0.16, "positive", 1.0, "rating", "sd of the bond between relationships at the start"),
    Spec("growth_mean", 0.010, "real", 0.1, "rating", "mean growth of the bond per week at the start"),
    Spec("growth_sd", 0.010, "positive", 1.5, "rating", "sd of that growth between relationships"),
    Spec("growth_corr", -0.2, "corr", 0.7, "rating", "correlation of starting bond and growth"),
    Spec("growth_weeks", 8.0, "positive", 1.0, "rating", "weeks after which growth has halved"),
    Spec("walk_sd", 0.015, "positive", 1.0, "rating", "sd of the bond's own wandering over one week"),
    # the passing state
    Spec("state_sd", 0.05, "positive", 1.0, "rating", "sd of the passing state"),
    Spec("state_weeks", 1.5, "positive", 0.1, "rating", "its relaxation time in weeks"),
    # strain and modes
    Spec("strain_keep", 0.85, "share", 1.0, "rating", "share of the strain left after a week without repair"),
    Spec(
        "jump_mean",
        0.20,
        "positive",
        0.6,
        "rating",
        "strain that a rupture adds: mean of a normal, cut at 0",
    ),
    Spec("jump_sd", 0.08, "positive", 0.7, "rating", "strain that a rupture adds: sd of that normal"),
    Spec("repair_keep", 0.35, "share", 1.0, "rating", "share of the strain left by a repair"),
    Spec("repair_gain", 0.0, "real", 1.0, "rating", "share of the strain that a repair adds to the bond"),
    Spec("rupture_rate", 0.06, "share", 1.0, "rating", "probability of a rupture at an ordinary session"),
    Spec("rupture_again", 0.10, "share", 1.0, "rating", "probability of a rupture right after a rupture"),
    Spec("rupture_late", 0.05, "share", 1.0, "rating", "probability of a rupture right after a repair"),
    Spec("rupture_first", 0.03, "share", 1.0, "rating", "probability of a rupture at the first session"),
    Spec(
        "repair_rate", 0.25, "share", 1.0, "rating", "probability of a repair at a session that finds strain"
    ),
    # the client's rating
    Spec("rating_sd", 0.05, "positive", 0.3, "rating", "sd of a rating about trust, away from the ends"),
    Spec("items", 5.0, "above1", 1.0, "rating", "effective number of items behind a rating"),
    Spec("outlier_share", 0.03, "share", 1.0, "rating", "share of ratings that are outliers"),
    Spec("outlier_factor", 3.0, "above1", 0.7, "rating", "sd of an outlier in units of rating_sd"),
    Spec("style_weight", 30.0, "positive", 1.5, "rating", "ratings that the population's noise is worth"),
    Spec("style_memory", 0.99, "share", 1.5, "rating", "memory per rating of a person's own noise"),
    Spec("haste_factor", 2.0, "above1", 0.7, "care", "sd of a careless answer in units of rating_sd"),
    # the client's report of a difficulty
    Spec("said_calm", 0.10, "share", 1.0, "difficulty", "P(a difficulty is reported | nothing happened)"),
    Spec("said_rupture", 0.60, "share", 1.0, "difficulty", "P(a difficulty is reported | rupture)"),
    Spec("said_strain", 0.25, "share", 1.0, "difficulty", "P(a difficulty is reported | old strain)"),
    Spec(
        "yes_calm",
        0.25,
        "share",
        1.0,
        "difficulty",
        "P(yes rather than a little | reported, nothing happened)",
    ),
    Spec(
        "yes_hurt",
        0.50,
        "share",
        1.0,
        "difficulty",
        "P(yes rather than a little | reported, rupture or strain)",
    ),
    # attendance
    Spec("missed_calm", 0.08, "share", 1.0, "attended", "P(session missed | no strain)"),
    Spec("missed_strain", 0.20, "share", 1.0, "attended", "P(session missed | strain)"),
    Spec(
        "missed_share",
        0.05,
        "share",
        1.5,
        "attended",
        "rate of ruptures at a missed session over the usual one",
    ),
    # the therapist's record of a repair
    Spec("record_calm", 0.04, "share", 1.0, "repair", "P(a repair is recorded | none took place)"),
    Spec("record_repair", 0.60, "share", 1.0, "repair", "P(a repair is recorded | repair)"),
    Spec("confirm_calm", 0.30, "share", 1.0, "repair", "P(confirmed | recorded, none took place)"),
    Spec("confirm_repair", 0.60, "share", 1.0, "repair", "P(confirmed | recorded, repair)"),
    # the therapist as a witness
    Spec(
        "therapist_level",
        0.35,
        "real",
        1.0,
        "therapist_rating",
        "mean level of the therapist's rating at trust 0",
    ),
    Spec("therapist_level_sd", 0.12, "positive", 1.0, "therapist_rating", "sd of that level"),
    Spec("therapist_slope", 0.5, "real", 0.7, "therapist_rating", "therapist's rating per unit of trust"),
    Spec(
        "therapist_strain",
        0.4,
        "real",
        0.5,
        "therapist_rating",
        "fall of the therapist's rating per unit of strain",
    ),
    Spec("therapist_sd", 0.10, "positive", 1.0, "therapist_rating", "sd of the therapist's rating"),
    Spec(
        "guess_level", 0.30, "real", 1.0, "therapist_guess", "mean level of the therapist's guess at trust 0"
    ),
    Spec("guess_level_sd", 0.10, "positive", 1.0, "therapist_guess", "sd of that level"),
    Spec("guess_slope", 0.6, "real", 0.7, "therapist_guess", "therapist's guess per unit of trust"),
    Spec(
        "guess_strain",
        0.4,
        "real",
        0.5,
        "therapist_guess",
        "fall of the therapist's guess per unit of strain",
    ),
    Spec("guess_sd", 0.10, "positive", 1.0, "therapist_guess", "sd of the therapist's guess"),
    # leaving
    Spec("leave_base", -3.0, "real", 2.0, "ended", "log-odds of leaving at trust 0 without strain"),
    Spec("leave_strain", 3.0, "real", 3.0, "ended", "change of the log-odds per unit of strain"),
    Spec("leave_trust", -1.0, "real", 2.0, "ended", "change of the log-odds per unit of trust"),
    Spec("leave_missed", 0.7, "real", 1.0, "ended", "change of the log-odds after a missed session"),
    # conventions and calibration: set, not fitted by likelihood
    Spec("strain_size", 0.10, "positive", 0.0, "none", "strain of a size that matters"),
    Spec(
        "scale_use",
        0.145,
        "positive",
        0.0,
        "none",
        "log-sd between people in how far from the middle they answer",
    ),
    Spec(
        "strain_shown",
        0.25,
        "positive",
        0.0,
        "none",
        "sd between people in the strain that ratings show",
    ),
    Spec("strain_sd", 0.02, "positive", 0.0, "none", "sd of strain about its decay, in the long run"),
    Spec("rating_step", 0.02, "positive", 0.0, "none", "step between neighbouring possible ratings"),
    Spec("witness_step", 0.1, "positive", 0.0, "none", "step between the therapist's possible numbers"),
    Spec("usual_gap", 1.0, "positive", 0.0, "none", "weeks to the next session before any gap is known"),
    Spec("interval_factor", 1.0, "positive", 0.0, "none", "factor on the sd behind the intervals of trust"),
    # the forecast of the next rating: a weighted mean with a plain level, its sd recalibrated
    Spec("simple_mean", 0.70, "real", 0.0, "none", "plain level: mean of the first rating"),
    Spec("simple_spread", 0.17, "positive", 0.0, "none", "plain level: sd between people at the start"),
    Spec("simple_slope", 0.0, "real", 0.0, "none", "plain level: mean slope per week"),
    Spec(
        "simple_slope_sd",
        0.001,
        "positive",
        0.0,
        "none",
        "plain level: sd of the slope between people",
    ),
    Spec("simple_corr", 0.0, "corr", 0.0, "none", "plain level: correlation of start and slope"),
    Spec("simple_walk", 0.03, "positive", 0.0, "none", "plain level: sd of its wandering over one week"),
    Spec("simple_noise", 0.08, "positive", 0.0, "none", "plain level: sd of a rating about the level"),
    Spec("forecast_weight", 1.0, "real", 0.0, "none", "weight of the trust model in the forecast's mean"),
    Spec("forecast_factor", 1.0, "positive", 0.0, "none", "factor on the sd of the forecast"),
    Spec("forecast_power", 1.0, "real", 0.0, "none", "power of the model's sd in that of the forecast"),
    Spec("forecast_plain", 0.0, "real", 0.0, "none", "power of the plain level's sd in that of the forecast"),
)

NAMES: tuple[str, ...] = tuple(spec.name for spec in SPECS)
INDEX: dict[str, int] = {name: i for i, name in enumerate(NAMES)}


def _logit(p: float) -> float:
    p = min(max(p, 1e-9), 1 - 1e-9)
    return math.log(p / (1 - p))


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-min(max(x, -30.0), 30.0)))


def _exp(x: float) -> float:
    return math.exp(min(max(x, -30.0), 30.0))


LIMITS = {"real": "any", "positive": "> 0", "share": "0 to 1", "corr": "-1 to 1", "above1": "> 1"}
TO_FREE: dict[str, Callable[[float], float]] = {
    "real": lambda v: v,
    "positive": lambda v: math.log(max(v, 1e-12)),
    "share": _logit,
    "corr": lambda v: math.atanh(min(max(v, -0.999), 0.999)),
    "above1": lambda v: math.log(max(v - 1, 1e-9)),
}
TO_NATURAL: dict[str, Callable[[float], float]] = {
    "real": lambda x: x,
    "positive": _exp,
    "share": _expit,
    "corr": lambda x: 0.98 * math.tanh(x),
    "above1": lambda x: 1 + _exp(x),
}


def rupture_moments(mean: float, sd: float) -> tuple[float, float]:
    """Mean and variance of N(mean, sd^2) above zero: the strain that a rupture adds."""
    z = mean / max(sd, 1e-9)
    pull = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(-z / math.sqrt(2)))
    return mean + sd * pull, sd * sd * (1 - pull * (pull + z))


def to_free(name: str, value: float) -> float:
    """The free-scale coordinate of a natural parameter value."""
    return TO_FREE[SPECS[INDEX[name]].kind](value)


def to_natural(name: str, x: float) -> float:
    """The natural value at a free-scale coordinate."""
    return TO_NATURAL[SPECS[INDEX[name]].kind](x)


def reference() -> str:
    """The table of all parameters in docs/model.md."""
    rows = [
        f"| `{spec.name}` | {spec.default:g} | {LIMITS[spec.kind]} | {spec.channel} | {spec.doc} |"
        for spec in SPECS
    ]
    head = ["| name | shipped | range | learned from | what it is |", "|---|---:|---|---|---|"]
    return "\n".join([*head, *rows])


if __name__ == "__main__":
    print(reference())
