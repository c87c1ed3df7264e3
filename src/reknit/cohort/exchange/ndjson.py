"""FHIR bulk data: one file a resource type, one resource a line (`Patient.ndjson` …)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from reknit.cohort.exchange.fhir_out import resources
from reknit.cohort.exchange.records import Dossier, ExchangeError
from reknit.cohort.exchange.terms import Json


def write_bulk(dossiers: Iterable[Dossier], folder: Path, recorded: str) -> list[Path]:
    """Write any number of relationships, never holding more than one in memory.

    Args:
        dossiers: an iterator is enough.
        folder: made if need be; files in it are replaced.
        recorded: when, ISO 8601 with zone.

    Returns:
        the files, in alphabetical order.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, IO[str]] = {}
    shared: set[str] = set()
    try:
        for dossier in dossiers:
            for each in resources(dossier, recorded):
                kind = each["resourceType"]
                if kind in ("Questionnaire", "Practitioner"):
                    if f"{kind}/{each['id']}" in shared:
                        continue
                    shared.add(f"{kind}/{each['id']}")
                if kind not in files:
                    files[kind] = (folder / f"{kind}.ndjson").open("w", encoding="utf-8", newline="\n")
                files[kind].write(json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n")
    finally:
        for file in files.values():
            file.close()
    return sorted(folder / f"{kind}.ndjson" for kind in files)


def read_bulk(folder: Path) -> Iterator[Json]:
    """The resources of all `.ndjson` files of a folder.

    Raises:
        ExchangeError: a line is not JSON; the message names the file and the line.
    """
    for path in sorted(folder.glob("*.ndjson")):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise ExchangeError(f"{path.name}, line {number}: not JSON ({error})") from error
