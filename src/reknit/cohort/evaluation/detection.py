"""Who notices a rupture, and how soon: the model and every published criterion as fractions of what can be
known.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import expit

from reknit import criteria
from reknit.cohort.evaluation.measures import Flags, Floats, area, caught_at, threshold_at
from reknit.cohort.evaluation.trial import Trial
from reknit.cohort.evaluation.worlds import seen_by
from reknit.trust.simulate import simulate
from reknit.trust.table import estimate

FALSE_ALARMS = 5.0  # per 100 sessions without a rupture
SESSIONS_TO_NOTICE = 3


def scores(trial: Trial) -> Iterator[tuple[str, Floats]]:
    """Every detector's score at every session of the test half, from data up to that session only."""
    yield "limit (knows the world)", trial.oracle["p_rupture"].to_numpy()
    yield "model, fitted", trial.fitted["p_rupture"].to_numpy()
    yield "model, as shipped", trial.shipped["p_rupture"].to_numpy()
    yield "logistic rule taught the truth", taught(trial)
    seen = seen_by(trial.test, trial.all_channels)
    for name, criterion in criteria.CRITERIA.items():
        usable = all(column in seen.columns for column in criterion.needs)
        if name != "model" and criterion.score is not None and usable:
            yield name, criteria.score(seen, name)


def detection(trial: Trial) -> pl.DataFrame:
    """One row per detector: area under the ROC curve, ruptures caught, both beside the limit, and delay."""
    event, client = trial.truth("true_rupture"), trial.at_judged(trial.test["client"])
    best = trial.at_judged(trial.oracle["p_rupture"])
    limit_area, limit_caught = area(best, event), caught_at(best, event, FALSE_ALARMS)
    rows = []
    for name, score in scores(trial):
        there = trial.at_judged(score)
        silent = np.nanmin(there) - 1
        filled = np.where(np.isnan(there), silent, there)
        caught, found = caught_at(filled, event, FALSE_ALARMS), area(filled, event)
        doubt = fraction_error(filled, best, event, client) if filled is not best else 0.0
        soon, delay = noticing(trial, np.where(np.isnan(score), silent, score), threshold_at(filled, event))
        counted = (caught, caught / limit_caught, doubt, soon, delay, int(event.sum()))
        rows.append((name, found, limit_area - found, *counted))
    schema = ["detector", "AUC", "AUC below limit", "caught", "of the limit", "se", "caught within 3"]
    schema += ["delay", "ruptures"]
    table = pl.DataFrame(rows, schema=schema, orient="row")
    return table.select(pl.lit(trial.name).alias("world"), pl.lit(trial.channels).alias("channels"), pl.all())


def published(trial: Trial, seed: int, relationships: int = 10_000) -> pl.DataFrame:
    """The model as fitted beside every published criterion on many more relationships of the same world: a
    few hundred ruptures tell differences of .02 from none badly. One row a criterion, with the standard
    error of what the model caught more (bootstrap over relationships).
    """
    table = simulate(relationships, seed, "foreign", (6, 16), params=trial.world)
    seen = seen_by(table, trial.all_channels)
    judged = (table["alliance"].is_not_null() & (table["session"] > 1)).to_numpy()
    event, client = (table["true_rupture"] == 1).to_numpy()[judged], table["client"].to_numpy()[judged]
    model = estimate(seen, trial.params)["p_rupture"].to_numpy()[judged]
    caught, found, rows = caught_at(model, event, FALSE_ALARMS), area(model, event), []
    for name, criterion in criteria.CRITERIA.items():
        usable = all(column in seen.columns for column in criterion.needs)
        if name == "model" or criterion.score is None or not usable:
            continue
        score = criteria.score(seen, name)[judged]
        score = np.where(np.isnan(score), np.nanmin(score) - 1, score)
        error = caught_at(score, event) * fraction_error(model, score, event, client, 20)
        rows.append(
            (name, caught, caught_at(score, event), error, found, area(score, event), int(event.sum()))
        )
    schema = [
        "criterion",
        "model caught",
        "it caught",
        "se",
        "model AUC",
        "it has",
        "ruptures",
    ]
    out = pl.DataFrame(rows, schema=schema, orient="row")
    return out.select(pl.lit(trial.name).alias("world"), pl.lit(trial.channels).alias("channels"), pl.all())


