"""A clinic's old ratings: a table of any make, its columns matched, every cell checked, nothing kept yet.

A row is a session. What is wrong is said by row and column, all of it at once, so that a file is mended in
one go. Ratings are carried from their own scale to 0 to 10 in a straight line.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from reknit.cohort.exchange.records import ExchangeError
from reknit.cohort.exchange.workbook import Unreadable, read_workbook

ROLES = ("client", "date", "rating", "therapist", "difficulty", "attended")
NEEDED = ("client", "date", "rating")
NAMES = {
    "client": ("client", "patient", "id", "code", "case", "name"),
    "date": ("date", "day", "session_date", "when", "datum", "fecha"),
    "rating": ("alliance", "rating", "score", "srs", "wai", "total", "value"),
    "therapist": ("therapist", "clinician", "counsellor", "practitioner", "email"),
    "difficulty": ("difficulty", "rupture", "problem", "bothered"),
    "attended": ("attended", "attendance", "present", "status"),
}
DATES = {
    "iso": "%Y-%m-%d",
    "day first, points": "%d.%m.%Y",
    "day first, slashes": "%d/%m/%Y",
    "month first": "%m/%d/%Y",
}
DIFFICULTY = {"0": 0, "no": 0, "1": 1, "a little": 1, "2": 2, "yes": 2}
ATTENDED = {"1": 1, "yes": 1, "true": 1, "attended": 1, "0": 0, "no": 0, "false": 0, "missed": 0, "dna": 0}
LARGEST, MOST_ROWS, LARGEST_UNPACKED = 50 * 2**20, 200_000, 400 * 2**20
MOST_COLUMNS, LONGEST_LINE = 500, 1_000_000


@dataclass(frozen=True)
class Plan:
    """How a table is to be read: a column for each role, the scale, and how dates are written."""

    columns: Mapping[str, str]
    lo: float
    hi: float
    dates: str = "iso"
    lower_is_better: bool = False


@dataclass(frozen=True)
class Fault:
    """One wrong cell. Rows count from 1 below the heading."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class Checked:
    """A table that was gone through: what could be kept, and what is wrong.

    `rows` has the columns row (int), client, therapist (text), on (date), rating (0 to 10 or null),
    difficulty and attended (int or null), ordered by client and day.
    """

    rows: pl.DataFrame
    faults: list[Fault] = field(default_factory=list)


