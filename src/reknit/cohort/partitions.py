"""A cohort in parts: a folder of Parquet files, every relationship whole in one of them.

A service with millions of check-ins keeps its table of sessions in parts, so that a night's work is done part
by part, on one machine or many, and goes on where it stopped. The part of a client is a hash of the client's
identifier: the same client is in the same part every night, and parts in which nothing changed are left
alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from reknit.cohort.tables import STANDARD, TableError, as_numbers, read_frame

PART_ROWS = 250_000  # sessions of a part, about: some 100 MB while it is worked on
STAMP = "reknit.stamp"


def is_folder(path: str | Path) -> bool:
    """Whether a path names a cohort in parts: a folder, or a path without an extension."""
    return Path(path).is_dir() or (not Path(path).suffix and Path(path) != STANDARD)


def parts_of(folder: str | Path) -> list[Path]:
    """The parts of a folder, by name.

    Raises:
        TableError: there is no such folder, or no Parquet file in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise TableError(f"{folder}: no such folder")
    found = sorted(path for path in folder.glob("*.parquet") if not path.name.startswith((".", "_")))
    if not found:
        raise TableError(f"{folder}: no .parquet file in this folder; `reknit partition` makes one of parts")
    return found


def rows_of(parts: Sequence[Path]) -> int:
    """How many sessions the parts hold together."""
    count: int = pl.scan_parquet(list(parts)).select(pl.len()).collect().item()
    return count


def partition(source: str | Path, folder: str | Path, parts: int | None = None) -> list[Path]:
    """Share a table of sessions out into parts by a hash of the client.

    Args:
        source: a ``.parquet`` or ``.csv`` file, or a folder of Parquet files. Parquet is streamed, however
            large; a CSV file is read whole.
        folder: where the parts go; it must not be there yet, and appears only when all parts are written.
        parts: how many; about one for 250,000 sessions unless told.

    Returns the parts. A part's rows keep the order of the source.

    Raises:
        TableError: the source cannot be read, has no column ``client``, or the folder is there already.
    """
    folder = Path(folder)
    if folder.exists():
        raise TableError(f"{folder}: is there already; name a new folder")
    frame = _scan(Path(source))
    if "client" not in frame.collect_schema().names():
        raise TableError(f"{source}: column client is missing")
    rows = int(frame.select(pl.len()).collect().item())
    count = parts or max(1, -(-rows // PART_ROWS))
    number = pl.col("client").cast(pl.String).hash(seed=1) % count
    scratch = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        scratch.mkdir(parents=True)
        _write_parts(frame, number, scratch)
        scratch.rename(folder)
    except (OSError, pl.exceptions.PolarsError) as trouble:
        raise TableError(f"{folder}: cannot be written ({' '.join(str(trouble).split())[:160]})") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return parts_of(folder)


def _scan(source: Path) -> pl.LazyFrame:
    if source.is_dir():
        return pl.scan_parquet(parts_of(source))
    if source.suffix.lower() == ".parquet" and source.is_file():
        return pl.scan_parquet(source)
    return as_numbers(read_frame(source)).lazy()


def _write_parts(frame: pl.LazyFrame, number: pl.Expr, folder: Path) -> None:
    whole = pl.PartitionBy(
        folder,
        key=number.alias("part"),
        include_key=False,
        approximate_bytes_per_file=None,
        file_path_provider=lambda part: f"part-{int(part.partition_keys.item()):05d}.parquet",
    )
    frame.sink_parquet(whole, maintain_order=True)


def refuse_torn(parts: Sequence[Path]) -> None:
    """Check that no client is in two parts.

    Raises:
        TableError: one is, or a part has no column ``client``.
    """
    try:
        clients = pl.scan_parquet(list(parts), include_file_paths="part").select(
            pl.col("client").cast(pl.String), pl.col("part")
        )
        torn = clients.unique().group_by("client").len().filter(pl.col("len") > 1).select("client")
        found = torn.head(1).collect(engine="streaming")
    except pl.exceptions.PolarsError as trouble:
        raise TableError(f"{parts[0].parent}: {' '.join(str(trouble).split())[:160]}") from None
    if found.height:
        who = repr(found.item())
        raise TableError(f"{parts[0].parent}: client {who} is in more than one part; see `reknit partition`")


def stamp(part: Path, settings: object) -> str:
    """A fingerprint of a part's bytes, of the settings that it is worked on with, and of the version."""
    from reknit import __version__
    from reknit.trust.sources import fingerprint

    with part.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    digest.update(json.dumps([__version__, fingerprint(), settings], sort_keys=True, default=str).encode())
    return digest.hexdigest()


def is_done(result: Path, mark: str) -> bool:
    """Whether a result is there and was made from the same bytes with the same settings and version."""
    try:
        return pl.read_parquet_metadata(result).get(STAMP) == mark
    except (OSError, pl.exceptions.PolarsError):
        return False


def write_part(frame: pl.DataFrame, result: Path, mark: str) -> None:
    """Write a result beside its place, stamped, and move it there at once."""
    partial = result.with_name(f".{result.name}.{os.getpid()}.part")
    try:
        frame.write_parquet(partial, metadata={STAMP: mark})
        partial.replace(result)
    except (OSError, pl.exceptions.PolarsError) as trouble:
        raise TableError(f"{result}: cannot be written ({' '.join(str(trouble).split())[:160]})") from None
    finally:
        partial.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Take away what a worker that was killed left half-written."""
    for partial in folder.glob(".*.part"):
        partial.unlink(missing_ok=True)
