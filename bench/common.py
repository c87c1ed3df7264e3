"""What the benchmark scripts share: the clock, the table and the rows they print."""

import time
from collections.abc import Callable, Sequence

import polars as pl

from reknit.trust.simulate import simulate


def best_of(run: Callable[[], object], times: int = 7) -> float:
    """Shortest of several wall-clock times in seconds, after one run that is not counted (compilation,
    caches).
    """
    run()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def once(run: Callable[[], object]) -> float:
    """Wall-clock seconds of a single run."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def check_ins(relationships: int, sessions: int, seed: int = 1) -> pl.DataFrame:
    """Weekly ratings without gaps or missing cells, so that every peer can take them: client, week,
    alliance.
    """
    table = simulate(
        relationships,
        seed,
        "foreign",
        (sessions, sessions),
        miss=-20.0,
        miss_strain=0.0,
        answered=1.0,
        leave=-30.0,
    )
    week = (pl.col("session") - 1).cast(pl.Float64)
    return table.select("client", week.alias("week"), "alliance")


def row(cells: Sequence[object]) -> None:
    """Print one row of a Markdown table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def heading(names: Sequence[str]) -> None:
    """Print the head of a Markdown table."""
    row(names)
    row(["---"] * len(names))