def read_upload(name: str, data: bytes) -> pl.DataFrame:
    """A CSV or Excel file as a table of text, empty cells null.

    Raises:
        ExchangeError: another kind, too large, no rows, or unreadable.
    """
    if len(data) > LARGEST:
        raise ExchangeError("the file is larger than 50 MB; please split it")
    try:
        frame = _read_excel(data) if name.lower().endswith(".xlsx") else _read_csv(name, data)
    except (pl.exceptions.PolarsError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        why = str(error).splitlines()[0][:120]
        raise ExchangeError(f"{name}: cannot be read as a table ({why})") from error
    if frame.height == 0:
        raise ExchangeError(f"{name}: the file has no rows")
    if frame.height > MOST_ROWS:
        raise ExchangeError(f"{name}: more than {MOST_ROWS} rows; please split it")
    text = frame.select(pl.all().cast(pl.String).str.strip_chars().replace("", None))
    return text.filter(~pl.all_horizontal(pl.all().is_null())) if _has_blank_end(text) else text


def _has_blank_end(frame: pl.DataFrame) -> bool:
    return all(value is None for value in frame.row(-1))


def _read_csv(name: str, data: bytes) -> pl.DataFrame:
    if not name.lower().endswith((".csv", ".txt")):
        raise ExchangeError(f"{name}: expected a .csv or .xlsx file")
    if _has_endless_line(data):
        raise ExchangeError(f"{name}: a line has more than {LONGEST_LINE} letters")
    text = data.decode("utf-8-sig")
    heading = text.split("\n", 1)[0]
    separator = max((",", ";", "\t"), key=heading.count)
    if heading.count(separator) >= MOST_COLUMNS:
        raise ExchangeError(f"{name}: more than {MOST_COLUMNS} columns")
    return pl.read_csv(io.StringIO(text), separator=separator, infer_schema=False, n_rows=MOST_ROWS + 1)


def _has_endless_line(data: bytes) -> bool:
    """Whether there is a line that only harm would write: a reader takes many times its length in memory."""
    start = 0
    while len(data) - start > LONGEST_LINE:
        end = data.rfind(b"\n", start, start + LONGEST_LINE + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _read_excel(data: bytes) -> pl.DataFrame:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > LARGEST_UNPACKED:
            raise ExchangeError("the workbook unpacks to more than 400 MB; please save it as CSV")
    try:
        return read_workbook(data)
    except Unreadable as error:
        raise ExchangeError(str(error)) from error


def guess(frame: pl.DataFrame) -> dict[str, str]:
    """A column for each role whose name is like it; a first proposal for a person to correct."""
    found: dict[str, str] = {}
    for role, likely in NAMES.items():
        free = [column for column in frame.columns if column not in found.values()]
        exact = [c for word in likely for c in free if c.strip().lower().replace(" ", "_") == word]
        near = [c for word in likely for c in free if word in c.strip().lower()]
        if exact or near:
            found[role] = (exact or near)[0]
    return found


def guess_dates(cells: pl.Series) -> str:
    """The way of writing dates that reads the most cells."""
    read = {name: _dates(cells, name).is_not_null().sum() for name in DATES}
    return max(read, key=lambda name: read[name])


def guess_scale(cells: pl.Series) -> tuple[float, float]:
    """A common scale that holds the numbers; only a proposal."""
    numbers = _numbers(cells).drop_nulls()
    if numbers.is_empty():
        return 0.0, 10.0
    lo, hi = float(str(numbers.min())), float(str(numbers.max()))
    for scale in ((1.0, 5.0), (1.0, 7.0), (0.0, 10.0), (0.0, 40.0), (0.0, 100.0)):
        if scale[0] <= lo and hi <= scale[1]:
            return scale
    return lo, max(hi, lo + 1)


def check(frame: pl.DataFrame, plan: Plan, today: date) -> Checked:
    """Go through every cell that the plan names.

    Raises:
        ExchangeError: a needed column is not named or not there, or the scale is none.
    """
    _require_plan(frame, plan)
    cells = {role: frame[column].alias(role) for role, column in plan.columns.items()}
    on, rating = _dates(cells["date"], plan.dates), _numbers(cells["rating"])
    difficulty, attended = _words(cells, "difficulty", DIFFICULTY), _words(cells, "attended", ATTENDED)
    span = plan.hi - plan.lo
    scaled = (plan.hi - rating if plan.lower_is_better else rating - plan.lo) * 10 / span
    empty = pl.Series([None] * frame.height, dtype=pl.String)
    rows = pl.DataFrame(
        {
            "row": pl.Series(range(1, frame.height + 1), dtype=pl.Int64),
            "client": cells["client"],
            "therapist": cells.get("therapist", empty),
            "on": on,
            "rating": scaled,
            "difficulty": difficulty,
            "attended": attended,
        }
    )
    faults = sorted(
        _faults(cells, plan, rows, rating, today), key=lambda fault: (fault.row, fault.column, fault.message)
    )
    return Checked(rows.sort(["client", "therapist", "on", "row"]), faults)


def _require_plan(frame: pl.DataFrame, plan: Plan) -> None:
    missing = [role for role in NEEDED if role not in plan.columns]
    if missing:
        raise ExchangeError(f"say which column holds the {missing[0]}")
    gone = [column for column in plan.columns.values() if column not in frame.columns]
    if gone:
        raise ExchangeError(f"there is no column {gone[0]}")
    if not plan.lo < plan.hi:
        raise ExchangeError("the lowest possible rating must be below the highest")
    if plan.dates not in DATES:
        raise ExchangeError("say how the dates are written")


def _dates(cells: pl.Series, name: str) -> pl.Series:
    first = cells.str.split(" ").list.first().str.split("T").list.first()
    return first.str.to_date(DATES[name], strict=False)


def _numbers(cells: pl.Series) -> pl.Series:
    numbers = cells.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    return numbers.set(~numbers.is_finite().fill_null(False), None)


def _words(cells: Mapping[str, pl.Series], role: str, known: Mapping[str, int]) -> pl.Series:
    if role not in cells:
        height = len(cells["client"])
        return pl.Series([None] * height, dtype=pl.Int64)
    return cells[role].str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.Int64)


def _faults(
    cells: Mapping[str, pl.Series], plan: Plan, rows: pl.DataFrame, rating: pl.Series, today: date
) -> Iterator[Fault]:
    on = rows["on"]
    given = cells["rating"].is_not_null()
    off = ((rating < plan.lo) | (rating > plan.hi)).fill_null(False)
    twice = rows.select("client", "therapist", "on").is_duplicated()
    scale = f"{plan.lo:g} to {plan.hi:g}"
    wrong = [
        ("client", cells["client"].is_null(), "the client is missing"),
        ("date", cells["date"].is_null(), "the date is missing"),
        ("date", cells["date"].is_not_null() & on.is_null(), "{cell} is not a date written as was said"),
        ("date", (on > today).fill_null(False), "{cell} lies in the future"),
        ("date", (on < date(1980, 1, 1)).fill_null(False), "{cell} lies before 1980"),
        (
            "date",
            twice & on.is_not_null() & rows["client"].is_not_null(),
            "the same client and day come twice",
        ),
        ("rating", given & rating.is_null(), "{cell} is not a number"),
        ("rating", off, "{cell} is off the scale " + scale),
    ]
    if "attended" in cells:
        missed = (rows["attended"] == 0).fill_null(False) & given
        wrong.append(("rating", missed, "a session that was missed has no rating"))
    for role, known in (("difficulty", "0, 1 or 2"), ("attended", "1 or 0")):
        if role in cells:
            wrong.append((role, cells[role].is_not_null() & rows[role].is_null(), "{cell} is not " + known))
    for role, where, message in wrong:
        for at in where.arg_true():
            cell = cells[role][int(at)]
            shown = repr(cell if cell is None or len(cell) <= 40 else cell[:38] + "…")
            yield Fault(int(at) + 1, plan.columns[role], message.replace("{cell}", shown))
