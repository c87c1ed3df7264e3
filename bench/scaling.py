"""From ten thousand to ten million check-ins: time per check-in, table in and table out, and peak memory.

    python bench/scaling.py [--most 10000000] [--fit] [--shuffled]

Every size runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import resource
import subprocess
import sys

from common import best_of, heading, once, row

SESSIONS = 12


def measure(size: int, fitting: bool, shuffled: bool) -> dict[str, float]:
    """Seconds and peak memory of one size, in this process; the table is twelve channels wide."""
    from reknit.trust.fit import fit
    from reknit.trust.simulate import simulate
    from reknit.trust.table import estimate

    block = simulate(
        max(1, min(size, 1_000_000) // SESSIONS), 1, "foreign", (SESSIONS, SESSIONS), leave=-30.0
    )
    table = repeated(block.select(name for name in block.columns if not name.startswith("true_")), size)
    if shuffled:
        table = table.sample(fraction=1.0, shuffle=True, seed=1)
    before = peak()
    taken = best_of(lambda: estimate(table), 1 if size > 2_000_000 else 3)
    found = {"rows": table.height, "seconds": taken, "table": before, "peak": peak()}
    if fitting:
        found["fit"] = once(lambda: fit(table))
    return found


def repeated(block, size: int):  # type: ignore[no-untyped-def]
    """The block over and over with new clients, until it has about `size` rows."""
    import polars as pl

    copies = max(1, round(size / block.height))
    clients = block["client"].max() + 1
    return pl.concat([block.with_columns(pl.col("client") + i * clients) for i in range(copies)]).rechunk()


def peak() -> float:
    """Peak resident memory of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=10_000_000)
    parser.add_argument("--fit", action="store_true", help="also fit, up to a million check-ins")
    parser.add_argument("--shuffled", action="store_true", help="rows in no order, which must be sorted")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        json.dump(measure(given.one, given.fit, given.shuffled), sys.stdout)
        return
    heading(
        ["check-ins", "estimate, s", "ns per check-in", "memory with the table, GiB", "peak, GiB", "fit, s"]
    )
    size = 10_000
    while size <= given.most:
        command = [sys.executable, __file__, "--one", str(size)]
        if given.fit and size <= 1_000_000:
            command.append("--fit")
        if given.shuffled:
            command.append("--shuffled")
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        nanoseconds = 1e9 * found["seconds"] / found["rows"]
        fitted = f"{found['fit']:.1f}" if "fit" in found else "–"
        numbers = (
            f"{found['seconds']:.3f}",
            f"{nanoseconds:,.0f}",
            f"{found['table']:.2f}",
            f"{found['peak']:.2f}",
        )
        row([f"{found['rows']:,}", *numbers, fitted])
        size *= 10


if __name__ == "__main__":
    main()
