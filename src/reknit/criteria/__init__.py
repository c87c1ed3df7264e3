"""Published criteria for ruptures, repairs and sudden changes: sessions in, episodes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from reknit.criteria import (
    control_chart,
    cusum,
    ewma,
    expected_response,
    gumz2012,
    model,
    observed,
    openfit,
    reliable_change,
    stiles2004,
    strauss2006,
    sudden_gain,
    sudden_loss,
)
from reknit.criteria.episode import COLUMNS, Criterion
from reknit.criteria.kinds import as_polars
from reknit.criteria.series import Floats, Series, read_series

CRITERIA: dict[str, Criterion] = {
    module.CRITERION.name: module.CRITERION
    for module in (
        stiles2004,
        strauss2006,
        gumz2012,
        reliable_change,
        control_chart,
        ewma,
        cusum,
        sudden_gain,
        sudden_loss,
        openfit,
        expected_response,
        observed,
        model,
    )
}
"""Every criterion by its name on the command line."""

__all__ = ["COLUMNS", "CRITERIA", "Criterion", "Series", "episodes", "read_series", "score"]


def episodes(
    table: Any,
    criterion: str = "all",
    *,
    scale: tuple[float, float] = (1.0, 7.0),
    cutoff: float | None = None,
    lower_is_better: bool = False,
    params: Any = None,
    **options: Any,
) -> Any:
    """Find rupture-repair episodes and sudden changes by a published criterion.

    Args:
        table: polars, pandas or pyarrow; one row a session in any order: ``client``, ``week`` (number) or
            ``date``, ``alliance``; optional ``therapist``, ``session``, ``difficulty``, ``repair``.
        criterion: a name in :data:`CRITERIA`, or ``"all"`` for every one that the table's columns allow.
        scale: lowest and highest possible rating.
        cutoff: in units of the rating, for the criteria that take one: the smallest change for sudden
            gains, sudden losses and reliable change, the level for ``openfit``. With ``"all"`` it goes to
            the first three.
        lower_is_better: the ratings are of something bad, such as symptoms.
        params: :class:`reknit.Params` for the criterion ``model``; None takes the shipped ones.
        **options: the named parameters of the criterion's rule, see its module.

    Returns:
        One row an episode, in the same kind of table: the columns of :data:`COLUMNS`, then ``therapist`` (if
        there), ``start_session``, ``alarm_week`` (where the rule fires) and what the criterion adds.

    Raises:
        ValueError: unknown criterion or option, a column is missing, or a cut-off is given that has no use.
    """
    frame, back = as_polars(table)
    how: dict[str, Any] = {"scale": scale, "lower_is_better": lower_is_better, "params": params}
    if criterion == "all":
        if options:
            raise ValueError(f"{next(iter(options))} belongs to one criterion: name it")
        found = [
            _find(frame, rule, cutoff=None if rule.cutoff == "level" else cutoff, **how)
            for rule in CRITERIA.values()
            if all(name in frame.columns for name in rule.needs)
        ]
        return back(pl.concat(found, how="diagonal_relaxed"))
    return back(_find(frame, _named(criterion), cutoff=cutoff, options=options, strict=True, **how))


def score(
    table: Any,
    criterion: str,
    *,
    scale: tuple[float, float] = (1.0, 7.0),
    lower_is_better: bool = False,
    **options: Any,
) -> Floats:
    """How likely each session is a rupture by a criterion, from data up to that session only.

    Args:
        table, scale, lower_is_better, **options: as for :func:`episodes`.
        criterion: a name in :data:`CRITERIA` whose ``score`` is not None.

    Returns:
        One value a row of the table, in its order; higher means likelier; NaN where the criterion says
        nothing (no rating, or too early). Spreads over persons come from the whole table.

    Raises:
        ValueError: unknown criterion, or one that needs later sessions.
    """
    frame, _back = as_polars(table)
    rule = _named(criterion)
    if rule.score is None:
        raise ValueError(f"{criterion} needs later sessions: it has no score at the session itself")
    series = _series(frame, rule, scale, lower_is_better)
    out = np.full(frame.height, np.nan)
    out[series.row] = rule.score(series, **options)
    return out


def _named(name: str) -> Criterion:
    if name not in CRITERIA:
        raise ValueError(f"unknown criterion {name!r}; there are {', '.join(CRITERIA)} and all")
    return CRITERIA[name]


def _series(
    frame: pl.DataFrame, rule: Criterion, scale: tuple[float, float], lower_is_better: bool
) -> Series:
    for name in rule.needs:
        if name not in frame.columns:
            raise ValueError(f"column {name} is missing: {rule.name} needs it")
    series = read_series(frame, scale, lower_is_better=lower_is_better)
    return series.rated() if rule.rated else series


def _find(
    frame: pl.DataFrame,
    rule: Criterion,
    *,
    scale: tuple[float, float],
    lower_is_better: bool,
    params: Any,
    cutoff: float | None = None,
    options: dict[str, Any] | None = None,
    strict: bool = False,
) -> pl.DataFrame:
    options = dict(options or {})
    if cutoff is not None and rule.cutoff is not None:
        options[rule.cutoff] = cutoff
    elif cutoff is not None and strict:
        raise ValueError(
            f"{rule.name} takes no cut-off; its named parameters are in its module's documentation"
        )
    if rule.fitted:
        options["params"] = params
    try:
        found = rule.rule(_series(frame, rule, scale, lower_is_better), **options)
    except TypeError as trouble:
        raise ValueError(f"{rule.name}: {trouble}") from trouble
    return found.table(rule.name)
