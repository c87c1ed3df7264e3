"""Published criteria for ruptures, repairs and sudden changes: sessions in, episodes out."""

from __future__ import annotations

from inspect import Parameter, signature
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
from reknit.criteria.series import Floats, Series, read_series
from reknit.trust.kinds import to_polars, way_back
from reknit.trust.refusals import TableError, nearest

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

WHOLE = ("within", "length")  # parameters that count sessions
SHARES = ("near", "alpha", "reliability")
LEVELS = ("level", "cutoff", "amount")  # any number will do

__all__ = ["COLUMNS", "CRITERIA", "Criterion", "Series", "episodes", "read_series", "score"]


def episodes(
    table: Any,
    criterion: str = "all",
    *,
    scale: Any = None,
    cutoff: float | None = None,
    lower_is_better: bool = False,
    params: Any = None,
    **options: Any,
) -> Any:
    """Find rupture-repair episodes and sudden changes by a published criterion.

    Args:
        table: polars, pandas or pyarrow; one row a session in any order: ``client``, ``week`` (number) or
            ``date``, ``alliance``; optional ``therapist``, ``session``, ``difficulty``, ``repair``.
            Checked as by :func:`reknit.estimate`.
        criterion: a name in :data:`CRITERIA`, or ``"all"`` for every one that the table's columns allow.
        scale: lowest and highest possible rating, such as ``(0, 63)`` or ``"0:63"``; no rating may pass it.
            None is 1 to 7 for the criteria that need the ends of the scale (``control-chart``, ``ewma``,
            ``cusum``, ``openfit``, ``expected-response``, ``model``), any for the others.
        cutoff: in units of the rating, for the criteria that take one: the smallest change for sudden
            gains, sudden losses and reliable change, the level for ``openfit``. With ``"all"`` it goes to
            the first three.
        lower_is_better: the ratings are of something bad, such as symptoms.
        params: :class:`reknit.Params`, or the path of its file, for the criterion ``model``; None takes the
            shipped ones.
        **options: the named parameters of the criterion's rule, see docs/criteria.md.

    Returns:
        One row an episode, in the same kind of table. ``client`` as it came; ``start_week``, ``low_week``,
        ``end_week`` (the last session before, the lowest one, and the last of the episode; for sudden changes
        ``start_week`` is the session before the change); ``kind`` (rupture, rupture-repair, sudden-gain,
        sudden-loss); ``criterion``; ``depth`` in units of the rating; ``recovered``, the share of it
        regained, 0 to 1; ``exceeded``, 1 where it came back above the old level. Then ``therapist`` (where
        there), ``start_session``, ``alarm_week`` (where the rule fires) and what the criterion adds
        (docs/command-line.md).

    Raises:
        ValueError: unknown criterion or option, a cut-off that has no use, or a table that cannot be read;
            the message names row, column and value.
    """
    frame, back = to_polars(table), way_back(table)
    if cutoff is not None:
        _in_range("episodes", "cutoff", cutoff)
    how: dict[str, Any] = {"scale": scale, "lower_is_better": lower_is_better, "params": params}
    if criterion == "all":
        if options:
            ours = ("table", "criterion", "cutoff", *how)
            name = next(iter(options))
            raise ValueError(
                f"{name!r} is a parameter of one criterion: name the criterion{nearest(name, ours)}"
            )
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
    scale: Any = None,
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
    frame = to_polars(table)
    rule = _named(criterion)
    if rule.score is None:
        raise ValueError(f"{criterion} needs later sessions: it has no score at the session itself")
    _known_options(rule, rule.score, options)
    series = _series(frame, rule, scale, lower_is_better)
    out = np.full(frame.height, np.nan)
    out[series.row] = rule.score(series, **options)
    return out


def _named(name: str) -> Criterion:
    if name not in CRITERIA:
        known = ", ".join(CRITERIA)
        raise ValueError(
            f"unknown criterion {name!r}{nearest(str(name), CRITERIA)} (there are {known} and all)"
        )
    return CRITERIA[name]


def _series(frame: pl.DataFrame, rule: Criterion, scale: Any, lower_is_better: bool) -> Series:
    for name in rule.needs:
        if name not in frame.columns:
            raise TableError(f"column {name} is missing: {rule.name} needs it{nearest(name, frame.columns)}")
    ends = (1.0, 7.0) if scale is None and rule.scaled else scale
    series = read_series(frame, ends, lower_is_better=lower_is_better)
    return series.rated() if rule.rated else series


def _find(
    frame: pl.DataFrame,
    rule: Criterion,
    *,
    scale: Any,
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
    _known_options(rule, rule.rule, options)
    return rule.rule(_series(frame, rule, scale, lower_is_better), **options).table(rule.name)


def _known_options(rule: Criterion, function: Any, options: dict[str, Any]) -> None:
    """Refuse a parameter that the rule does not have, or that is no number."""
    taken = signature(function).parameters
    if any(one.kind is Parameter.VAR_KEYWORD for one in taken.values()):
        taken = signature(sudden_gain.sudden_changes).parameters
    known = [n for n, one in taken.items() if one.kind is Parameter.KEYWORD_ONLY and n != "falls"]
    for name, value in options.items():
        if name not in known:
            takes = ", ".join(known) or "none"
            raise ValueError(f"{rule.name} has no parameter {name!r}{nearest(name, known)} (it has {takes})")
        if name != "params" and value is not None:
            _in_range(rule.name, name, value)


def _in_range(rule: str, name: str, value: Any) -> None:
    """Refuse a value that is no number, or none that the parameter can take."""
    number = float(value) if isinstance(value, int | float | np.number | np.bool_) else np.nan
    if not np.isfinite(number):
        raise ValueError(f"{rule}: {name} must be a number, not {value!r}")
    if name in WHOLE and (number < 1 or not number.is_integer()):
        raise ValueError(f"{rule}: {name} must be a whole number of sessions, at least 1, not {value!r}")
    if name in SHARES and not 0 <= number <= 1:
        raise ValueError(f"{rule}: {name} must lie between 0 and 1, not {value!r}")
    if number < 0 and name not in LEVELS:
        raise ValueError(f"{rule}: {name} must not be below 0, not {value!r}")
