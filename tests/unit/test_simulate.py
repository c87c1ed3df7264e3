"""What a simulated table promises to whoever reads it."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reknit.trust.simulate import ForeignWorld, simulate

CONTRACT = [
    "client", "therapist", "clinic", "session", "week", "alliance", "difficulty", "attended",
    "therapist_rating", "therapist_guess", "repair", "ended",
]  # fmt: skip
TRUTH = [
    "true_trust", "true_bond", "true_passing", "true_strain", "true_gained", "true_rupture", "true_onset",
    "true_repair",
]  # fmt: skip
GENERATORS = ["foreign", "model"]


@pytest.mark.parametrize("generator", GENERATORS)
def test_columns_are_those_of_the_command_line_then_the_truth(generator: str) -> None:
    table = simulate(40, 1, generator)
    assert table.columns[:12] == CONTRACT
    assert set(TRUTH) <= set(table.columns[12:])
    assert table["client"].n_unique() == 40
    assert table.select("client", "session").is_duplicated().sum() == 0


@pytest.mark.parametrize("generator", GENERATORS)
def test_the_same_seed_gives_the_same_table_and_another_seed_another(generator: str) -> None:
    once, twice, other = (simulate(30, seed, generator) for seed in (4, 4, 5))
    assert_frame_equal(once, twice)
    assert not once.equals(other)


@pytest.mark.parametrize("generator", GENERATORS)
def test_ratings_stay_on_their_scale_and_sessions_within_their_number(generator: str) -> None:
    table = simulate(200, 2, generator, sessions=(3, 9), scale=(0.0, 10.0))
    for name in ("alliance", "therapist_rating", "therapist_guess"):
        assert table[name].is_between(0, 10).all(), name
    lengths = table.group_by("client").len()["len"]
    assert lengths.max() == 9
    gaps = table.select(pl.col("week").diff().over("client")).to_series().drop_nulls()
    assert gaps.min() > 0  # type: ignore[operator]


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_missed_session_has_no_answers(generator: str) -> None:
    missed = simulate(400, 3, generator).filter(pl.col("attended") == 0)
    assert missed.height > 50
    for name in ("alliance", "difficulty", "therapist_rating"):
        assert missed[name].null_count() == missed.height, name


@pytest.mark.parametrize("generator", GENERATORS)
def test_trust_is_bond_and_mood_less_strain(generator: str) -> None:
    table = simulate(50, 3, generator, scale=(0.0, 10.0))
    error = table["true_trust"] - (table["true_bond"] + table["true_passing"] - table["true_strain"])
    assert error.abs().max() < 1e-9  # type: ignore[operator]


@pytest.mark.parametrize("generator", GENERATORS)
def test_only_the_last_row_says_how_it_ended(generator: str) -> None:
    table = simulate(200, 6, generator)
    last = table.group_by("client").agg(pl.col("ended").last(), (pl.col("ended").count()).alias("count"))
    assert last["count"].eq(1).all()
    assert set(last["ended"]) == {0, 1, 2}


def test_a_world_without_ruptures_has_none() -> None:
    table = simulate(300, 7, "foreign", rupture_rate=0.0)
    assert table["true_rupture"].sum() == 0
    assert table["true_strain"].sum() == 0
    assert table["difficulty"].sum() > 0, "false reports go on"


def test_a_gradual_rupture_falls_in_every_one_of_its_sessions() -> None:
    table = simulate(300, 8, "foreign", steps=(0.0, 0.0, 1.0), sessions=(20, 20), leave=-20.0)
    onsets, falls = int(table["true_onset"].sum()), int(table["true_rupture"].sum())
    assert 2.6 * onsets < falls < 3.0 * onsets


def test_a_repair_raises_the_bond_by_the_stated_gain() -> None:
    before = pl.col("true_strain").shift(1).over("client")
    weekly = simulate(500, 9, "foreign", gain=0.25, healing=1.0, slope=0.0, slope_sd=0.0)
    assert weekly["true_repair"].sum() > 100
    repaired = weekly.with_columns(
        before.alias("before"), pl.col("true_bond").diff().over("client").alias("rise")
    ).filter(pl.col("true_repair") == 1)
    assert (repaired["rise"] - 0.25 * repaired["before"]).abs().max() < 1e-9  # type: ignore[operator]


def test_clients_who_conceal_report_fewer_ruptures() -> None:
    told = {
        share: simulate(800, 10, "foreign", concealing=share).filter(pl.col("true_rupture") == 1)[
            "difficulty"
        ]
        for share in (0.1, 0.8)
    }
    assert (told[0.8] > 0).mean() + 0.3 < (told[0.1] > 0).mean()  # type: ignore[operator]


def test_items_are_answered_in_whole_categories() -> None:
    table = simulate(50, 11, "foreign", scale=(0.0, 10.0))
    fifths = table["alliance"].drop_nulls() * 5
    assert (fifths - fifths.round()).abs().max() < 1e-9  # type: ignore[operator]


def test_a_world_can_be_handed_over_whole() -> None:
    world = ForeignWorld(rupture_rate=0.2)
    assert_frame_equal(simulate(20, 1, "foreign", params=world), simulate(20, 1, "foreign", rupture_rate=0.2))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"generator": "other"}, "generator"),
        ({"generator": "foreign", "no_such": 1}, "no_such"),
        ({"generator": "model", "no_such": 1}, "no_such"),
        ({"generator": "foreign", "relationships": 0}, "relationships"),
        ({"generator": "foreign", "sessions": (5, 2)}, "low"),
        ({"generator": "foreign", "scale": (7.0, 1.0)}, "scale"),
    ],
)
def test_impossible_wishes_are_named(arguments: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        simulate(**arguments)  # type: ignore[arg-type]
