"""What the lagged models of trust find in simulated clinics where it is known what there is to find.

Prints Markdown rows: how often the joint interval holds the truth, how often a true effect is claimed, bias
in standard errors; then clinics in which trust buys nothing, with every confounder left in, and how many of
them are told of any effect. Seeds from 900,000 on are for the report; develop with smaller ones.

    python bench/buys.py [--runs 100] [--nulls 400] [--relationships 300] [--first-seed 900000]
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from common import heading, row
from scipy import stats

from reknit.cohort.buys import SCALE_DOUBT, Effect, buys
from reknit.cohort.clinics import clinic
from reknit.cohort.friction import OUTCOMES, with_trust


def trial(seed: int, relationships: int, null: bool) -> tuple[list[Effect], dict[str, float]]:
    """One clinic and what is found in it."""
    made = clinic(relationships, seed, effects={} if null else None)
    return buys(with_trust(made.table)), made.truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--nulls", type=int, default=400)
    parser.add_argument("--relationships", type=int, default=300)
    parser.add_argument("--first-seed", type=int, default=900_000)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    start = time.perf_counter()
    first, size = asked.first_seed, asked.relationships
    with ProcessPoolExecutor(asked.workers) as pool:
        seeds = range(first, first + asked.runs)
        known = list(pool.map(trial, seeds, [size] * asked.runs, [False] * asked.runs))
        nulls = range(first + asked.runs, first + asked.runs + asked.nulls)
        none = list(pool.map(trial, nulls, [size] * asked.nulls, [True] * asked.nulls))
    effects(known)
    claims(none)
    print(f"\n{size} relationships a clinic, {time.perf_counter() - start:.0f} s")


def effects(known: list[tuple[list[Effect], dict[str, float]]]) -> None:
    """Coverage, power and bias for each outcome, and the joint statement."""
    heading(["outcome", "true effect", "mean estimate", "mean bias / se", "95 % interval holds it",
             "joint interval holds it", "claimed", "clinics with enough"])  # fmt: skip
    joint = np.ones(len(known), bool)
    for place, outcome in enumerate(OUTCOMES):
        found = [(run, effects[place], truth[outcome.name]) for run, (effects, truth) in enumerate(known)]
        enough = [(run, e, t) for run, e, t in found if e.is_enough]
        if not enough:
            row([outcome.name, "", "", "", "", "", "", 0])
            continue
        gone = np.array(
            [(e.estimate - t) / np.hypot(e.se, SCALE_DOUBT * e.estimate) for _run, e, t in enough]
        )
        reach = np.array([stats.t.ppf(0.975, e.relationships - 1) for _run, e, _t in enough])
        held = np.array([e.lo <= t <= e.hi for _run, e, t in enough])
        joint[[run for run, _e, _t in enough]] &= held
        row([
            outcome.name, f"{np.mean([t for *_x, t in enough]):+.4f}",
            f"{np.mean([e.estimate for _r, e, _t in enough]):+.4f}", f"{gone.mean():+.2f}",
            f"{np.mean(np.abs(gone) < reach):.0%}", f"{held.mean():.0%}",
            f"{np.mean([e.is_claimed for _r, e, _t in enough]):.0%}", len(enough),
        ])  # fmt: skip
    print(f"\nAll joint intervals hold at once in {joint.mean():.0%} of {len(known)} clinics.\n")


def claims(none: list[tuple[list[Effect], dict[str, float]]]) -> None:
    """Clinics in which trust buys nothing: how many are told that it does."""
    if not none:
        return
    any_claim = np.array([any(e.is_claimed for e in effects) for effects, _truth in none])
    lo, hi = stats.binomtest(int(any_claim.sum()), len(none)).proportion_ci(0.95)
    print(
        f"Where trust buys nothing, {any_claim.sum()} of {len(none)} clinics ({any_claim.mean():.1%}, "
        f"95 % interval {lo:.1%} to {hi:.1%}) are told of any effect."
    )
    for place, outcome in enumerate(OUTCOMES):
        wrong = np.mean([effects[place].is_claimed for effects, _truth in none])
        print(f"- {outcome.name}: {wrong:.1%}")


if __name__ == "__main__":
    main()
