"""Learning parameters from tables."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import reknit
from reknit.trust import Params
from reknit.trust.simulate import simulate
from reknit.trust.start import rating_step

TRUTH = ("true_trust", "true_rupture", "true_repair", "true_strain", "true_bond", "true_onset")


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    made = simulate(150, 3, "foreign")
    return made.drop([name for name in made.columns if name.startswith("true_")])


@pytest.fixture(scope="module")
def fitted(table: pl.DataFrame) -> Params:
    return reknit.fit(table)


def test_it_beats_the_start_and_says_how_sure_it_is(fitted: Params, table: pl.DataFrame) -> None:
    assert fitted.n == table["alliance"].count()
    assert fitted["said_rupture"] > fitted["said_calm"] + 0.1
    assert fitted["record_repair"] > fitted["record_calm"]
    low, high = fitted.interval("repair_gain")
    assert low < fitted.repair_gain < high
    assert len(fitted.cov) == len(fitted.free)
    assert fitted.version.startswith("fit-")


def test_absent_channels_keep_their_defaults(table: pl.DataFrame) -> None:
    bare = reknit.fit(table.select("client", "week", "alliance").head(400))
    assert "said_rupture" not in bare.free
    assert bare["said_rupture"] == Params()["said_rupture"]


def test_it_survives_json(fitted: Params) -> None:
    assert Params.from_json(fitted.to_json()) == fitted


def test_an_interrupted_fit_goes_on(table: pl.DataFrame, tmp_path: Path) -> None:
    kept, notes = tmp_path / "fit.part", []
    small = table.select("client", "week", "alliance").head(600)

    def stop(share: float, note: str) -> None:
        notes.append(note)
        if note == "step 3":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reknit.fit(small, progress=stop, checkpoint=kept)
    assert kept.exists()
    notes.clear()
    again = reknit.fit(small, progress=lambda share, note: notes.append(note), checkpoint=kept)
    assert "step 1" not in notes
    assert again["bond_mean"] == pytest.approx(reknit.fit(small)["bond_mean"], abs=0.01)


def test_nothing_to_fit_gives_the_defaults(table: pl.DataFrame) -> None:
    silent = table.select("client", "week", pl.lit(None, pl.Float64).alias("alliance"))
    assert reknit.fit(silent)["rating_sd"] == Params()["rating_sd"]


def test_ratings_without_steps_that_pile_up_at_both_ends_are_continuous() -> None:
    line = np.clip(np.random.default_rng(4).normal(0.6, 0.3, 4000), 0, 1)
    assert (line == 0).mean() > 0.01
    assert rating_step(line) == pytest.approx(0.005)
    assert rating_step(np.round(line * 30) / 30) == pytest.approx(1 / 30, abs=1e-3)
    assert rating_step(np.append(np.round(line[:2000] * 6) / 6, [0.41, 0.43])) == pytest.approx(
        1 / 6, abs=1e-3
    )
