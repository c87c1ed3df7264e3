"""Tables in, the same kind of table out."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import reknit
from reknit.trust import Series, estimate_series
from reknit.trust.table import ADDED, TableError

RNG = np.random.default_rng(8)
TABLE = pl.DataFrame(
    {
        "client": [f"c{i % 7}" for i in range(70)],
        "week": [float(i // 7) for i in range(70)],
        "alliance": RNG.uniform(3, 7, 70),
        "difficulty": RNG.integers(0, 3, 70),
        "note": ["kept"] * 70,
    }
).sample(fraction=1, shuffle=True, seed=4)


def test_rows_order_and_other_columns_stay() -> None:
    out = reknit.estimate(TABLE)
    assert out.select(TABLE.columns).equals(TABLE)
    assert set(ADDED) <= set(out.columns)


def test_a_table_says_what_its_series_say() -> None:
    out = reknit.estimate(TABLE).filter(pl.col("client") == "c3").sort("week")
    series = Series(out["week"], out["alliance"], difficulty=out["difficulty"], scale=(1, 7))
    alone = estimate_series(series)
    for column in ("trust", "trust_lo80", "p_rupture", "next_mean", "next_sd", "p_dropout"):
        assert out[column].to_list() == pytest.approx([getattr(e, column) for e in alone])


def test_every_kind_of_table_comes_back_as_it_went() -> None:
    first = reknit.estimate(TABLE)
    panda = reknit.estimate(TABLE.to_pandas().set_index(np.arange(100, 170)))
    arrow = reknit.estimate(TABLE.to_arrow())
    assert isinstance(panda, pd.DataFrame)
    assert isinstance(arrow, pa.Table)
    assert panda.index[0] == 100
    assert panda["trust"].to_numpy() == pytest.approx(first["trust"].to_numpy())
    assert arrow.column("trust").to_numpy() == pytest.approx(first["trust"].to_numpy())


def test_dates_do_for_weeks() -> None:
    dated = TABLE.with_columns(
        date=pl.date(2024, 1, 1) + pl.duration(days=7 * pl.col("week").cast(pl.Int64))
    ).drop("week")
    assert reknit.estimate(dated)["trust"].to_list() == pytest.approx(
        reknit.estimate(TABLE)["trust"].to_list()
    )


def test_two_therapists_are_two_relationships() -> None:
    split = TABLE.with_columns(therapist=pl.when(pl.col("week") < 5).then(pl.lit("a")).otherwise(pl.lit("b")))
    alone = reknit.estimate(split.filter(pl.col("therapist") == "b").drop("therapist"))
    both = reknit.estimate(split).filter(pl.col("therapist") == "b")
    assert both["trust"].to_list() == pytest.approx(alone["trust"].to_list())


@pytest.mark.parametrize("column", ["client", "alliance", "week"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(TableError, match="date" if column == "week" else column):
        reknit.estimate(TABLE.drop(column))


def test_no_rows_and_no_table_are_refused() -> None:
    with pytest.raises(TableError, match="no rows"):
        reknit.estimate(TABLE.head(0))
    with pytest.raises(TableError, match="not dict"):
        reknit.estimate({})


def test_importing_the_library_is_quick() -> None:
    code = "import time; t = time.perf_counter(); import reknit; print(time.perf_counter() - t)"
    took = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(took.stdout) < 0.5
