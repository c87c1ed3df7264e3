"""From arrays to the kernel and back: packing, threads, and what comes out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from reknit.trust.filter import run
from reknit.trust.layout import CHANNELS, COLUMNS, ESTIMATES, LOGLIK, SIZE, SLATE, STEPS, STORE
from reknit.trust.params import Params
from reknit.trust.smooth import MATRICES, smooth
from reknit.trust.smooth import SLATE as SMOOTH_SLATE

Floats = npt.NDArray[np.float64]
Small = npt.NDArray[np.int8]

_NAN = np.full(1, np.nan)
_ONE = np.ones(1)
_ZERO = np.zeros(1)
_UNKNOWN = np.full(1, -1, np.int8)


@dataclass(slots=True)
class Rows:
    """Sessions of many relationships on the unit scale, sorted by relationship and week.

    ``starts`` (relationships + 1) delimits each relationship; ``where`` gives each row's place in the output.
    Ratings are fractions of the scale; absent channels are None.
    """

    starts: npt.NDArray[np.int64]
    week: Floats
    rating: Floats
    care: Floats | None = None
    difficulty: Small | None = None
    attended: Small | None = None
    repair: Small | None = None
    therapist_rating: Floats | None = None
    therapist_guess: Floats | None = None
    where: npt.NDArray[np.int64] | None = None
    move: Floats | None = None
    move_var: Floats | None = None
    bounded: bool = True

    def __len__(self) -> int:
        return len(self.week)

    @property
    def relationships(self) -> int:
        """How many relationships there are."""
        return len(self.starts) - 1


@dataclass(slots=True)
class Result:
    """What the filter found: `out` (columns of `reknit.trust.layout`, rows in the order of ``where``).

    ``moves`` (STORE only) holds, for each sorted row, how far each channel moved the log-odds of a rupture,
    then what passed since the row before (growth step, decay of state and strain, noise of bond and state).
    """

    out: Floats
    reasons: npt.NDArray[np.uint8]
    loglik: Floats
    moves: Floats = field(default_factory=lambda: np.empty((0, CHANNELS + STEPS)))
    stored: Floats = field(default_factory=lambda: np.empty((0, 3 * SIZE)))


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A read-only contiguous view: one compiled form of the kernel serves whatever the caller's array was."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


def _cuts(starts: npt.NDArray[np.int64], pieces: int) -> list[int]:
    """Cut the relationships into pieces of about equally many rows."""
    marks = np.linspace(0, starts[-1], pieces + 1)[1:-1]
    inner = np.searchsorted(starts, marks).tolist()
    return sorted({0, *inner, len(starts) - 1})


def _channels(rows: Rows) -> tuple[Any, npt.NDArray[np.int64]]:
    optional: Sequence[tuple[Floats | Small | None, Floats | Small]] = (
        (rows.care, _ONE),
        (rows.difficulty, _UNKNOWN),
        (rows.attended, _UNKNOWN),
        (rows.repair, _UNKNOWN),
        (rows.therapist_rating, _NAN),
        (rows.therapist_guess, _NAN),
    )
    has = [1] + [int(given is not None) for given, _ in optional] + [int(rows.move is not None)]
    given = [blank if channel is None else channel for channel, blank in optional]
    data = tuple(frozen(array) for array in (rows.week, rows.rating, *given))
    return data, np.array(has, np.int64)


def run_filter(
    rows: Rows, params: Params | Floats, mode: int = ESTIMATES, threads: int | None = None
) -> Result:
    """Filter every relationship; rows are shared out over threads (the kernel holds no lock).

    ``params`` is a `Params` or a vector in the order of `reknit.trust.spec.NAMES`; ``mode`` is LOGLIK,
    ESTIMATES or STORE (which also keeps every session's mixture, for the smoother).
    """
    n = len(rows)
    theta = frozen(params.vector() if isinstance(params, Params) else params)
    data, has = _channels(rows)
    move = frozen(_ZERO if rows.move is None else rows.move)
    move_var = frozen(_ZERO if rows.move_var is None else rows.move_var)
    starts = frozen(rows.starts)
    out = np.empty((COLUMNS, n if mode != LOGLIK else 0))
    reasons = np.empty(n if mode != LOGLIK else 0, np.uint8)
    keep = n if mode == STORE else 0
    result = Result(out, reasons, np.empty(n), np.empty((keep, CHANNELS + STEPS)), np.empty((keep, 3 * SIZE)))
    where = frozen(np.arange(n) if rows.where is None else rows.where)
    arrays = (where, reasons, result.moves, result.stored)

    def piece(first: int, last: int) -> None:
        run(
            theta, np.full(SLATE, np.nan), starts, data, has, move, move_var, rows.bounded, mode,
            first, last, result.loglik, out, arrays,
        )  # fmt: skip

    _share_out(rows, piece, threads)
    return result


def run_smoother(rows: Rows, params: Params, result: Result, threads: int | None = None) -> None:
    """Turn the result of the filter in mode STORE into the smoothed one, in place."""
    theta, starts = frozen(params.vector()), frozen(rows.starts)
    where = frozen(np.arange(len(rows)) if rows.where is None else rows.where)

    def piece(first: int, last: int) -> None:
        slate, matrices = np.zeros(SMOOTH_SLATE), np.zeros(MATRICES)
        smooth(theta, slate, matrices, starts, result.stored, result.moves, where, first, last, result.out)

    _share_out(rows, piece, threads)


def _share_out(rows: Rows, piece: Callable[[int, int], None], threads: int | None) -> None:
    """Do relationships first..last piece by piece, on several threads where there is enough to do."""
    workers = cores() if threads is None else threads
    if workers <= 1 or len(rows) < 5_000:
        piece(0, rows.relationships)
        return
    cuts = _cuts(rows.starts, 8 * workers)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(piece, cuts[:-1], cuts[1:]))
