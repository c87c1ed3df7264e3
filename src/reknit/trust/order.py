"""Which rows belong together, and in which order."""

from __future__ import annotations

import numpy as np
import polars as pl

from reknit.trust.sessions import WHOLE, Floats, Ints


def codes(column: pl.Series) -> Ints:
    """A number for every distinct value of an identifier; nulls are one value of their own."""
    if column.dtype in WHOLE and column.null_count() == 0:
        return column.cast(pl.Int64).to_numpy()
    if column.dtype not in (pl.String, pl.Categorical):
        column = column.cast(pl.String)
    return column.cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()


def relationships(frame: pl.DataFrame) -> Ints:
    """A number for every relationship, one client with one therapist, rising with the client's."""
    client = codes(frame.get_column("client"))
    if "therapist" not in frame.columns:
        return client
    therapist = codes(frame.get_column("therapist"))
    lowest, width = int(therapist.min()), int(therapist.max()) - int(therapist.min()) + 1
    if max(abs(int(client.min())), abs(int(client.max()))) + 1 < 2**62 // width:
        return client * width + (therapist - lowest)
    both = pl.DataFrame({"client": client, "therapist": therapist}).to_struct()
    return both.rank("dense").cast(pl.Int64).to_numpy()


def sorting(who: Ints, week: Floats) -> tuple[Ints | None, Ints]:
    """The permutation that sorts by relationship and week (None: sorted already), and where each starts."""
    new, order = who[1:] != who[:-1], None
    together = (who[1:] >= who[:-1]).all() or pl.Series(who).n_unique() == new.sum() + 1
    if not together or not (new | (week[1:] >= week[:-1])).all():
        order = np.lexsort((week, who)).astype(np.int64)
        who = who[order]
        new = who[1:] != who[:-1]
    return order, np.concatenate(([0], np.flatnonzero(new) + 1, [len(who)])).astype(np.int64)
