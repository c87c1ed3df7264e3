"""Do the intervals hold what they say? On the model's own worlds, and on foreign ones after fitting.

Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari & Gelman 2018): draw parameters from a
prior, simulate, infer, and see where the truth falls in what was inferred.
"""

import numpy as np
import polars as pl
from scipy.special import ndtr

from reknit.cohort.evaluation.measures import Flags, Floats, calibration_error
from reknit.cohort.evaluation.trial import Trial
from reknit.cohort.evaluation.worlds import Plan, seen_by
from reknit.trust.params import DEFAULT, Params
from reknit.trust.simulate import simulate
from reknit.trust.simulate.own import UNIT
from reknit.trust.spec import SPECS, to_free, to_natural
from reknit.trust.table import estimate

PRIOR_WIDTH = 0.35  # of the prior's sd on the free scale: worlds that differ, none of them absurd
LEVELS = {
    "bond_mean": 0.04, "growth_mean": 0.004, "repair_gain": 0.3, "therapist_level": 0.04,
    "therapist_slope": 0.1,
    "guess_level": 0.04, "guess_slope": 0.1,
    "leave_base": 0.4, "leave_strain": 1.0, "leave_trust": 0.4,
    "leave_missed": 0.3,
}  # fmt: skip
RELATIONSHIPS = 400
Z80 = 1.2815515655446004


def draw_params(seed: int) -> Params:
    """Parameters from a normal prior on the free scale, centred on the shipped defaults."""
    rng = np.random.default_rng(seed)
    values = {}
    for spec in SPECS:
        free = to_free(spec.name, spec.default)
        width = LEVELS.get(spec.name, min(PRIOR_WIDTH * spec.prior_sd, 0.4)) if spec.prior_sd else 0.0
        values[spec.name] = to_natural(spec.name, free + width * rng.normal()) if width else spec.default
    return Params(values={**values, "items": round(values["items"])})


def of_the_model(plan: Plan) -> tuple[pl.DataFrame, Floats]:
    """Coverage per draw of parameters, and the pooled ranks (0 to 1) of the true trust."""
    rows, ranks = [], []
    for draw in range(plan.calibration):
        params = draw_params(plan.seed + 500 + draw)
        table = simulate(RELATIONSHIPS, plan.seed + 700 + draw, "model", (6, 16), params=params)
        found = estimate(seen_by(table, True), params)
        came = (table["attended"] == 1).to_numpy()
        rows.append((draw, *coverage(table, found), *errors(table, found, came, params)))
        sd = (found["trust_hi80"] - found["trust_lo80"]).to_numpy() / (2 * Z80)
        ranks.append(ndtr((table["true_trust"] - found["trust"]).to_numpy() / np.maximum(sd, 1e-9)))
    schema = [
        "draw",
        "80 % held",
        "95 % held",
        "ECE p_rupture",
        "ECE p_strain",
        "ECE p_repair",
        "ECE p_dropout",
    ]
    return pl.DataFrame(rows, schema=schema, orient="row"), np.concatenate(ranks)


def coverage(table: pl.DataFrame, found: pl.DataFrame) -> tuple[float, float]:
    """Share of sessions whose true trust lies in the 80 % and in the 95 % interval."""
    truth = table["true_trust"]
    held80 = (truth >= found["trust_lo80"]) & (truth <= found["trust_hi80"])
    held95 = (truth >= found["trust_lo95"]) & (truth <= found["trust_hi95"])
    return float(held80.to_numpy().mean()), float(held95.to_numpy().mean())


def errors(
    table: pl.DataFrame, found: pl.DataFrame, judged: Flags, params: Params
) -> tuple[float, float, float, float]:
    """Expected calibration error of p_rupture, p_strain, p_repair and p_dropout."""
    matters = table["true_strain"] > UNIT * params["strain_size"]
    left = (table["ended"].fill_null(0) == 2).to_numpy()
    planned = table["ended"].is_in([0, 1]).fill_null(False).to_numpy()
    return (
        calibration_error(
            found["p_rupture"].to_numpy()[judged], (table["true_rupture"] == 1).to_numpy()[judged]
        ),
        calibration_error(found["p_strain"].to_numpy(), matters.to_numpy()),
        calibration_error(
            found["p_repair"].to_numpy()[judged], (table["true_repair"] == 1).to_numpy()[judged]
        ),
        calibration_error(found["p_dropout"].to_numpy()[~planned], left[~planned]),
    )


def of_foreign(trial: Trial) -> pl.DataFrame:
    """Coverage and calibration after fitting on a world that is not the model."""
    rows = []
    for name, found, params in (
        ("model, fitted", trial.fitted, trial.params),
        ("model, as shipped", trial.shipped, DEFAULT),
    ):
        held = coverage(trial.test, found)
        rows.append(
            (trial.name, trial.channels, name, *held, *errors(trial.test, found, trial.judged, params))
        )
    schema = ["world", "channels", "estimate", "80 % held", "95 % held"]
    schema += ["ECE p_rupture", "ECE p_strain", "ECE p_repair", "ECE p_dropout"]
    return pl.DataFrame(rows, schema=schema, orient="row")
