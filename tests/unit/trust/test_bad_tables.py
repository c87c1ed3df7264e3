"""What cannot be read is refused in the same words by the library and the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import reknit
from reknit.cohort.tables import read_sessions
from reknit.criteria import score
from reknit.trust.refusals import TableError, as_scale
from reknit.trust.table import read_cohort

GOOD = {"client": ["a", "a", "b"], "week": [0.0, 1.0, 0.0], "alliance": [5.0, 6.0, 4.0]}
DOORS: dict[str, Callable[[Any], Any]] = {
    "estimate": reknit.estimate,
    "fit": reknit.fit,
    "episodes": lambda table: reknit.episodes(table, "model"),
    "all episodes": reknit.episodes,
    "score": lambda table: score(table, "cusum"),
}
HINT = ": say the lowest and highest possible rating, --scale LO:HI or scale=(LO, HI)"
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "off the scale": (
        {"alliance": [5, 9, 0]},
        "row 2, column alliance: '9' is off the scale 1:7; this column runs from 0 to 9" + HINT,
    ),
    "a guess off the scale": (
        {"therapist_guess": [None, 2.0, 7.5]},
        "row 3, column therapist_guess: '7.5' is off the scale 1:7; this column runs from 2 to 7.5" + HINT,
    ),
    "text": ({"alliance": ["5", "good", "4"]}, "row 2, column alliance: 'good' is not a number"),
    "a comma": (
        {"alliance": ["5", "4,5", "4"]},
        "row 2, column alliance: '4,5' is not a number; decimals are written with a point",
    ),
    "an infinite rating": (
        {"alliance": [5, np.inf, 4]},
        "row 2, column alliance: 'inf' is not a finite number",
    ),
    "nested ratings": (
        {"alliance": [[1.0], [2.0], [3.0]]},
        "column alliance holds List(Float64), not numbers",
    ),
    "no client": ({"client": ["a", None, "b"]}, "row 2, column client: the client is missing"),
    "a blank client": ({"client": ["a", "a", "  "]}, "row 3, column client: the client is missing"),
    "a client that is no number": (
        {"client": [1.0, 1.0, np.nan]},
        "row 3, column client: the client is missing",
    ),
    "nested clients": ({"client": [[1], [1], [2]]}, "column client holds List(Int64), not identifiers"),
    "no week": ({"week": [0, None, 1]}, "row 2, column week: the week is missing"),
    "a week that is no number": ({"week": [0, np.nan, 1]}, "row 2, column week: the week is missing"),
    "an infinite week": ({"week": [0, 1, -np.inf]}, "row 3, column week: '-inf' is not a finite number"),
    "a time stamp": (
        {"week": [0, 1, 1_700_000_000]},
        "row 3, column week: '1700000000' weeks are no time in therapy; give a date in a column date",
    ),
    "a week in words": ({"week": ["0", "one", "2"]}, "row 2, column week: 'one' is not a number"),
    "nested sessions": ({"session": [[1], [2], [3]]}, "column session holds List(Int64), not identifiers"),
    "bytes for sessions": ({"session": [b"\xff"] * 3}, "column session holds Binary, not identifiers"),
    "twice": (
        {"client": ["a", "a", "a"], "week": [1, 0, 1]},
        "row 3, column week: repeats row 1: the same client and week;"
        " two sessions of one day need a column session that numbers them",
    ),
    "twice, numbered": (
        {"client": ["a", "a", "a"], "week": [1, 0, 1], "session": [1, 2, 1]},
        "row 3, column week: repeats row 1: the same client and week and session",
    ),
    "an answer that is none": (
        {"difficulty": [0, 3, None]},
        "row 2, column difficulty: '3' is not 0, 1 or 2",
    ),
    "half an answer": ({"repair": [0, 0.5, None]}, "row 2, column repair: '0.5' is not 0, 1 or 2"),
    "attended twice": ({"attended": [1, 1, 2]}, "row 3, column attended: '2' is not 0 or 1"),
}  # fmt: skip
DATES: dict[str, tuple[list[Any], str]] = {
    "no day": (
        ["2024-01-01", "2024-02-30", "2024-03-01"],
        "row 2, column date: '2024-02-30' is not a date such as 2024-03-31",
    ),
    "another order": (
        ["01/02/2024", "2024-02-02", "2024-03-01"],
        "row 1, column date: '01/02/2024' is not a date such as 2024-03-31",
    ),
    "none": (["2024-01-01", None, "2024-03-01"], "row 2, column date: the date is missing"),
    "numbers": ([1, 2, 3], "column date holds Int64, not dates"),
}  # fmt: skip


def refusal(door: Callable[[Any], Any], table: Any) -> str:
    with pytest.raises(TableError) as caught:
        door(table)
    return str(caught.value)


@pytest.mark.parametrize("bad", BAD)
def test_every_door_says_the_same_of_a_bad_cell(bad: str, tmp_path: Path) -> None:
    columns, said = BAD[bad]
    table = pl.DataFrame({**GOOD, "difficulty": [0, 0, 0], **columns}, strict=False)
    assert {refusal(door, table) for door in DOORS.values()} == {said}
    table.write_parquet(tmp_path / "in.parquet")
    assert refusal(read_sessions, tmp_path / "in.parquet") == f"{tmp_path / 'in.parquet'}: {said}"


@pytest.mark.parametrize("bad", DATES)
def test_every_door_says_the_same_of_a_bad_date(bad: str, tmp_path: Path) -> None:
    dates, said = DATES[bad]
    table = pl.DataFrame({**GOOD, "date": dates, "difficulty": 0}).drop("week")
    assert {refusal(door, table) for door in DOORS.values()} == {said}
    table.write_parquet(tmp_path / "in.parquet")
    assert refusal(read_sessions, tmp_path / "in.parquet").endswith(said)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (["week", "alliance"], "column client is missing (found: week, alliance)"),
        (["client", "alliance"], "column week (or date) is missing (found: client, alliance)"),
    ],
)
def test_a_missing_column_is_named(columns: list[str], said: str) -> None:
    table = pl.DataFrame(GOOD).select(columns)
    assert {refusal(door, table) for door in (reknit.estimate, reknit.fit)} == {said}
    assert refusal(reknit.estimate, pl.DataFrame({**GOOD, "Alliance": 1}).drop("alliance")) == (
        "column alliance is missing (found: client, week, Alliance); did you mean 'Alliance'?"
    )


@pytest.mark.parametrize("door", DOORS)
def test_no_rows_and_other_objects_are_refused(door: str) -> None:
    empty = pl.DataFrame({**GOOD, "difficulty": 0}).head(0)
    assert refusal(DOORS[door], empty) == "the table has no rows"
    for other in ({"client": ["a"]}, [1], None, "sessions.csv", np.ones((2, 2))):
        assert "a Polars, pandas or PyArrow table is needed, not" in refusal(DOORS[door], other)


def test_what_may_be_missing_may_be_missing_in_any_form() -> None:
    plain = pl.DataFrame({**GOOD, "alliance": [5.0, None, 4.0], "difficulty": [0, None, 2]})
    told = reknit.estimate(plain)["trust"].to_list()
    texts = {"alliance": ["5", "NA", " 4.0 "], "difficulty": ["0", "", "2"], "week": ["0", "1", "0"]}
    frame = pd.DataFrame({**GOOD, "alliance": [5, np.nan, 4], "difficulty": pd.array([0, None, 2], "Int64")})
    others = [
        pl.DataFrame({**GOOD, **texts}),
        frame,
        frame.astype({"alliance": object, "client": "category"}),
        pa.table(plain.to_dict(as_series=False)),
        plain.lazy(),
        plain.with_columns(pl.col("client").cast(pl.Categorical), attended=None),
    ]
    for other in others:
        found = reknit.estimate(other)
        assert np.asarray(found["trust"]).tolist() == pytest.approx(told)


@pytest.mark.parametrize(
    "client",
    [
        [2**64 - 1, 2**64 - 1, 0],
        [True, True, False],
        [-1, -1, 5],
        [*([dt.date(2024, 1, 1)] * 2), dt.date(2024, 1, 2)],
    ],
)
def test_identifiers_may_be_anything_that_has_a_name(client: list[Any]) -> None:
    found = reknit.estimate(pl.DataFrame({**GOOD, "client": client}))
    assert found["trust"].to_list() == pytest.approx(reknit.estimate(pl.DataFrame(GOOD))["trust"].to_list())
    assert found["client"].to_list() == client


@pytest.mark.parametrize("home", ["pandas", "pyarrow"])
def test_mixed_cells_of_pandas_are_named_too(home: str) -> None:
    frame = pd.DataFrame({**GOOD, "alliance": np.array([5, "good", None], dtype=object)})
    if home == "pyarrow":
        frame = pa.table({**GOOD, "alliance": pa.array(["5", "good", None])})
    for door in (reknit.estimate, reknit.fit, reknit.episodes):
        assert refusal(door, frame) == "row 2, column alliance: 'good' is not a number"


def test_columns_that_are_not_read_may_hold_anything() -> None:
    frame = pd.DataFrame({**GOOD, "日記": [{1}, object(), None], 7: [1, 2, 3]}, index=[9, 9, 4])
    found = reknit.estimate(frame)
    assert found["日記"].tolist() == frame["日記"].tolist()
    assert found.index.tolist() == [9, 9, 4]
    assert found[7].tolist() == [1, 2, 3]
    twice = pd.concat([frame, frame[["week"]]], axis=1)
    assert refusal(reknit.estimate, twice) == "column week: the heading is there twice"


@pytest.mark.parametrize("week", [[-500.0, 3.0, -0.5], [0.0, 52.18 * 300, 1e-9], [9e5, -9e5, 0.0]])
def test_any_time_is_survived(week: list[float]) -> None:
    frame = pl.DataFrame({**GOOD, "client": "a", "week": week, "session": [3, 2, 1]})
    for smooth in (False, True):
        found = reknit.estimate(frame, smooth=smooth).select(pl.col(pl.Float64, pl.Float32))
        assert np.isfinite(found.to_numpy()).all()
        assert (found["trust_lo95"] < found["trust_hi95"]).all()
    assert reknit.episodes(frame).height >= 0


def test_two_sessions_of_one_day_are_told_apart_by_their_number() -> None:
    frame = pl.DataFrame({**GOOD, "client": "a", "week": 0.0, "session": [1, 2, 3], "difficulty": 0})
    assert np.isfinite(reknit.estimate(frame)["trust"].to_numpy()).all()
    for name in ("model", "cusum", "observed"):
        assert reknit.episodes(frame, name).height >= 0


def test_dates_come_in_every_form() -> None:
    days = [dt.date(2024, 1, 1), dt.date(2024, 1, 8), dt.date(2024, 1, 1)]
    plain = reknit.estimate(pl.DataFrame(GOOD))["trust"].to_list()
    frame = pl.DataFrame({**GOOD, "date": days}).drop("week")
    zoned = pl.col("date").cast(pl.Datetime("ms", "Europe/Berlin"))
    forms = [
        frame,
        frame.with_columns(pl.col("date").cast(pl.String)),
        frame.with_columns(pl.col("date").cast(pl.Datetime("ns"))),
        frame.with_columns(zoned),
        frame.with_columns(zoned).to_pandas(),
        frame.to_arrow(),
    ]
    for form in forms:
        assert np.asarray(reknit.estimate(form)["trust"]).tolist() == pytest.approx(plain)


def test_a_scale_may_be_said_as_text() -> None:
    table = pl.DataFrame({**GOOD, "alliance": [0.0, 10.0, 4.0]})
    plain = reknit.estimate(table, scale=(0, 10))["trust"].to_list()
    for scale in ("0:10", [0, 10], np.array([0, 10]), ("0", "10")):
        assert reknit.estimate(table, scale=scale)["trust"].to_list() == plain
    reknit.episodes(table, "openfit", scale="0:10")
    assert reknit.fit(table, "0:10").n == 3


@pytest.mark.parametrize(
    "scale", ["1-7", "7:1", (1,), 7, None, (1, "high"), (1, np.nan), (1, np.inf), "::", ()]
)
def test_a_scale_that_is_none_says_what_is_wanted(scale: Any) -> None:
    with pytest.raises(TableError, match=r"^scale .*(such as|must be below)"):
        as_scale(scale)


def test_a_rating_may_pass_its_end_by_rounding_only() -> None:
    table = pl.DataFrame({**GOOD, "alliance": [np.nextafter(7, 8), 1 - 1e-12, 4]})
    assert np.isfinite(reknit.estimate(table)["trust"].to_numpy()).all()
    assert "off the scale" in refusal(reknit.estimate, table.with_columns(alliance=pl.lit(7.001)))


def test_rules_that_need_no_scale_take_any_rating_until_told_one() -> None:
    table = pl.DataFrame({"client": 1, "week": range(8), "alliance": [40, 41, 40, 20, 21, 20, 19, 20]})
    assert reknit.episodes(table, "sudden-gain", cutoff=7, lower_is_better=True).height == 1
    assert "0:21" in refusal(lambda t: reknit.episodes(t, "sudden-gain", scale="0:21"), table)
    assert "1:7" in refusal(lambda t: reknit.episodes(t, "openfit"), table)


def test_lower_is_better_is_the_mirror_image() -> None:
    rng = np.random.default_rng(3)
    table = pl.DataFrame(
        {"client": np.repeat(np.arange(40), 8), "week": np.tile(np.arange(8.0), 40)}
    ).with_columns(alliance=pl.Series(rng.uniform(1, 7, 320).round(1)))
    mirrored = table.with_columns(alliance=8 - pl.col("alliance"))
    params = reknit.fit(table)
    again = reknit.fit(mirrored, lower_is_better=True)
    assert again.values == pytest.approx(dict(params.values), rel=0.02, abs=0.002)
    up, down = reknit.estimate(table, params), reknit.estimate(mirrored, params, lower_is_better=True)
    assert (8 - down["trust"]).to_list() == pytest.approx(up["trust"].to_list())
    assert (8 - down["trust_hi80"]).to_list() == pytest.approx(up["trust_lo80"].to_list())
    assert down["p_rupture"].to_list() == pytest.approx(up["p_rupture"].to_list())


def test_the_checks_are_cheap() -> None:
    """Reading a million rows with all channels stays far below what the estimate itself takes."""
    import time

    table = reknit.simulate(2000, 1).drop("true_trust")
    read_cohort(table)
    spent = []
    for _ in range(5):
        start = time.process_time()
        read_cohort(table)
        spent.append(time.process_time() - start)
    assert min(spent) / table.height < 400e-9


def test_numbers_beyond_all_measure_are_refused_or_harmless() -> None:
    table = pl.DataFrame({**GOOD, "session": [1e300, 2.0, float("nan")]})
    assert reknit.episodes(table, "sudden-gain").height == 0
    huge = table.with_columns(alliance=pl.Series([1e300, 4.0, 5.0]))
    assert "'1e300' is off the scale -1e+12:1e+12" in refusal(
        lambda t: reknit.episodes(t, "stiles2004"), huge
    ).replace("1e+300", "1e300")
