"""Compiled kernels are renewed with any of their parts, and any order of rows gives the same estimates."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import reknit
from reknit.trust import calibrate, filter, gauss, smooth
from reknit.trust.simulate import simulate
from reknit.trust.sources import fingerprint


def other_fingerprint(folder: Path, changed: str) -> str:
    """The fingerprint of a copy of the sources in which one file has another comment."""
    shutil.copytree(
        Path(gauss.__file__).parent, folder / "trust", ignore=shutil.ignore_patterns("__pycache__")
    )
    path = folder / "trust" / changed
    path.write_text(path.read_text() + "# changed\n")
    code = "import sources; print(sources.fingerprint())"
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=folder / "trust", capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(("changed", "matters"), [("gauss.py", True), ("spec.py", True), ("story.py", False)])
def test_a_changed_part_of_a_kernel_is_noticed(tmp_path: Path, changed: str, matters: bool) -> None:
    assert (other_fingerprint(tmp_path, changed) != fingerprint()) == matters


def test_kept_kernels_carry_the_fingerprint() -> None:
    kernels = [filter.run, smooth.smooth, *(v for v in vars(calibrate).values() if hasattr(v, "_cache"))]
    for kernel in kernels:
        assert kernel._cache._cache_file._source_stamp == fingerprint()


def test_warm_leaves_nothing_to_compile() -> None:
    """Otherwise the first person whose page needs a kernel would wait for the compiler."""
    code = """
from importlib import import_module
from reknit.trust import Series, estimate_series, recovery, warm

parts = [vars(import_module(f"reknit.trust.{name}")) for name in ("filter", "smooth", "backward")]
ready = lambda: sum(len(v.signatures) for part in parts for v in part.values() if hasattr(v, "signatures"))
warm()
before = ready()
series = Series([0, 1, 2, 4], [7, 3, float("nan"), 8], difficulty=[0, 2, -1, 0], repair=[0, 0, 2, 0])
estimate_series(series)
estimate_series(series, smooth=True)
recovery(series, 1)
recovery(series, 1, happened=True)
print(before, ready())
"""
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert int(said[0]) > 0
    assert said[0] == said[1]


def test_rows_in_any_order_give_the_same_estimates() -> None:
    drawn = simulate(300, 4, "foreign", (1, 9))
    table = drawn.select(name for name in drawn.columns if not name.startswith("true_"))
    sorted_out = reknit.estimate(table)
    place = np.random.default_rng(1).permutation(table.height)
    assert_frame_equal(reknit.estimate(table[place]), sorted_out[place])
    names = pl.col("client").hash().cast(pl.String)
    together = table.with_columns(client=names)  # whole relationships, but their names in no order
    assert_frame_equal(reknit.estimate(together).drop("client"), sorted_out.drop("client"))
    halves = together.with_row_index("row").sort("session", "client")
    assert_frame_equal(
        reknit.estimate(halves).sort("row").drop("row", "client"),
        sorted_out.drop("client"),
        check_exact=False,
    )


def test_identifiers_as_large_as_they_come() -> None:
    table = pl.DataFrame(
        {
            "client": [2**62, -(2**62), 2**62, -(2**62)],
            "therapist": [2**62, 5, 2**62, 5],
            "week": [1.0, 1.0, 0.0, 0.0],
            "alliance": [5.0, 3.0, 6.0, 4.0],
        }
    )
    found = reknit.estimate(table)
    for client, group in found.group_by("client"):
        alone = reknit.estimate(table.filter(pl.col("client") == client[0]))
        assert_frame_equal(group, alone)
