"""How long the language part takes: ``python bench/words.py`` (first call, then medians of 21)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from reknit.words import available, match, read_draft

DRAFT = "I see that I hurt you. I was late, and you lost your time. What was it like? I'll be there at ten."


def clock(call: Callable[[], object]) -> float:
    """Milliseconds that one call takes."""
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Print a line for each use and way."""
    for by_meaning in [False, True] if available() else [False]:
        calls: dict[str, Callable[[], object]] = {
            "draft of four sentences": lambda way=by_meaning: read_draft(DRAFT, by_meaning=way),
            "one homework": lambda way=by_meaning: match(
                "Hates journaling", "avoid", "Write three pages", by_meaning=way
            ),
        }
        for name, call in calls.items():
            first = clock(call)
            median = statistics.median(clock(call) for _ in range(21))
            way = "by meaning" if by_meaning else "by words"
            print(f"{name}, {way}: first {first:.0f} ms, then {median:.0f} ms")


if __name__ == "__main__":
    main()
