"""A national service: 10 million check-ins a year, from Parquet to estimates and clinic tables.

    python bench/national.py [--rows 10000000] [--dask 2] [--folder FOLDER]

Runs the commands a night would run, each in a process of its own, over simulated sessions of that size;
states seconds and the peak of the resident memory of the whole process tree, and checks that Dask with so
many local workers gives the same estimates and the same clinic tables (0 leaves that out). Needs about 5 GB
of disk.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl
from common import heading, row

from reknit.trust.simulate import simulate

BLOCK = 500_000  # sessions that are simulated; more are the same relationships under other names
PAGE = 4096
REKNIT = [sys.executable, "-m", "reknit.cli"]


def sessions(rows: int, target: Path) -> int:
    """A year of sessions, twelve columns and a date, in one Parquet file; returns how many."""
    drawn = simulate(min(rows, BLOCK) // 12, 1, "foreign", (6, 18))
    seen = drawn.select(name for name in drawn.columns if not name.startswith("true_"))
    begins = (pl.col("client").hash(seed=3) % 200).cast(pl.Int64)
    day = pl.lit(date(2025, 1, 6)) + pl.duration(days=begins + (pl.col("week") * 7).round().cast(pl.Int64))
    seen = seen.with_columns(date=day)
    copies = max(1, round(rows / seen.height))
    apart = {name: seen[name].max() + 1 for name in ("client", "therapist", "clinic")}
    again = [
        seen.lazy().with_columns(pl.col(name) + copy * step for name, step in apart.items())
        for copy in range(copies)
    ]
    pl.concat(again).sink_parquet(target)
    return copies * seen.height


def resident(pid: int) -> int:
    """Bytes of resident memory of a process and all that it started."""
    total, waiting = 0, [pid]
    while waiting:
        one = Path(f"/proc/{waiting.pop()}")
        try:
            total += int((one / "statm").read_text().split()[1]) * PAGE
            for task in (one / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return total


def timed(*words: object) -> tuple[float, float, float, str]:
    """Seconds, seconds of all cores, peak memory of the process tree in GiB, and what the command said."""
    started, before, peak = time.perf_counter(), work_of_children(), 0
    with subprocess.Popen([*REKNIT, *map(str, words)], stdout=subprocess.PIPE, text=True) as run:
        while run.poll() is None:
            peak = max(peak, resident(run.pid))
            time.sleep(0.02)
        said = run.stdout.read() if run.stdout else ""
    if run.returncode:
        raise SystemExit(f"reknit {' '.join(map(str, words))}: status {run.returncode}")
    return time.perf_counter() - started, work_of_children() - before, peak / 2**30, said.strip()


def work_of_children() -> float:
    """Seconds of processor time of every process that has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def difference(one: Path, other: Path) -> float:
    """The largest difference in any number of two results; infinite where anything else differs."""
    largest = 0.0
    for path in sorted(one.glob("*.parquet")) if one.is_dir() else [one]:
        first, second = pl.read_parquet(path), pl.read_parquet(other / path.name if other.is_dir() else other)
        numbers = [name for name, kind in first.schema.items() if kind.is_numeric()]
        rest = [name for name in first.columns if name not in numbers]
        if first.shape != second.shape or not first.select(rest).equals(second.select(rest)):
            return float("inf")
        gaps = (first.select(numbers) - second.select(numbers)).select(pl.all().abs().max())
        if first.null_count().rows() != second.null_count().rows():
            return float("inf")
        largest = max(largest, *(gap or 0.0 for gap in gaps.row(0)))
    return largest


def night(folder: Path, rows: int, workers: int) -> None:
    """Every command of a night, and the same by Dask."""
    parts, trust, tables = folder / "parts", folder / "trust", folder / "clinics.parquet"
    count = sessions(rows, folder / "sessions.parquet")
    print(f"\n{count:,} check-ins of {rows // 12:,} relationships or so\n")
    heading(["command", "seconds", "seconds of all cores", "peak memory, GiB", "what"])
    total = 0.0
    for at, (words, what) in enumerate(
        [
            (("partition", folder / "sessions.parquet", "-o", parts), "once"),
            (("trust", parts, "-o", trust), "estimates of every session"),
            (("clinics", trust, "-o", tables), "clinic tables"),
            (("trust", parts, "-o", trust), "again: nothing has changed"),
        ]
    ):
        seconds, work, peak, said = timed(*words)
        total += seconds if at in {1, 2} else 0.0
        told = f"{what}. {said.rpartition('/')[2]}"
        row([f"reknit {words[0]}", f"{seconds:.1f}", f"{work:.1f}", f"{peak:.2f}", told])
    row(["estimates and clinic tables together", f"{total:.1f}", "", "", "target: 180 s and 8 GiB"])
    if workers:
        by_dask(folder, workers)


def by_dask(folder: Path, workers: int) -> None:
    """The same by Dask, and the largest difference."""
    address, trust, tables = f"local:{workers}", folder / "trust-dask", folder / "clinics-dask.parquet"
    for words, kept in (
        (("trust", folder / "parts", "-o", trust), folder / "trust"),
        (("clinics", folder / "trust", "-o", tables), folder / "clinics.parquet"),
    ):
        seconds, work, peak, _ = timed(*words, "--dask", address)
        gap = difference(kept, words[3])
        if gap > 1e-6:
            raise SystemExit(f"reknit {words[0]} --dask {address} differs by {gap:g}")
        what = f"the same numbers: largest difference {gap:.1g}"
        row([f"reknit {words[0]} --dask {address}", f"{seconds:.1f}", f"{work:.1f}", f"{peak:.2f}", what])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--dask", type=int, default=2, metavar="WORKERS")
    parser.add_argument("--folder", type=Path, help="where the data go; a new temporary one unless told")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="reknit-national-") as folder:
        night(Path(folder), given.rows, given.dask)


if __name__ == "__main__":
    main()