def fraction_error(score: Floats, best: Floats, event: Flags, client: Floats, times: int = 40) -> float:
    """Standard error of the fraction of the limit: bootstrap over relationships, the same for both scores."""
    rng = np.random.default_rng(1)
    starts = np.flatnonzero(np.diff(client, prepend=-1.0))
    sizes = np.diff(np.append(starts, len(client)))
    found = []
    for _ in range(times):
        drawn = rng.integers(len(starts), size=len(starts))
        at = np.repeat(starts[drawn] - np.cumsum(sizes[drawn]) + sizes[drawn], sizes[drawn])
        rows = at + np.arange(len(at))
        found.append(caught_at(score[rows], event[rows]) / caught_at(best[rows], event[rows]))
    return float(np.std(found))


def noticing(trial: Trial, score: Floats, threshold: float) -> tuple[float, float]:
    """Share of ruptures (by their first session) flagged within 3 sessions, and the mean delay of those."""
    judged, sizes = trial.judged, trial.test["client"].to_numpy()
    alarm = judged & (score > threshold)
    onset = np.flatnonzero((trial.test["true_onset"] == 1).to_numpy() & judged)
    delay = np.full(len(onset), np.nan)
    for later in reversed(range(SESSIONS_TO_NOTICE + 1)):
        at = np.minimum(onset + later, len(alarm) - 1)
        same = sizes[at] == sizes[onset]
        delay[same & alarm[at] & (at == onset + later)] = later
    found = ~np.isnan(delay)
    return float(found.mean()), float(delay[found].mean()) if found.any() else float("nan")


def features(table: pl.DataFrame) -> Floats:
    """What a simple rule can use: fall from the last rating, from the mean so far, level, report, missed
    before.
    """
    y = pl.col("alliance")
    filled = y.forward_fill().over("client")
    count = y.is_not_null().cast(pl.Float64).cum_sum().over("client")
    mean = (y.fill_null(0.0).cum_sum().over("client") / count).shift(1).over("client")
    columns = {
        "fall": filled.shift(1).over("client") - y,
        "below": mean - y,
        "level": y,
    }
    for name in ("difficulty", "repair"):
        if name in table.columns:
            columns[f"{name}1"] = (pl.col(name) == 1).cast(pl.Float64)
            columns[f"{name}2"] = (pl.col(name) == 2).cast(pl.Float64)
    if "attended" in table.columns:
        columns["missed"] = 1.0 - pl.col("attended").shift(1).over("client")
    return table.select(**columns).cast(pl.Float64).fill_null(0.0).fill_nan(0.0).to_numpy()


def taught(trial: Trial) -> Floats:
    """A logistic regression that is told every true rupture of the training half: no clinic could have it."""
    train = trial.train.filter(pl.col("alliance").is_not_null() & (pl.col("session") > 1))
    every = features(seen_by(trial.train, trial.all_channels))
    keep = (trial.train["alliance"].is_not_null() & (trial.train["session"] > 1)).to_numpy()
    x, y = every[keep], (train["true_rupture"] == 1).to_numpy()
    centre, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    design = np.column_stack([np.ones(len(x)), (x - centre) / spread])

    def loss(beta: Floats) -> tuple[float, Floats]:
        p = expit(design @ beta)
        value = -np.mean(np.where(y, np.log(p + 1e-12), np.log(1 - p + 1e-12))) + 1e-4 * beta @ beta
        return float(value), design.T @ (p - y) / len(y) + 2e-4 * beta

    beta = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B").x
    unseen = (features(seen_by(trial.test, trial.all_channels)) - centre) / spread
    return np.asarray(np.where(trial.test["alliance"].is_null().to_numpy(), np.nan, unseen @ beta[1:]))


def strain(trial: Trial) -> pl.DataFrame:
    """Presence of unrepaired strain of a size that matters."""
    event = trial.strained
    found = {
        "limit (knows the world)": trial.oracle["p_strain"],
        "model, fitted": trial.fitted["p_strain"],
        "model, as shipped": trial.shipped["p_strain"],
    }
    rows = [
        (
            trial.name,
            trial.channels,
            name,
            area(trial.at_judged(p), event),
            caught_at(trial.at_judged(p), event),
        )
        for name, p in found.items()
    ]
    return pl.DataFrame(rows, schema=["world", "channels", "detector", "AUC", "caught"], orient="row")


