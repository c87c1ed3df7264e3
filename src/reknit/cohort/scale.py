"""The same estimates, fits and clinic tables on a cohort in parts: on one machine, or on many by Dask.

A part is done by a function of its own that reads one file and writes, if anything, one file; what it
returns is small. On many machines the parts must lie in a folder that every worker sees under the same
path. A worker that dies costs its part's time: the part is given to another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from reknit.cohort import clinic_tables, partitions, runs, tables
from reknit.cohort.runs import Tell
from reknit.cohort.tables import Scale, TableError

if TYPE_CHECKING:
    from reknit.trust.params import Params

T = TypeVar("T")
FIT_ROWS = 2_000_000  # sessions from which a fit learns no more that is worth the wait
ESTIMATES = ("trust", "trust_lo80", "trust_hi80", "p_rupture", "p_strain")


@dataclass(frozen=True)
class How:
    """What ``reknit trust`` is asked for."""

    scale: Scale = (1.0, 7.0)
    params: Params | None = None
    smooth: bool = False
    lower_is_better: bool = False
    false_alarms: float | None = None

    def settings(self) -> list[object]:
        """What a result depends on beside its part."""
        model = None if self.params is None else self.params.to_json()
        return [self.scale, model, self.smooth, self.lower_is_better, self.false_alarms]

    def estimate(self, table: tables.SessionTable) -> pl.DataFrame:
        """The columns that are added to a table."""
        return runs.estimate(
            table,
            params=self.params,
            smooth=self.smooth,
            lower_is_better=self.lower_is_better,
            false_alarms=self.false_alarms,
        )


def estimate_folder(
    source: Path, target: Path, how: How, *, tell: Tell | None = None, dask: str | None = None
) -> int:
    """``reknit trust`` on every part of a folder, into a folder of parts of the same names.

    Args:
        source: the parts, every relationship whole in one of them.
        target: made if need be; parts that were made from the same bytes, settings and version are kept.
        how: what is asked for.
        tell: hears the progress.
        dask: address of a Dask scheduler, or ``local:N`` for N processes of this machine.

    Returns how many parts had to be done; the others were kept.

    Raises:
        TableError: a part cannot be read, or a client is in two.
    """
    parts = partitions.parts_of(source)
    partitions.refuse_torn(parts)
    if target.resolve() == source.resolve():
        raise TableError(f"{target}: the results need a folder of their own")
    if target.suffix.lower() in (".csv", ".parquet"):
        raise TableError(
            f"{target}: of a folder of parts a folder is made; give a name without {target.suffix}"
        )
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as trouble:
        raise TableError(f"{target}: cannot be written ({trouble.strerror})") from None
    try:
        done = each(parts, partial(_estimate_part, target=target, how=how), tell=tell, dask=dask)
    finally:
        partitions.sweep(target)
        if not any(target.iterdir()):
            target.rmdir()
    for stale in set(target.glob("*.parquet")) - {target / part.name for part in parts}:
        stale.unlink()
    return sum(done)


def _estimate_part(part: Path, *, target: Path, how: How) -> bool:
    """One part; False where its result is there already."""
    result, mark = target / part.name, partitions.stamp(part, how.settings())
    if partitions.is_done(result, mark):
        return False
    table = tables.read_sessions(part, how.scale)
    partitions.write_part(table.with_added(how.estimate(table)), result, mark)
    return True


def clinic_table(
    source: Path,
    how: How,
    *,
    open_month: bool = False,
    tell: Tell | None = None,
    dask: str | None = None,
) -> pl.DataFrame:
    """``reknit clinics``: the table of clinics and months of a folder of parts, or of one file.

    Args: as for :func:`estimate_folder`. Where a part carries the columns of ``reknit trust``, they are used.

    Raises:
        TableError: a part cannot be read or has no column `clinic`, or a client is in two.
    """
    parts = partitions.parts_of(source) if partitions.is_folder(source) else [source]
    if len(parts) > 1:
        partitions.refuse_torn(parts)
    found = each(parts, partial(_clinic_part, how=how), tell=tell, dask=dask)
    return clinic_tables.table(found, open_month=open_month)


def _clinic_part(part: Path, *, how: How) -> clinic_tables.Sums:
    table = tables.read_sessions(part, how.scale, needs=("alliance", "clinic"))
    known = [name for name in (*ESTIMATES, "alarm") if name in table.raw.columns]
    added = table.raw.select(known) if set(ESTIMATES) <= set(known) else how.estimate(table)
    frame = table.work.hstack(added.cast(pl.Float64, strict=False) if added is table.raw else added)
    if "date" in table.raw.columns:
        frame = frame.with_columns(table.raw["date"])
    return clinic_tables.sums(frame)


def fit_folder(
    source: Path,
    scale: Scale,
    *,
    lower_is_better: bool = False,
    tell: Tell | None = None,
    dask: str | None = None,
    checkpoint: Path | None = None,
) -> Params:
    """``reknit fit`` on a folder of parts.

    Relationships are drawn, by a hash of the client, until they hold about `FIT_ROWS` sessions; the parts
    hand over these alone, and the fit is made where the command runs.
    """
    parts = partitions.parts_of(source)
    partitions.refuse_torn(parts)
    share = min(1.0, FIT_ROWS / max(partitions.rows_of(parts), 1))
    drawn = each(parts, partial(_draw, share=share, scale=scale), tell=_first(tell, 0.1), dask=dask)
    work = pl.concat(drawn, how="diagonal")
    keys = [name for name in ("client", "therapist", "week", "session") if name in work.columns]
    work = work.sort(keys)
    table = tables.SessionTable(source, work, work, scale)
    return runs.fit(table, lower_is_better=lower_is_better, tell=_rest(tell, 0.1), checkpoint=checkpoint)


def _draw(part: Path, *, share: float, scale: Scale) -> pl.DataFrame:
    work = tables.read_sessions(part, scale).work
    if share >= 1.0:
        return work
    return work.filter(pl.col("client").cast(pl.String).hash(seed=2) < int(share * 2**64))


def _first(tell: Tell | None, share: float) -> Tell | None:
    return None if tell is None else lambda done, note: tell(share * done, note)


def _rest(tell: Tell | None, share: float) -> Tell | None:
    return None if tell is None else lambda done, note: tell(share + (1.0 - share) * done, note)


def each(
    parts: Sequence[Path], work: Callable[[Path], T], *, tell: Tell | None = None, dask: str | None = None
) -> list[T]:
    """Do something to every part; results in the order of the parts.

    Args:
        parts: files.
        work: what is done to one of them; with Dask it travels to the workers.
        tell: hears the progress.
        dask: as for :func:`estimate_folder`; None does one part after the other, each on all cores.
    """
    results: dict[int, T] = {}
    for at, result in _done(parts, work, dask):
        results[at] = result
        if tell is not None:
            tell(len(results) / len(parts), f"{len(results)} of {len(parts)} parts")
    return [results[at] for at in range(len(parts))]


def _done(parts: Sequence[Path], work: Callable[[Path], T], dask: str | None) -> Iterator[tuple[int, T]]:
    if dask is None:
        for at, part in enumerate(parts):
            yield at, work(part)
        return
    with _client(dask) as (client, as_completed):
        absolute = [part.resolve() for part in parts]
        futures = client.map(work, absolute, pure=False)
        place = {future.key: at for at, future in enumerate(futures)}
        try:
            for future in as_completed(futures):
                yield place[future.key], future.result()
                future.release()
        finally:
            client.cancel(futures)


@contextmanager
def _client(address: str) -> Iterator[tuple[Any, Any]]:
    """A client of a scheduler, or of N processes of this machine for ``local:N``; and `as_completed`."""
    try:
        from dask import distributed
    except ImportError:
        raise TableError("--dask: needs Dask; install it with: pip install 'reknit[dask]'") from None
    dask: Any = distributed
    kind, _, number = address.partition(":")
    if (kind == "local" and not (number.isdigit() and int(number) > 0)) or not number:
        raise TableError(f"--dask {address}: expected local:N or an address such as tcp://10.0.0.5:8786")
    if kind == "local":
        size = {"n_workers": int(number), "threads_per_worker": 1, "dashboard_address": None}
        with dask.LocalCluster(**size) as cluster, dask.Client(cluster) as client:
            yield client, dask.as_completed
        return
    try:
        client = dask.Client(address, timeout="20s")
    except (OSError, ValueError, TimeoutError) as trouble:
        raise TableError(f"--dask {address}: {' '.join(str(trouble).split())[:120]}") from None
    with client:
        yield client, dask.as_completed
