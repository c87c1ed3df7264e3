"""Reading a workbook in a process of its own, which may use so much memory and no more.

A workbook of a kilobyte can name a cell a million rows down, and whoever lays the sheet out in memory dies of
it. So that dies alone: ``python -m reknit.cohort.exchange.workbook`` reads one from standard input and writes
its first sheet to standard output as an Arrow file.
"""

from __future__ import annotations

import importlib.util
import io
import os
import subprocess
import sys

import polars as pl

__all__ = ["Unreadable", "read_workbook"]

MOST_MEMORY = 1024 * 2**20
MOST_SECONDS = 60


class Unreadable(ValueError):
    """Why no table came out of a workbook, in words for whoever sent it."""


def read_workbook(data: bytes) -> pl.DataFrame:
    """The first sheet of an Excel workbook.

    Raises:
        Unreadable: it is none, or asks for more memory (1 GB) or time (a minute) than it is given.
    """
    if importlib.util.find_spec("fastexcel") is None:
        raise Unreadable("Excel files need `reknit[exchange]`; please save it as CSV")
    try:
        child = subprocess.run(
            [sys.executable, "-m", __name__], input=data, capture_output=True, check=False,
            timeout=3 * MOST_SECONDS, env=os.environ | {"POLARS_MAX_THREADS": "1"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unreadable("the workbook takes too long to read; please save it as CSV") from None
    if child.returncode:
        raise Unreadable("the workbook cannot be read, or is too large; please save it as CSV")
    return pl.read_ipc(io.BytesIO(child.stdout), use_pyarrow=False)


def _bound() -> None:
    """Give this process its limits, where the system has such (Windows has not)."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _convert() -> None:
    _bound()
    frame = pl.read_excel(io.BytesIO(sys.stdin.buffer.read()), engine="calamine")
    frame.write_ipc(sys.stdout.buffer)


if __name__ == "__main__":
    _convert()
