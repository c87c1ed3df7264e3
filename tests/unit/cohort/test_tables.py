"""Session tables come in checked and go out untouched."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from reknit.cohort.tables import TableError, parse_scale, read_sessions, write_frame

GOOD = "client,week,alliance,note\n007,0,4.780,a\n007,1,,b\nZoë,0,7,\n"


def put(folder: Path, content: str | bytes, name: str = "in.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, **kwargs: object) -> str:
    with pytest.raises(TableError) as caught:
        read_sessions(path, **kwargs)  # type: ignore[arg-type]
    message = str(caught.value)
    assert "\n" not in message
    assert str(path) in message
    return message.replace(str(path), "FILE")


def test_cells_pass_through_as_they_came(tmp_path: Path) -> None:
    table = read_sessions(put(tmp_path, GOOD))
    write_frame(table.with_added(pl.DataFrame({"trust": [1.0, 2.0, 3.0]})), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == (
        "client,week,alliance,note,trust\n007,0,4.780,a,1.0\n007,1,,b,2.0\nZoë,0,7,,3.0\n"
    )


def test_the_working_copy_is_typed(tmp_path: Path) -> None:
    work = read_sessions(put(tmp_path, GOOD)).work
    assert work["client"].to_list() == ["007", "007", "Zoë"]
    assert work["alliance"].to_list() == [4.78, None, 7.0]
    assert work["week"].dtype == pl.Float64
    assert "note" not in work.columns


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the file is empty"),
        ("client,week,alliance\n", "no rows"),
        ("client,week,alliance\n\n\n", "no rows"),
        ("id,week,alliance\na,0,4\n", "column client is missing (found: id, week, alliance)"),
        ("client;week;alliance\na;0;4\n", "separated by semicolons; commas are needed"),
        ("client,alliance\na,4\n", "column week (or date) is missing"),
        ("client,week\na,4\n", "column alliance is missing"),
        ("client,week,alliance\na,0,4\na,1,9\n", "row 2 (line 3), column alliance: '9' is off the scale 1:7"),
        (
            "client,week,alliance\na,0,4\na,1,good\n",
            "row 2 (line 3), column alliance: 'good' is not a number",
        ),
        ("client,week,alliance\na,0,4\na,1,inf\n", "row 2 (line 3), column alliance: 'inf' is not a finite"),
        ("client,week,alliance\na,0,4\na,,4\n", "row 2 (line 3), column week: the week is missing"),
        ("client,week,alliance\na,0,4\n,1,4\n", "row 2 (line 3), column client: the client is missing"),
        ("client,week,alliance\na,0,4\nb,0,4\na,0,5\n", "row 3 (line 4), column week: repeats row 1"),
        ("client,date,alliance\na,2024-02-30,4\n", "row 1 (line 2), column date: '2024-02-30' is not a date"),
        ("client,date,alliance\na,01/03/2024,4\n", "row 1 (line 2), column date"),
        ("client,week,alliance,difficulty\na,0,4,3\n", "column difficulty: '3' is not 0, 1 or 2"),
        ("client,week,alliance,attended\na,0,4,2\n", "column attended: '2' is not 0 or 1"),
        (
            "client,week,alliance\na,0,4\na,1,4,5\n",
            "row 2 (line 3), column 4: 4 cells where the heading has 3",
        ),
        ("client,week,week,alliance\na,0,4,4\n", "column week: the heading is there twice"),
        ('client,week,alliance\na,0,4\n"b,1,4\n', "row 2 (line 3), column client: a quotation mark"),
        (
            b"client,week,alliance\na,0,4\nZo\xeb,1,4\n",
            "row 2 (line 3), column client: the encoding is not UTF-8",
        ),
        ("client,week,alliance\na,0,4\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_bad_input_is_named_in_one_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in refusal(put(tmp_path, content))


def test_a_line_number_counts_cells_of_several_lines(tmp_path: Path) -> None:
    path = put(tmp_path, 'client,week,alliance,note\na,0,4,"two\nlines"\na,1,x,\n')
    assert "row 2 (line 4), column alliance" in refusal(path)


@pytest.mark.parametrize("name", ["in.txt", "in.xlsx", "in"])
def test_an_unknown_extension_is_refused(tmp_path: Path, name: str) -> None:
    assert "unknown extension" in refusal(put(tmp_path, GOOD, name))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.csv")
    (tmp_path / "folder.csv").mkdir()
    assert "not a file" in refusal(tmp_path / "folder.csv")


def test_a_broken_parquet_file_is_refused(tmp_path: Path) -> None:
    assert "not a readable PARQUET file" in refusal(put(tmp_path, b"PAR1nothing", "in.parquet"))


def test_missing_cells_are_read_as_missing(tmp_path: Path) -> None:
    path = put(tmp_path, "client,week,alliance,difficulty\na,0,NA,\na,1, 4 ,NaN\na,2,,1\n")
    work = read_sessions(path).work
    assert work["alliance"].to_list() == [None, 4.0, None]
    assert work["difficulty"].to_list() == [None, None, 1.0]


def test_a_byte_order_mark_and_blank_lines_at_the_end_are_harmless(tmp_path: Path) -> None:
    work = read_sessions(put(tmp_path, b"\xef\xbb\xbfclient,week,alliance\r\na,0,4\r\n\r\n")).work
    assert work.height == 1


def test_weeks_come_from_dates_within_a_relationship(tmp_path: Path) -> None:
    path = put(
        tmp_path,
        "client,therapist,date,alliance\n"
        "a,t1,2024-03-08,4\na,t1,2024-03-01T09:00,4\na,t2,2024-05-01,4\na,t2,2024-05-15T00:00:00Z,5\n",
    )
    weeks = read_sessions(path).work["week"].to_list()
    assert weeks == pytest.approx([1 - 9 / 168, 0, 0, 2])


def test_two_therapists_are_two_relationships(tmp_path: Path) -> None:
    path = put(tmp_path, "client,therapist,week,alliance\na,t1,0,4\na,t2,0,4\n")
    assert read_sessions(path).work.height == 2


def test_two_sessions_of_one_week_need_a_session_number(tmp_path: Path) -> None:
    rows = "client,week,session,alliance\na,0,1,4\na,0,2,5\n"
    assert read_sessions(put(tmp_path, rows)).work.height == 2
    assert "repeats row 1" in refusal(put(tmp_path, rows.replace(",2,5", ",1,5")))


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"client": [7, 8], "week": [0, 0], "alliance": [4.5, float("nan")], "when": ["x", None]}
    )
    frame.write_parquet(tmp_path / "in.parquet")
    table = read_sessions(tmp_path / "in.parquet")
    write_frame(table.with_added(pl.DataFrame({"trust": [1.0, 2.0]})), tmp_path / "out.parquet")
    out = pl.read_parquet(tmp_path / "out.parquet")
    assert out.drop("trust").equals(frame)
    assert out.schema["client"] == pl.Int64
    assert table.work["alliance"].to_list() == [4.5, None]


def test_text_becomes_a_number_in_parquet_only_where_it_reads_the_same(tmp_path: Path) -> None:
    table = read_sessions(put(tmp_path, "client,week,alliance,code,n\n007,0,4.780,7,1\n8,1,5,8.5,\n"))
    write_frame(table.raw, tmp_path / "out.parquet")
    out = pl.read_parquet(tmp_path / "out.parquet")
    assert out["client"].to_list() == ["007", "8"]
    assert out["alliance"].to_list() == ["4.780", "5"]
    assert out["n"].to_list() == [1, None]


def test_an_added_column_never_overwrites(tmp_path: Path) -> None:
    table = read_sessions(put(tmp_path, "client,week,alliance,trust\na,0,4,x\n"))
    with pytest.raises(TableError, match="column trust is already there"):
        table.with_added(pl.DataFrame({"trust": [1.0]}))


def test_nothing_is_half_written(tmp_path: Path) -> None:
    nested = pl.DataFrame({"a": [[1]]})
    with pytest.raises(TableError, match="cannot be written"):
        write_frame(nested, tmp_path / "out.csv")
    with pytest.raises(TableError, match="there is no folder"):
        write_frame(nested, tmp_path / "none" / "out.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["1", "7:1", "a:b", "1:7:9", "nan:7", "1:1", ""])
def test_a_scale_is_two_numbers_in_order(text: str) -> None:
    with pytest.raises(TableError, match="--scale"):
        parse_scale(text)


def test_scales_are_read() -> None:
    assert parse_scale("36:252") == (36.0, 252.0)
    assert parse_scale("-5:5") == (-5.0, 5.0)
