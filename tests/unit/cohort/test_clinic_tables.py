"""The table of clinics and months: right where it is shown, and silent where it would give somebody away."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reknit.cohort import clinic_tables, partitions, scale
from reknit.cohort.clinic_tables import ALL, table
from reknit.cohort.disclosure import LEAST


def clinic(
    name: str, relationships: int, therapists: int = 10, first: date = date(2024, 1, 1)
) -> pl.DataFrame:
    """Weekly sessions through a quarter of relationships that were just estimated."""
    first = date(2024, 1, 1)
    rows = [
        {
            "client": f"{name}-{who}", "therapist": f"{name}-t{who % therapists}", "clinic": name,
            "date": first + timedelta(weeks=week), "alliance": 4.0 if week % 4 else None,
            "difficulty": 2.0 if week == 2 else 0.0, "attended": 0.0 if week % 4 == 0 else 1.0,
            "repair": 2.0 if week == 3 else 0.0, "ended": 0.0, "trust": 4.0 + 0.1 * who,
            "trust_hi80": 4.5 + 0.1 * who, "trust_lo80": 3.5 + 0.1 * who, 
            "p_rupture": 0.9 if week == 2 else 0.05, "p_strain": 0.8 if week == 2 else 0.1,
        }
        for who in range(relationships)
        for week in range(13)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def made(*clinics: pl.DataFrame, **more: bool) -> pl.DataFrame:
    return table([clinic_tables.sums(pl.concat(clinics))], **more)


def cell(found: pl.DataFrame, name: str, month: str) -> dict:
    return found.row(by_predicate=(pl.col("clinic") == name) & (pl.col("month") == month), named=True)


def test_figures_by_hand() -> None:
    found = cell(made(clinic("a", 20), clinic("b", 20)), "a", "2024-01")
    assert (found["relationships"], found["sessions"]) == (20, 100)  # 1, 8, 15, 22, 29 January
    assert found["trust_mean"] == pytest.approx(4.95)
    assert found["answered"] == pytest.approx(3 / 5)
    assert found["missed"] == pytest.approx(2 / 5)
    assert found["ruptures_noticed"] == pytest.approx(1 / 5)
    assert (found["restored"], found["repaired"], found["repairs_confirmed"]) == (1.0, 1.0, 1.0)
    assert found["dropped_out"] is None  # nobody ended
    spread = np.std(4 + 0.1 * np.arange(20), ddof=1)
    half = 2.093 * np.sqrt((spread**2 + (1 / 2.5631) ** 2) / 20)
    assert found["trust_hi95"] - found["trust_mean"] == pytest.approx(half, rel=1e-3)


def test_every_figure_has_its_number_and_its_interval() -> None:
    found = made(clinic("a", 20), clinic("b", 20)).filter(pl.col("clinic") == "a")
    for name in ("answered", "ruptures_expected", "strained", "missed", "repaired", "restored"):
        assert f"{name}_n" in found.columns
        assert (found[f"{name}_lo95"] <= found[name] + 1e-12).fill_null(True).all()
        assert (found[name] <= found[f"{name}_hi95"] + 1e-12).fill_null(True).all()
    january = cell(found, "a", "2024-01")
    assert january["answered_n"] == 100
    assert january["repaired_n"] == 20
    # Every relationship answers three times in five: as good as 100 independent answers, Wilson at t(19).
    pull = 2.093**2 / 100
    half = np.sqrt(pull * (0.24 + pull / 4))
    assert january["answered_lo95"] == pytest.approx((0.6 + pull / 2 - half) / (1 + pull), rel=1e-3)


@pytest.mark.parametrize(("share", "alike"), [(0.1, 0.0), (0.1, 0.3), (0.5, 0.3), (0.03, 0.1)])
def test_an_interval_holds_the_share_about_as_often_as_it_says(share: float, alike: float) -> None:
    """Sessions of a relationship are alike: its own share is drawn from a beta, its sessions from that."""
    rng, held, clinics, people, times = np.random.default_rng(11), 0, 200, 40, 4
    spread = 1 / alike - 1 if alike else np.inf
    own = np.full((clinics, people), share)
    if alike:
        own = rng.beta(share * spread, (1 - share) * spread, (clinics, people))
    missed = rng.random((clinics, people, times)) < own[:, :, None]
    grid = np.indices(missed.shape).reshape(3, -1)
    frame = pl.DataFrame(
        {"clinic": grid[0].astype(str), "client": grid[0] * 1000 + grid[1], "therapist": grid[1] % 10,
         "week": grid[2] / 2.0, "attended": 1.0 - missed.ravel(), "alliance": 5.0, "trust": 5.0,
         "trust_lo80": 4.0, "trust_hi80": 6.0, "p_rupture": 0.1, "p_strain": 0.1}
    )  # fmt: skip
    found = table([clinic_tables.sums(frame)], open_month=True).filter(pl.col("clinic") != ALL)
    held = found["missed_lo95"].le(share) & found["missed_hi95"].ge(share)
    assert found["missed_n"].unique().to_list() == [people * times]
    assert 0.91 <= held.mean() <= 0.995


def test_the_latest_month_is_left_out_unless_asked_for() -> None:
    assert made(clinic("a", 20))["month"].unique().sort().to_list() == ["2024-01", "2024-02"]
    assert "2024-03" in made(clinic("a", 20), open_month=True)["month"].to_list()


def test_parts_add_up_to_the_whole() -> None:
    whole = pl.concat([clinic("a", 23), clinic("b", 31), clinic("c", 3)])
    halves = [whole.filter(pl.col("client").hash() % 2 == side) for side in range(2)]
    together = table([clinic_tables.sums(half) for half in halves])
    assert_frame_equal(together, made(whole), rel_tol=0, abs_tol=1e-9)


def test_a_small_cell_is_hidden_and_another_beside_it() -> None:
    found = made(clinic("a", 30), clinic("b", 40), clinic("tiny", 3))
    assert cell(found, "tiny", "2024-01")["hidden"] == "few"
    assert cell(found, "a", "2024-01")["hidden"] == "beside one that is hidden"
    assert cell(found, "b", "2024-01")["hidden"] == ""
    for name in ("tiny", "a"):
        row = cell(found, name, "2024-01")
        assert all(row[column] is None for column in found.columns[3:])


@pytest.mark.parametrize(
    "sizes", [(3, 30, 40), (1, 2, 50), (1, 1, 1, 60), (2, 6, 7, 90), (4, 5), (3,), (50,)]
)
def test_what_is_shown_never_tells_of_fewer_than_five(sizes: tuple[int, ...]) -> None:
    found = made(*(clinic(f"{'c' * (k + 1)}", size, max(size, 5)) for k, size in enumerate(sizes)))
    for month in found["month"].unique():
        rows = found.filter(pl.col("month") == month)
        whole = rows.filter((pl.col("clinic") == ALL) & (pl.col("hidden") == ""))
        shown = rows.filter((pl.col("clinic") != ALL) & (pl.col("hidden") == ""))
        assert (shown["relationships"] >= LEAST).all()
        if whole.height:
            rest = whole["relationships"].item() - shown["relationships"].sum()
            assert rest == 0 or rest >= LEAST


def test_a_clinic_s_figure_is_never_one_therapist_s() -> None:
    found = made(clinic("alone", 30, therapists=1), clinic("a", 30), clinic("b", 30))
    assert cell(found, "alone", "2024-01")["hidden"] == "few"


def test_a_figure_of_few_is_hidden_alone() -> None:
    asked = clinic("a", 20).with_columns(
        difficulty=pl.when(pl.col("client").is_in(["a-1", "a-2"])).then(pl.col("difficulty"))
    )
    table_of_two = made(asked, clinic("b", 20))
    found, whole = (cell(table_of_two, name, "2024-01") for name in ("a", ALL))
    assert (found["difficulty_said"], whole["difficulty_said"]) == (None, None)
    assert None not in (found["answered"], whole["answered"])


def test_weeks_count_months_since_the_start_of_each_relationship() -> None:
    frame = (
        clinic("a", 20)
        .with_columns(week=((pl.col("date") - pl.lit(date(2024, 1, 1))).dt.total_days() / 7))
        .drop("date")
    )
    assert table([clinic_tables.sums(frame)])["month"].unique().sort().to_list() == ["month 001", "month 002"]


def test_from_sessions_and_from_estimates_alike(tmp_path: Path) -> None:
    names = ["client", "therapist", "clinic", "date", "alliance", "difficulty", "attended", "repair", "ended"]
    pl.concat([clinic("a", 30), clinic("b", 30)]).select(names).write_parquet(tmp_path / "s.parquet")
    parts, trust, how = tmp_path / "parts", tmp_path / "trust", scale.How()
    partitions.partition(tmp_path / "s.parquet", parts, 3)
    scale.estimate_folder(parts, trust, how)
    tables = [scale.clinic_table(source, how) for source in (tmp_path / "s.parquet", parts, trust)]
    assert tables[0].height == 6
    for found in tables[1:]:
        assert_frame_equal(found, tables[0], rel_tol=0, abs_tol=1e-6)
