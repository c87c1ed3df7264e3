"""Filter, smoother and fit beside statsmodels and dynamax, in one run, per rating.

    python bench/peers.py [--dynamax PYTHON]

PYTHON is the interpreter of another environment in which dynamax is installed (it is not a dependency).
"""

import argparse
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import polars as pl
from common import best_of, check_ins, heading, once, row
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tsa.statespace.structural import UnobservedComponents

from reknit.trust.fit import fit
from reknit.trust.table import estimate

RELATIONSHIPS, SESSIONS, SOME = 2000, 12, 100
Times = dict[str, tuple[float, str]]  # task -> (nanoseconds a rating, what was done)


def of_reknit(table: pl.DataFrame) -> Times:
    """Three modes, four states, table in and table out."""
    per = 1e9 / table.height
    return {
        "filter": (per * best_of(lambda: estimate(table)), "table in, table out"),
        "smoother": (per * best_of(lambda: estimate(table, smooth=True)), "table in, table out"),
        "fit": (per * once(lambda: fit(table)), "all parameters with standard errors"),
    }


def of_statsmodels(table: pl.DataFrame) -> Times:
    """UnobservedComponents, a local level with autoregression, a relationship at a time, as it is made to
    be used.
    """
    y = table["alliance"].to_numpy().reshape(RELATIONSHIPS, SESSIONS)[:SOME]
    values = [0.3, 0.05, 0.1, 0.5]

    def each(task: str) -> None:
        for person in y:
            model = UnobservedComponents(person, "local level", autoregressive=1)
            {"filter": model.filter, "smoother": model.smooth}[task](values)

    def fits() -> None:
        for person in y[:20]:
            UnobservedComponents(person, "local level", autoregressive=1).fit(disp=False)

    per = 1e9 / y.size
    return {
        "filter": (per * best_of(lambda: each("filter"), 2), f"{SOME} relationships"),
        "smoother": (per * best_of(lambda: each("smoother"), 2), f"{SOME} relationships"),
        "fit": (1e9 / (20 * SESSIONS) * once(fits), "20 relationships, each its own fit"),
    }


def of_mixed_model(table: pl.DataFrame) -> Times:
    """MixedLM, random intercept and slope, all relationships at once."""
    y, week, client = (table[name].to_numpy() for name in ("alliance", "week", "client"))
    design = np.column_stack([np.ones(len(y)), week])
    taken = once(lambda: MixedLM(y, design, client, exog_re=design).fit(reml=False))
    return {"fit": (1e9 / len(y) * taken, "all relationships, six parameters")}


def of_dynamax(table: pl.DataFrame, python: str) -> Times:
    """The same matrix of ratings, sent to the other environment."""
    ratings = table["alliance"].to_numpy().reshape(RELATIONSHIPS, SESSIONS)
    script = Path(__file__).with_name("with_dynamax.py")
    done = subprocess.run(
        [python, str(script)], input=json.dumps(ratings.tolist()), capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"dynamax did not run: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return {}
    return {
        task: (1e9 / ratings.size * seconds, what)
        for task, (seconds, what) in json.loads(done.stdout).items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dynamax", metavar="PYTHON")
    python = parser.parse_args().dynamax
    warnings.simplefilter("ignore")
    table = check_ins(RELATIONSHIPS, SESSIONS)
    ours = of_reknit(table)
    peers = {
        "statsmodels UnobservedComponents": of_statsmodels(table),
        "statsmodels MixedLM": of_mixed_model(table),
    }
    if python:
        peers["dynamax"] = of_dynamax(table, python)
    print(f"\n{RELATIONSHIPS:,} relationships of {SESSIONS} weekly ratings, nothing missing\n")
    heading(["task", "library", "ns per rating", "times reknit", "what"])
    for task, (time, what) in ours.items():
        row([task, "reknit", f"{time:,.0f}", "1", what])
        for name, times in peers.items():
            if task in times:
                theirs, how = times[task]
                row([task, name, f"{theirs:,.0f}", f"{theirs / time:,.2f}", how])


if __name__ == "__main__":
    main()
