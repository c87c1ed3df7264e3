"""The evaluation in pieces: each is worked out by itself, kept in a folder, and never worked out twice.

A piece is named by a text, such as ``world/even/all``, and gives tables. Pieces are shared out over
processes, each on a core of its own. What is kept carries the plan and a fingerprint of the estimates'
source, so that a run that was broken off goes on where it stood, and another version begins anew.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import numpy as np
import polars as pl

from reknit import __version__
from reknit.cohort.evaluation import calibration, detection, forecasts, nulls, recovery
from reknit.cohort.evaluation.exactness import exactness
from reknit.cohort.evaluation.robustness import robustness
from reknit.cohort.evaluation.trial import Trial, trial
from reknit.cohort.evaluation.worlds import Plan
from reknit.trust.engine import cores
from reknit.trust.sources import fingerprint

Tables = dict[str, pl.DataFrame]
Tell = Callable[[float, str], None]
CHUNK = 20  # fits in one piece of many small ones
FEW = 4  # fits in one piece of large ones
CURVES = ("limit (knows the world)", "model, fitted", "stiles2004", "control-chart", "observed", "openfit")


def names(plan: Plan, series: Path | None) -> list[str]:
    """Every piece, long ones first."""
    found = [f"world/{name}/{channels}" for name in plan.worlds for channels in ("all", "ratings")]
    for i, case in enumerate(recovery.cases(plan)):
        size = FEW if case.relationships > 1000 else CHUNK
        found += [f"gain/{i}/{start}/{min(start + size, case.runs)}" for start in range(0, case.runs, size)]
    fits = max(3, plan.repeats // 3)
    found += [f"recovery/{start}/{min(start + 5, fits)}" for start in range(0, fits, 5)]
    found += ["exactness", "calibration", "claims", "robustness"]
    if series is not None:
        found += [f"series/{one.file}" for one in forecasts.REAL if (series / one.file).exists()]
    return found


def work_out(name: str, plan: Plan, series: Path | None) -> Tables:  # noqa: PLR0911
    """The tables of one piece."""
    kind, *rest = name.split("/")
    if kind == "world":
        seed = plan.seed + 10_000 + sorted(plan.worlds).index(rest[0])
        return dict(
            of_a_world(trial(rest[0], plan, rest[1] == "all"), seed, rest[0] == next(iter(plan.worlds)))
        )
    if kind == "gain":
        number, first, last = map(int, rest)
        case = recovery.cases(plan)[number]
        return {"gains": recovery.gains(case, plan.seed + 11_000 + 400 * number, range(first, last))}
    if kind == "recovery":
        return {"recovery": recovery.of_the_model(plan, range(int(rest[0]), int(rest[1])))}
    if kind == "series" and series is not None:
        one = next(found for found in forecasts.REAL if found.file == rest[0])
        table = forecasts.read(one, series)
        assert table is not None
        scored, labelled = forecasts.on_real(one, table)
        return {"real forecasts": scored, "real events": labelled}
    if kind == "calibration":
        per_draw, ranks = calibration.of_the_model(plan)
        return {"calibration": per_draw, "ranks": pl.DataFrame({"rank": np.sort(ranks)[::25]})}
    if kind == "claims":
        return {"own claims": nulls.of_the_model(plan)}
    return {"exactness": exactness(plan)} if kind == "exactness" else {"robustness": robustness(plan)}


def of_a_world(one: Trial, seed: int, drawn: bool) -> Iterator[tuple[str, pl.DataFrame]]:
    """Every table of one world seen through one set of channels; `drawn`: its ROC curves too."""
    yield "foreign calibration", calibration.of_foreign(one)
    yield "detection", detection.detection(one)
    yield "published", detection.published(one, seed)
    yield "strain", detection.strain(one)
    yield "hindsight", detection.hindsight(one)
    if one.all_channels:
        yield "channels", detection.ablations(one)
    yield "forecasts", forecasts.on_simulated(one)
    yield "alarms", nulls.alarm_rates(one)
    yield "claims", nulls.outcomes(one)
    yield "gain", recovery.gain_in_trial(one)
    if drawn:
        yield "curves", detection.curves(one, CURVES)


def stamp(plan: Plan) -> str:
    """What a kept piece depends on, in ten letters."""
    text = f"{__version__} {plan} {plan.worlds} {fingerprint()}"
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def run(
    plan: Plan, series: Path | None, folder: Path, processes: int | None = None, tell: Tell | None = None
) -> Tables:
    """Work out what is not kept in `folder` yet, and return all tables, the parts of each put together."""
    kept = folder / f"pieces-{stamp(plan)}"
    kept.mkdir(parents=True, exist_ok=True)
    every = names(plan, series)
    missing = [name for name in every if not place(kept, name).exists()]
    done = len(every) - len(missing)
    for name in _share_out(missing, plan, series, kept, min(processes or cores(), max(len(missing), 1))):
        done += 1
        if tell is not None:
            tell(done / len(every), name)
    return together([place(kept, name) for name in every])


def _share_out(todo: list[str], plan: Plan, series: Path | None, kept: Path, processes: int) -> Iterator[str]:
    """Names of pieces as they are done, here or in processes of their own."""
    if processes <= 1:
        for name in todo:
            yield keep(name, plan, series, kept)
        return
    context = get_context("spawn")
    free: SimpleQueue[int] = context.SimpleQueue()
    for core in sorted(_allowed())[:processes]:
        free.put(core)
    with ProcessPoolExecutor(processes, context, initializer=_settle, initargs=(free,)) as pool:
        for future in as_completed([pool.submit(keep, name, plan, series, kept) for name in todo]):
            yield future.result()


def _allowed() -> set[int]:
    return set(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else set(range(cores()))


def _settle(free: "SimpleQueue[int]") -> None:
    """Keep this process and its threads to one core."""
    core = free.get()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    import numba

    numba.set_num_threads(1)


def keep(name: str, plan: Plan, series: Path | None, kept: Path) -> str:
    """Work out one piece and keep it, whole or not at all; returns its name."""
    done = place(kept, name)
    half = done.with_name(f"{done.name}.{os.getpid()}")
    half.mkdir(parents=True, exist_ok=True)
    for title, table in work_out(name, plan, series).items():
        table.write_parquet(half / f"{title}.parquet")
    if done.exists():
        shutil.rmtree(half)
    else:
        half.rename(done)
    return name


def place(kept: Path, name: str) -> Path:
    """The folder of a piece."""
    return kept / name.replace("/", "--").replace(" ", "_")


def together(folders: list[Path]) -> Tables:
    """The tables of all pieces by title, in the order of the pieces."""
    parts: dict[str, list[pl.DataFrame]] = {}
    for folder in folders:
        for file in sorted(folder.glob("*.parquet")):
            table = pl.read_parquet(file)
            if table.height or file.stem not in parts:
                parts.setdefault(file.stem, []).append(table)
    return {
        title: pl.concat([one for one in tables if one.height] or tables) for title, tables in parts.items()
    }
