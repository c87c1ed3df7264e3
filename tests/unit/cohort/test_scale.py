"""A cohort in parts gives what the whole table gives, and goes on where it stopped."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reknit.cohort import partitions, runs, scale, tables
from reknit.cohort.tables import TableError
from reknit.trust.params import DEFAULT
from reknit.trust.simulate import simulate

KEYS = ["client", "therapist", "week"]


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawn = simulate(150, 31, "foreign", (4, 10))
    seen = drawn.select(name for name in drawn.columns if not name.startswith("true_"))
    path = tmp_path_factory.mktemp("cohort") / "sessions.parquet"
    seen.sample(fraction=1.0, shuffle=True, seed=1).write_parquet(path)
    return path


@pytest.fixture
def parts(sessions: Path, tmp_path: Path) -> Path:
    partitions.partition(sessions, tmp_path / "parts", 4)
    return tmp_path / "parts"


def test_every_client_is_whole_in_one_part_and_nothing_is_lost(sessions: Path, parts: Path) -> None:
    files = partitions.parts_of(parts)
    clients = [set(pl.read_parquet(file)["client"]) for file in files]
    assert len(files) == 4
    assert sum(map(len, clients)) == len(set.union(*clients))
    assert_frame_equal(pl.read_parquet(parts).sort(KEYS), pl.read_parquet(sessions).sort(KEYS))


def test_the_same_client_is_in_the_same_part_again(sessions: Path, parts: Path, tmp_path: Path) -> None:
    again = partitions.partition(sessions, tmp_path / "again", 4)
    assert [file.read_bytes() for file in again] == [f.read_bytes() for f in partitions.parts_of(parts)]


def test_a_csv_keeps_its_identifiers(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("client,week,alliance\n007,0,5\n007,1,6\n08,0,4\n")
    partitions.partition(tmp_path / "s.csv", tmp_path / "parts", 2)
    assert set(pl.read_parquet(tmp_path / "parts")["client"]) == {"007", "08"}


def test_parts_give_what_the_whole_gives(sessions: Path, parts: Path, tmp_path: Path) -> None:
    how = scale.How(false_alarms=5.0)
    heard: list[float] = []
    done = scale.estimate_folder(parts, tmp_path / "trust", how, tell=lambda share, _: heard.append(share))
    table = tables.read_sessions(sessions)
    whole = table.with_added(how.estimate(table)).sort(KEYS)
    found = pl.read_parquet(tmp_path / "trust").sort(KEYS)
    assert_frame_equal(found, whole, rel_tol=0, abs_tol=1e-6)
    assert (done, heard) == (4, [0.25, 0.5, 0.75, 1.0])


def test_what_is_done_is_kept_and_what_changed_is_done_again(parts: Path, tmp_path: Path) -> None:
    target, how = tmp_path / "trust", scale.How()
    assert scale.estimate_folder(parts, target, how) == 4
    assert scale.estimate_folder(parts, target, how) == 0
    first, second = partitions.parts_of(parts)[:2]
    pl.read_parquet(first).head(-1).write_parquet(first)
    assert scale.estimate_folder(parts, target, how) == 1
    assert pl.read_parquet(target / first.name).height == pl.read_parquet(first).height
    other = (
        scale.How(params=DEFAULT.with_values(rupture_rate=0.2)) if "rupture_rate" in DEFAULT.values else None
    )
    assert scale.estimate_folder(parts, target, other or scale.How(smooth=True)) == 4
    second.unlink()
    scale.estimate_folder(parts, target, how)
    assert not (target / second.name).exists()


def test_a_bad_part_is_named_and_nothing_is_half_written(parts: Path, tmp_path: Path) -> None:
    bad = partitions.parts_of(parts)[2]
    frame = pl.read_parquet(bad)
    frame.with_columns(
        alliance=pl.when(pl.int_range(pl.len()) == 3).then(9.0).otherwise(pl.col("alliance"))
    ).write_parquet(bad)
    with pytest.raises(TableError, match=rf"{bad.name}: row 4, column alliance: '9.0' is off the scale"):
        scale.estimate_folder(parts, tmp_path / "trust", scale.How())
    left = sorted(path.name for path in (tmp_path / "trust").iterdir())
    assert left == [part.name for part in partitions.parts_of(parts)[:2]]


def test_a_worker_s_leftovers_are_swept_away(parts: Path, tmp_path: Path) -> None:
    target = tmp_path / "trust"
    target.mkdir()
    (target / ".part-00000.parquet.123.part").write_bytes(b"half")
    scale.estimate_folder(parts, target, scale.How())
    assert not list(target.glob(".*"))


def test_a_client_in_two_parts_is_refused(parts: Path, tmp_path: Path) -> None:
    first, second = partitions.parts_of(parts)[:2]
    one = pl.read_parquet(first).head(1).with_columns(week=pl.lit(99.0))
    pl.concat([pl.read_parquet(second), one]).write_parquet(second)
    with pytest.raises(TableError, match=rf"client '{one['client'].item()}' is in more than one part"):
        scale.estimate_folder(parts, tmp_path / "trust", scale.How())


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda d: partitions.parts_of(d / "none"), "no such folder"),
        (partitions.parts_of, "no .parquet file"),
        (lambda d: partitions.partition(d / "none.csv", d / "new"), "no such file"),
        (lambda d: partitions.partition(d / "none.csv", d), "is there already"),
    ],
)
def test_what_cannot_be_done_is_said(make, said: str, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=said):
        make(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_fit_of_the_parts_is_the_fit_of_the_whole(sessions: Path, parts: Path) -> None:
    found = scale.fit_folder(parts, (1.0, 7.0))
    whole = runs.fit(tables.read_sessions(sessions))
    assert found.values == pytest.approx(whole.values, abs=1e-6)
    assert found.se == pytest.approx(whole.se, abs=1e-6)
    assert found.effects == pytest.approx(whole.effects, abs=1e-6)


def test_a_large_cohort_lends_some_whole_relationships_to_the_fit(
    parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent: list[pl.DataFrame] = []
    monkeypatch.setattr(scale, "FIT_ROWS", 300)
    monkeypatch.setattr(scale.runs, "fit", lambda table, **_: lent.append(table.work))
    scale.fit_folder(parts, (1.0, 7.0))
    whole = pl.read_parquet(parts)
    of_each = whole.group_by("client").len().join(lent[0].group_by("client").len(), on="client")
    assert (of_each["len"] == of_each["len_right"]).all()
    assert 150 < lent[0].height < 450 < whole.height
