"""From arrays (sessions by relationships) to the long table of the command line: one row a session."""

import numpy as np
import polars as pl

from reknit.trust.simulate.calendar import Calendar, Flags, Floats, Ints

WHOLE = ("difficulty", "attended", "repair", "ended", "true_rupture", "true_onset", "true_repair")


class Diary:
    """What was written down: one (T, N) array per column, empty (NaN) where nothing was."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.shape = calendar.week.shape
        self.columns: dict[str, Floats] = {}
        self.took_place = np.zeros(self.shape, dtype=bool)

    def write(self, session: int, who: Ints, **values: Floats | Ints | Flags) -> None:
        """Set columns of one session (0-based) for the relationships `who`."""
        self.took_place[session, who] = True
        for name, value in values.items():
            if name not in self.columns:
                self.columns[name] = np.full(self.shape, np.nan)
            self.columns[name][session, who] = value

    def table(self) -> pl.DataFrame:
        """Rows by client and session; NaN becomes an empty cell."""
        who, session = np.nonzero(self.took_place.T)
        calendar = self.calendar
        base = pl.DataFrame(
            {
                "client": who + 1,
                "therapist": calendar.therapist[who] + 1,
                "clinic": calendar.clinic[who] + 1,
                "session": session + 1,
                "week": calendar.week[session, who],
            }
        )
        rest = {name: values[session, who] for name, values in self.columns.items()}
        whole = [pl.col(name).cast(pl.Int8) for name in WHOLE if name in rest]
        return pl.concat([base, pl.DataFrame(rest).fill_nan(None)], how="horizontal").with_columns(whole)
