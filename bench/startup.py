"""What a person waits for: importing, the first estimate of a process, one update inside a web request.

python bench/startup.py
"""

import subprocess
import sys
import time

from common import heading, row

IMPORT = "import time; t = time.perf_counter(); import reknit; print(time.perf_counter() - t)"
FIRST = """
import time, numpy as np
t = time.perf_counter()
from reknit import Series, estimate_series
estimate_series(Series(np.arange(12.0), np.full(12, 8.0)))
print(time.perf_counter() - t)
"""


def in_a_process(code: str, times: int = 5) -> float:
    """Shortest of several runs in a fresh interpreter; what the code prints is the time."""
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(times + 1)
    ]
    return min(float(run) for run in runs[1:])


def one_update(sessions: int, times: int = 300) -> float:
    """Median seconds for one relationship's whole estimate, once warm."""
    import numpy as np

    from reknit import Series, estimate_series

    rng = np.random.default_rng(1)
    series = Series(np.arange(float(sessions)), rng.uniform(6, 10, sessions))
    estimate_series(series)
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        estimate_series(series)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[times // 2]


def main() -> None:
    heading(["what", "milliseconds"])
    row(["import reknit", f"{1e3 * in_a_process(IMPORT):.0f}"])
    row(["import and first estimate, kernels on disk", f"{1e3 * in_a_process(FIRST):.0f}"])
    for sessions in (1, 12, 100):
        row([f"one update, {sessions} sessions, warm", f"{1e3 * one_update(sessions):.3f}"])


if __name__ == "__main__":
    main()
