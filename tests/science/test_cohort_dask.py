"""Several machines give what one gives, also when one of them dies in the middle."""

import os
import signal
import threading
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reknit.cohort import partitions, scale
from reknit.trust.simulate import simulate

distributed = pytest.importorskip("dask.distributed", reason="needs reknit[dask]")
pytestmark = pytest.mark.science
KEYS = ["client", "therapist", "week"]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    drawn = simulate(6000, 5, "foreign", (6, 20))
    seen = drawn.select(name for name in drawn.columns if not name.startswith("true_"))
    seen.write_parquet(folder / "s.parquet")
    partitions.partition(folder / "s.parquet", folder / "parts", 40)
    return folder / "parts"


@pytest.fixture(scope="module")
def alone(parts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("alone") / "trust"
    scale.estimate_folder(parts, target, scale.How())
    return target


@pytest.fixture
def cluster():
    size = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**size) as made:
        yield made


def same(one: Path, other: Path) -> None:
    first, second = (pl.read_parquet(folder).sort(KEYS) for folder in (one, other))
    assert_frame_equal(first, second, rel_tol=0, abs_tol=1e-6)


def test_two_workers_of_which_one_is_killed(parts: Path, alone: Path, tmp_path: Path, cluster) -> None:
    target, done = tmp_path / "trust", []
    heard = threading.Event()

    def tell(share: float, _: str) -> None:
        heard.set()

    def work() -> None:
        done.append(
            scale.estimate_folder(parts, target, scale.How(), tell=tell, dask=cluster.scheduler_address)
        )

    thread = threading.Thread(target=work)
    thread.start()
    assert heard.wait(120)
    victim = next(iter(cluster.workers.values())).pid
    finished = len(list(target.glob("*.parquet")))
    os.kill(victim, signal.SIGKILL)
    thread.join(240)
    assert not thread.is_alive()
    assert 0 < finished < 40  # it was in the middle
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)
    assert 40 - finished <= done[0] <= 40
    assert len(list(target.iterdir())) == 40
    same(alone, target)


def test_clinic_tables_and_fits_are_the_same(parts: Path, alone: Path, cluster, monkeypatch) -> None:
    monkeypatch.setattr(scale, "FIT_ROWS", 3000)
    here, address = scale.How(), cluster.scheduler_address
    tables = [scale.clinic_table(alone, here, dask=dask, open_month=True) for dask in (None, address)]
    assert tables[0].height > 20
    assert_frame_equal(*tables, rel_tol=0, abs_tol=1e-6)
    fits = [scale.fit_folder(parts, (1.0, 7.0), dask=dask) for dask in (None, address)]
    assert fits[0].values == pytest.approx(fits[1].values, abs=1e-6)
    assert fits[0].se == pytest.approx(fits[1].se, abs=1e-6)
