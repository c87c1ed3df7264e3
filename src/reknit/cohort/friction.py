"""Friction: what a relationship costs in moved, missed and late sessions, in proposals declined, in waiting.

A friction table has one row a session, in long format:

| column | meaning |
|---|---|
| `client`, `week` | the relationship, and weeks on one calendar for all relationships |
| `rating` | the client's rating of the session, 0 to 10; empty where not given |
| `missed`, `cancelled_late`, `moved` | 0 or 1, of this session |
| `declined` | share of the proposals answered since the session before that were declined or to be changed |
| `days_to_agree` | days until a proposal made since the session before was answered |
| `hours_to_answer` | hours from the session to its check-in |
| `words` | words in the client's comment; empty where there is none |
| `improved` | 1 at the session where reliable improvement was first seen, 0 before, empty after |

Any outcome column may be absent. Trust is added by `with_trust`, from the ratings alone: an estimate that had
seen who missed a session could not be set beside missed sessions without going in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

from reknit.trust.params import Params
from reknit.trust.table import estimate

SCALE = (0.0, 10.0)


@dataclass(frozen=True)
class Outcome:
    """One kind of friction, or the wish: improvement.

    `kind` says how it is measured and so what an effect of one point of trust means: `share` (probability,
    0..1), `log` (natural logarithm of an amount above zero) or `once` (probability at each session of
    something that happens once). `less_is_easier` is None where neither direction is better.
    """

    name: str
    kind: Literal["share", "log", "once"]
    less_is_easier: bool | None
    least: float = 0.0


OUTCOMES = (
    Outcome("missed", "share", True),
    Outcome("cancelled_late", "share", True),
    Outcome("moved", "share", True),
    Outcome("declined", "share", True),
    Outcome("days_to_agree", "log", True, least=0.1),
    Outcome("hours_to_answer", "log", True, least=0.1),
    Outcome("words", "log", None, least=1.0),
    Outcome("improved", "once", False),
)


def with_trust(table: pl.DataFrame, params: Params | None = None) -> pl.DataFrame:
    """Add `trust`: the filter's mean after each session, from the ratings up to it and nothing else.

    The mean is what is expected of trust given the past. Its error is therefore unrelated to it and to
    anything known by then (the error is of Berkson's kind), which is what the lagged models rest on.

    Args:
        table: a friction table; `rating` on 0 to 10.
        params: of the trust model; the shipped ones when None.

    Returns:
        the table sorted by client and week, with `trust` on the scale of the ratings.
    """
    ordered = table.sort("client", "week", maintain_order=True)
    if not len(ordered):
        return ordered.with_columns(trust=pl.lit(None, pl.Float64))
    asked = ordered.select("client", "week", pl.col("rating").alias("alliance")).with_row_index("session")
    found = estimate(asked, params, scale=SCALE)
    return ordered.with_columns(found.get_column("trust"))


def summary(table: pl.DataFrame) -> pl.DataFrame:
    """Friction of each relationship over its sessions: the mean of every outcome column that is there.

    Returns:
        client, sessions, and a column for each outcome but `improved` (shares; days, hours and words).
    """
    here = [o.name for o in OUTCOMES if o.name in table.columns and o.kind != "once"]
    return table.group_by("client", maintain_order=True).agg(
        pl.len().alias("sessions"), *(pl.col(name).mean() for name in here)
    )