def hindsight(trial: Trial, relationships: int = 600) -> pl.DataFrame:
    """The same judgement one session later: the oracle's and the smoother's on series cut after the next
    session.
    """
    some = trial.test["client"] <= relationships
    table, keep = trial.test.filter(some), some.to_numpy()
    seen, event = seen_by(table, trial.all_channels), (table["true_rupture"] == 1).to_numpy()
    next_session = pl.col("session").shift(-1).over("client")
    judged = (
        table.select(pl.col("alliance").is_not_null() & (pl.col("session") > 1) & next_session.is_not_null())
        .to_series()
        .to_numpy()
    )
    later = one_session_later(seen, trial)
    rows = []
    for name, at_once, after in (
        (
            "limit (knows the world)",
            trial.oracle["p_rupture"],
            trial.oracle["p_rupture_next"].to_numpy()[keep],
        ),
        ("model, fitted", trial.fitted["p_rupture"], later),
    ):
        now = at_once.to_numpy()[keep][judged]
        then = np.asarray(after, dtype=np.float64)[judged]
        kept = event[judged]
        rows.append(
            (trial.name, trial.channels, name, caught_at(now, kept), caught_at(then, kept), area(then, kept))
        )
    names = [
        "world",
        "channels",
        "detector",
        "caught at once",
        "caught one session later",
        "AUC one session later",
    ]
    return pl.DataFrame(rows, schema=names, orient="row")


def one_session_later(seen: pl.DataFrame, trial: Trial) -> Floats:
    """Smoothed p_rupture of each session, had the series ended one session after it."""
    numbered = seen.with_row_index("row").with_columns(pl.col("client").alias("who"))
    ends = numbered.select("who", pl.col("session").alias("end"))
    prefixes = numbered.join(ends, on="who").filter(pl.col("session") <= pl.col("end"))
    prefixes = prefixes.with_columns((pl.col("who") * 1000 + pl.col("end")).alias("client"))
    smooth = estimate(prefixes.sort("client", "session"), trial.params, smooth=True)
    at = smooth.filter(pl.col("session") + 1 == pl.col("end")).select("row", "p_rupture")
    out = np.full(seen.height, np.nan)
    out[at["row"].to_numpy()] = at["p_rupture"].to_numpy()
    return out


def ablations(trial: Trial) -> pl.DataFrame:
    """What each channel is worth: taken away from all, and added to the ratings alone (parameters as
    fitted).
    """
    extra = [name for name in ("difficulty", "attended", "repair") if name in trial.test.columns]
    groups: dict[str, list[str]] = {
        **{name: [name] for name in extra},
        "therapist's numbers": ["therapist_rating", "therapist_guess"],
    }
    every = [name for names in groups.values() for name in names]
    seen, event = seen_by(trial.test, True), trial.truth("true_rupture")

    def judge(without: list[str]) -> tuple[float, float, float]:
        found = estimate(seen.drop(without), trial.params)
        p = trial.at_judged(found["p_rupture"])
        return area(p, event), caught_at(p, event), area(trial.at_judged(found["p_strain"]), trial.strained)

    rows = [(trial.name, "all channels", *judge([])), (trial.name, "ratings alone", *judge(every))]
    for name, columns in groups.items():
        rows.append((trial.name, f"all but {name}", *judge(columns)))
        rows.append((trial.name, f"ratings and {name}", *judge([c for c in every if c not in columns])))
    return pl.DataFrame(rows, schema=["world", "channels", "AUC", "caught", "strain AUC"], orient="row")


def curves(trial: Trial, wanted: Sequence[str], most: float = 20.0) -> pl.DataFrame:
    """ROC curves of some detectors, up to `most` false alarms per 100 sessions."""
    event, parts = trial.truth("true_rupture"), []
    for name, score in scores(trial):
        if name in wanted:
            there = trial.at_judged(score)
            alarms, caught = roc(np.nan_to_num(there, nan=np.nanmin(there) - 1), event)
            parts.append(pl.DataFrame({"detector": name, "alarms": alarms, "caught": caught}))
    found = pl.concat(parts).filter(pl.col("alarms") <= most)
    return found.select(pl.lit(trial.name).alias("world"), pl.lit(trial.channels).alias("channels"), pl.all())


def roc(score: Floats, event: Flags, points: int = 101) -> tuple[Floats, Floats]:
    """False alarms per 100 and share caught along the curve."""
    quiet, loud = np.sort(score[~event]), np.sort(score[event])
    cuts = np.quantile(quiet, np.linspace(1, 0, points))
    return (
        100 * (1 - np.searchsorted(quiet, cuts, side="right") / len(quiet)),
        1 - np.searchsorted(loud, cuts, side="right") / len(loud),
    )
