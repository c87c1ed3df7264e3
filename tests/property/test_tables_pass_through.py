"""Whatever stands in a table comes out as it went in, and bad bytes are refused, never a crash."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reknit.cohort.tables import TableError, read_sessions, write_frame

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12)
CLIENT = TEXT.filter(lambda text: text.strip() != "")
LOOKS = st.sampled_from(
    ["007", "1e3", "4.780", "NA", "2024-03-01", "1,5", "TRUE", "'", '"', " x ", "\n", "–"]
)


def refusal(path: Path) -> str | None:
    """What is said against a file, or None if it can be read."""
    try:
        read_sessions(path)
    except TableError as said:
        return str(said)
    return None


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@QUICK
@given(
    clients=st.lists(st.one_of(CLIENT, LOOKS.filter(str.strip)), min_size=1, max_size=12, unique=True),
    notes=st.lists(st.one_of(TEXT, LOOKS), min_size=12, max_size=12),
    heading=CLIENT.filter(lambda name: name not in ("client", "week", "alliance", "date", "trust")),
)
def test_csv_cells_come_back_to_the_letter(
    tmp_path: Path, clients: list[str], notes: list[str], heading: str
) -> None:
    known = {"therapist", "clinic", "session", "difficulty", "attended", "repair", "ended"}
    heading = f"x{heading}" if heading in known | {"therapist_rating", "therapist_guess"} else heading
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(["client", "week", "alliance", heading])
    writer.writerows([c, k, "4.50", n] for k, (c, n) in enumerate(zip(clients, notes, strict=False)))
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(out.getvalue().encode())
    table = read_sessions(source)
    write_frame(table.with_added(pl.DataFrame({"trust": [1.5] * len(clients)})), target)
    given_rows, written = rows_of(source), rows_of(target)
    assert [row[:-1] for row in written] == given_rows
    assert table.work["client"].to_list() == clients


@QUICK
@given(
    clients=st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=12, unique=True),
    floats=st.lists(st.floats(allow_nan=False), min_size=12, max_size=12),
)
def test_parquet_values_come_back_exactly(tmp_path: Path, clients: list[int], floats: list[float]) -> None:
    frame = pl.DataFrame(
        {
            "client": clients,
            "week": 0,
            "alliance": 4,
            "x": floats[: len(clients)],
            "y": ["007"] * len(clients),
        }
    )
    frame.write_parquet(tmp_path / "in.parquet")
    table = read_sessions(tmp_path / "in.parquet")
    write_frame(table.raw, tmp_path / "out.parquet", typed=False)
    assert pl.read_parquet(tmp_path / "out.parquet").equals(frame)


@QUICK
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    for name in ("in.csv", "in.parquet"):
        path = tmp_path / name
        path.write_bytes(content)
        said = refusal(path)
        assert said is None or ("\n" not in said and str(path) in said)


@QUICK
@given(
    rows=st.lists(
        st.lists(st.one_of(LOOKS, TEXT, st.integers(-3, 12).map(str)), min_size=0, max_size=7), max_size=6
    ),
    encoding=st.sampled_from(["utf-8", "latin-1", "utf-16"]),
)
def test_any_cells_under_the_contract_headings_are_read_or_refused(
    tmp_path: Path, rows: list[list[str]], encoding: str
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["client", "week", "alliance", "difficulty", "date", "repair"], *rows])
    path = tmp_path / "in.csv"
    path.write_bytes(out.getvalue().encode(encoding, errors="replace"))
    said = refusal(path)
    if said is not None:
        assert "\n" not in said
        assert str(path) in said
    else:
        table = read_sessions(path)
        assert table.work["alliance"].drop_nulls().is_between(1, 7).all()
        assert table.work["week"].null_count() == 0
