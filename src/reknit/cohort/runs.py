"""What the commands do with a checked table: estimate, fit, find episodes, match homework."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from reknit.cohort.tables import RATINGS, Scale, SessionTable, TableError, read_frame

if TYPE_CHECKING:
    from reknit.trust.params import Params

Tell = Callable[[float, str], None]
"""Hears how far the work is, from 0 to 1, and what is being done."""

CONTRACT = (
    "trust", "trust_lo80", "trust_hi80", "trust_lo95", "trust_hi95", "p_rupture", "p_strain", "p_repair",
    "next_mean", "next_sd", "p_dropout", "reason",
)  # fmt: skip


@contextmanager
def blaming(path: str | Path) -> Iterator[None]:
    """Say which file a refusal of the science is about."""
    try:
        yield
    except ValueError as trouble:
        said = str(trouble)
        raise TableError(said if said.startswith(str(path)) else f"{path}: {said}") from trouble


def load_params(path: Path | None) -> Params | None:
    """Fitted parameters from a file, or None for the shipped ones.

    Raises:
        TableError: the file is missing or holds something else.
    """
    if path is None:
        return None
    from reknit.trust.params import Params

    try:
        return Params.load(path)
    except ValueError as trouble:
        raise TableError(str(trouble)) from None


def mirrored(table: SessionTable) -> pl.DataFrame:
    """The working copy with ratings turned round in the middle of the scale: lower becomes higher."""
    total = sum(table.scale)
    ratings = [name for name in RATINGS if name in table.work.columns]
    return table.work.with_columns((total - pl.col(name)).alias(name) for name in ratings)


def estimate(
    table: SessionTable,
    *,
    params: Params | None = None,
    smooth: bool = False,
    lower_is_better: bool = False,
    false_alarms: float | None = None,
) -> pl.DataFrame:
    """The columns of ``reknit trust``, one row a row of the table.

    Args:
        table: a checked table.
        params: of the trust model; None takes the shipped ones.
        smooth: look back from the end of each series.
        lower_is_better: the ratings are of something bad; trust comes back on the same scale.
        false_alarms: per 100 sessions without a rupture; adds ``alarm`` (0 or 1).
    """
    from reknit.trust.table import estimate as estimate_table

    with blaming(table.path):
        whole: pl.DataFrame = estimate_table(
            table.work, params, smooth=smooth, scale=table.scale, lower_is_better=lower_is_better
        )
    out = whole.drop(table.work.columns)
    first = [name for name in CONTRACT if name in out.columns]
    out = out.select(*first, *(name for name in out.columns if name not in first))
    if false_alarms is not None:
        out = out.with_columns(alarm=_alarms(table, out["p_rupture"], false_alarms, params))
    return out


def _alarms(table: SessionTable, p_rupture: pl.Series, rate: float, params: Params | None) -> pl.Series:
    from reknit.criteria.model import CHANNELS, alarm_threshold

    if not 0 < rate < 100:
        raise TableError(f"--false-alarms {rate:g}: a number of sessions per 100, above 0 and below 100")
    channels = [name for name in CHANNELS if name in table.work.columns]
    threshold = alarm_threshold(rate, params, channels)
    return (p_rupture > threshold).cast(pl.Int8)


def fit(
    table: SessionTable,
    *,
    lower_is_better: bool = False,
    tell: Tell | None = None,
    checkpoint: Path | None = None,
) -> Params:
    """Parameters of the trust model for this table; an interrupted fit goes on from ``checkpoint``."""
    from reknit.trust.fit import fit as fit_table

    with blaming(table.path):
        return fit_table(
            table.work, table.scale, progress=tell, checkpoint=checkpoint, lower_is_better=lower_is_better
        )


def find_episodes(
    table: SessionTable,
    criterion: str,
    *,
    cutoff: float | None = None,
    lower_is_better: bool = False,
    params: Params | None = None,
    options: dict[str, Any] | None = None,
) -> pl.DataFrame:
    """The table of ``reknit episodes``."""
    from reknit.criteria import episodes

    with blaming(table.path):
        found: pl.DataFrame = episodes(
            table.work,
            criterion,
            scale=table.scale,
            cutoff=cutoff,
            lower_is_better=lower_is_better,
            params=params,
            **(options or {}),
        )
    return found


def match_pairs(path: Path) -> pl.DataFrame:
    """A table of learnings and homework with ``p_conflict``, ``decision`` and ``why`` added.

    Args:
        path: columns ``learning``, ``homework``, ``polarity`` (avoid, likes or only-if); others pass through.

    Raises:
        TableError: a column is missing, or a polarity is unknown.
    """
    from reknit.words import match_many

    frame = read_frame(path)
    for name in ("learning", "homework", "polarity"):
        if name not in frame.columns:
            raise TableError(f"{path}: column {name} is missing (found: {', '.join(frame.columns[:12])})")
    asked = frame.select(pl.col("learning", "polarity", "homework").cast(pl.String).fill_null(""))
    for name in ("learning", "homework"):
        blank = (asked[name].str.strip_chars() == "").arg_true()
        if blank.len():
            raise TableError(f"{path}: row {int(blank[0]) + 1}, column {name}: it is empty")
    for at, polarity in enumerate(asked["polarity"].str.strip_chars()):
        if polarity not in ("avoid", "likes", "only-if"):
            raise TableError(
                f"{path}: row {at + 1}, column polarity: {polarity!r} is not avoid, likes or only-if"
            )
    found = match_many([(row[0], row[1], row[2]) for row in asked.iter_rows()])
    added: dict[str, list[Any]] = {
        "p_conflict": [answer.p_conflict for answer in found],
        "decision": [answer.decision for answer in found],
        "why": [answer.why for answer in found],
    }
    for name in added:
        if name in frame.columns:
            raise TableError(f"{path}: column {name} is already there and would be overwritten")
    return frame.with_columns(**{name: pl.Series(values) for name, values in added.items()})


def parse_options(pairs: list[str]) -> dict[str, Any]:
    """Named parameters such as ``sds=1.5`` as a dictionary.

    Raises:
        TableError: one of them is not NAME=NUMBER.
    """
    out: dict[str, Any] = {}
    for pair in pairs:
        name, _, text = pair.partition("=")
        try:
            value = float(text)
        except ValueError:
            raise TableError(f"--set {pair!r}: expected NAME=NUMBER, such as sds=1.5") from None
        out[name.strip().replace("-", "_")] = int(value) if value.is_integer() and "." not in text else value
    return out


def span_of(text: str) -> tuple[int, int]:
    """``6:20`` as two whole numbers.

    Raises:
        TableError: it is anything else.
    """
    try:
        low, high = (int(part) for part in text.split(":"))
    except ValueError:
        raise TableError(f"--sessions {text!r}: expected LO:HI, two whole numbers such as 6:20") from None
    if not 1 <= low <= high:
        raise TableError(f"--sessions {text!r}: the first number is at least 1 and at most the second")
    return low, high


__all__ = [
    "Scale",
    "estimate",
    "find_episodes",
    "fit",
    "load_params",
    "match_pairs",
    "parse_options",
    "span_of",
]
