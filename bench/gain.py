"""The repair gain over many runs: does its 95 % interval cover zero where repairs add nothing, and
leave zero out where they add a quarter of the depth to the bond?

    python gain.py [--runs 18] [--seed 77000000]

One run: a null of 300 relationships in each of the report's foreign worlds and three of the model's own; in
every third run also fits of 2,000 relationships with a gain of .25, in a third of the worlds and the model;
in the first three runs also nulls of 2,000 relationships, and of 600 with all channels. Prints a row a kind.
"""

import argparse
from collections.abc import Iterator

import polars as pl

import reknit
from reknit.cohort.evaluation.recovery import GAIN_COLUMNS, Case, gains_repeated, table_of
from reknit.cohort.evaluation.worlds import REPORT_WORLDS, seen_by

Job = tuple[str, Case, int, bool]  # kind, case, seed, all channels


def jobs(runs: int, seed: int) -> Iterator[Job]:
    """Every fit, in the order in which they are run."""
    for run in range(runs):
        for i, (name, world) in enumerate(REPORT_WORLDS.items()):
            at = 1000 * i + run
            yield "foreign, no gain", Case(name, world, 0.0, 300, 1), seed + at, False
            if run % 3 == 0 and i % 3 == run // 3 % 3:
                yield "foreign, gain .25", Case(name, world, 0.25, 2000, 1), seed + 200_000 + at, False
            if run < 3:
                yield "foreign, no gain", Case(name, world, 0.0, 2000, 1), seed + 400_000 + at, False
                yield "foreign, no gain, all", Case(name, world, 0.0, 600, 1), seed + 600_000 + at, True
        for j in range(3):
            yield "own, no gain", Case("own", None, 0.0, 300, 1), seed + 100_000 + 3 * run + j, False
            if run < 3:
                yield "own, no gain", Case("own", None, 0.0, 2000, 1), seed + 700_000 + 10 * run + j, False
        if run % 3 == 0:
            yield "own, gain .25", Case("own", None, 0.25, 2000, 1), seed + 300_000 + run, False


def fitted(job: Job) -> tuple[str, int, float, float, float, float]:
    """One fit: kind, relationships, true gain, what was found, and its interval."""
    kind, case, seed, all_channels = job
    table = table_of(case, seed)
    found = reknit.fit(seen_by(table, True) if all_channels else table.select(GAIN_COLUMNS))
    return kind, case.relationships, case.gain, found.repair_gain, *found.interval("repair_gain")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=18)
    parser.add_argument("--seed", type=int, default=77_000_000)
    told = parser.parse_args()
    schema = ["world", "relationships", "true gain", "fitted", "low", "high"]
    rows = [fitted(job) for job in jobs(told.runs, told.seed)]
    found = gains_repeated(pl.DataFrame(rows, schema=schema, orient="row")).sort("world", "relationships")
    for row in found.iter_rows():
        print("|", " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row), "|")


if __name__ == "__main__":
    main()
