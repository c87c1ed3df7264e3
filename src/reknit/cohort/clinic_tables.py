"""Clinics month by month: trust with its interval, ruptures and what became of them, and nobody's own value.

Every figure of a cell (a clinic in a month) is a sum over sessions divided by another, and every sum is a
sum over the parts of a cohort, so that one machine and many give the same table. The figures are in
:data:`SHARES`. Each comes with the number it is a share of and a 95 % interval. Sessions of one relationship
are alike, so that the variance of a ratio is taken over relationships (linearised: Cochran 1977, Sampling
Techniques, sec. 6.3), and a share has Wilson's interval (1927) at the number of independent sessions that
this variance is worth, at most those there are (Korn & Graubard 1998).

A cell is hidden with fewer than `LEAST` relationships or, where therapists are known, with fewer than `LEAST`
therapists or one who sees half of them or more; a single figure, where fewer than `LEAST` relationships say
anything about it. The figures of all clinics together would give away one that is hidden alone, so that the
smallest clinic that is shown is then hidden too, until two are and `LEAST` relationships stand behind them
(complementary suppression: Hundepool et al. 2012, Statistical Disclosure Control, ch. 4); one figure of all
clinics is left out where it would give away the same figure of a few. The latest month is
left out unless asked for: two tables of a month that still runs differ by the few people of the days between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from reknit.cohort.disclosure import LEAST

WITHIN = 5  # sessions after a rupture in which its repair is looked for
NOTICED = 0.5  # p_rupture from which a rupture counts as noticed, where the table has no column `alarm`
EIGHTY = 2 * 1.2815515655446004  # width of an 80 % interval in standard deviations
ALL = "all clinics"
CELL = ("clinic", "month")
TRUST = ("trust_mean", "trust_lo95", "trust_hi95")


class Sums(NamedTuple):
    """What one part of a cohort adds: sums by clinic and month, and relationships by therapist as well."""

    cells: pl.DataFrame
    therapists: pl.DataFrame


def _has(frame: pl.DataFrame, *names: str) -> bool:
    return all(name in frame.columns for name in names)


def _after(name: str, how: str) -> pl.Expr:
    """Lowest or highest value of the relationship's next `WITHIN` sessions; null without any."""
    later = [
        pl.when(pl.col("who").shift(-k) == pl.col("who")).then(pl.col(name).shift(-k))
        for k in range(1, WITHIN + 1)
    ]
    return pl.min_horizontal(later) if how == "min" else pl.max_horizontal(later)


def _shares(frame: pl.DataFrame) -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """For each figure that the columns allow, what is counted and among what."""
    one = pl.lit(1.0)
    rupture = pl.col("alarm") == 1 if _has(frame, "alarm") else pl.col("p_rupture") >= NOTICED
    if _has(frame, "difficulty"):
        rupture = rupture | (pl.col("difficulty") >= 1).fill_null(False)
    found = {
        "answered": (pl.col("alliance").is_not_null(), one),
        "ruptures_expected": (pl.col("p_rupture"), one),
        "ruptures_noticed": (rupture, one),
        "restored": (
            rupture & (_after("p_strain", "min") < 0.5),
            rupture & _after("p_strain", "min").is_not_null(),
        ),
        "strained": (pl.col("p_strain"), one),
    }
    if _has(frame, "difficulty"):
        asked = pl.col("difficulty").is_not_null()
        found["difficulty_said"] = (asked & (pl.col("difficulty") >= 1), asked)
    if _has(frame, "attended"):
        known = pl.col("attended").is_not_null()
        found["missed"] = (known & (pl.col("attended") == 0), known)
    if _has(frame, "repair"):
        repair = pl.max_horizontal(pl.col("repair"), _after("repair", "max"))
        made = pl.col("repair") >= 1
        found["repaired"] = (rupture & (repair >= 1), rupture & repair.is_not_null())
        found["repairs_confirmed"] = (made & (pl.col("repair") == 2), made)
    if _has(frame, "ended"):
        ended = pl.col("ended") >= 1
        found["dropped_out"] = (ended & (pl.col("ended") == 2), ended)
    if _has(frame, "therapist_guess"):
        off = (pl.col("therapist_guess") - pl.col("alliance")).abs()
        found["guess_off"] = (off, off.is_not_null())
    return found


AMOUNTS = ("guess_off",)  # means and not shares
SHARES = {
    "answered": "sessions at which the client rated the relationship, of all",
    "ruptures_expected": "ruptures that the model expects, a session",
    "ruptures_noticed": "sessions with an alarm, or a difficulty that the client reported, of all",
    "restored": f"of the ruptures noticed, those with strain gone at one of the next {WITHIN} sessions",
    "repaired": f"of the ruptures noticed, those with a repair recorded by the {WITHIN}th session after",
    "repairs_confirmed": "of the repairs recorded, those that the client confirmed",
    "strained": "sessions with unrepaired strain, by its probability",
    "difficulty_said": "sessions at which the client said that something bothered them, of those asked",
    "missed": "sessions missed or cancelled late, of those known",
    "dropped_out": "of the relationships that ended, those that dropped out",
    "guess_off": "how far the therapist's guess is from the client's rating, in points",
}


def sums(frame: pl.DataFrame) -> Sums:
    """What one part of a cohort adds to the table.

    Args:
        frame: sessions with the contract's columns (`clinic`, and `date` or `week`, among them) and the
            estimates of ``reknit trust``; every relationship whole. Without `date`, month 1 is the first
            month of each relationship.
    """
    keys = [name for name in ("client", "therapist") if name in frame.columns]
    when = "week" if "week" in frame.columns else "date"
    frame = (
        frame.with_columns(month=_month(frame)).sort(*keys, when).with_columns(who=pl.struct(keys).rle_id())
    )
    found = _shares(frame)
    frame = frame.with_columns(
        *(above.cast(pl.Float64).fill_null(0.0).alias(f"{name}:sum") for name, (above, _) in found.items()),
        *(below.cast(pl.Float64).fill_null(0.0).alias(f"{name}:of") for name, (_, below) in found.items()),
        doubt=((pl.col("trust_hi80") - pl.col("trust_lo80")) / EIGHTY) ** 2,
    )
    parts = [f"{name}:{part}" for name in found for part in ("sum", "of")]
    one = frame.group_by(*CELL, *keys).agg(
        pl.len().alias("sessions"), pl.col("trust", "doubt").mean(), pl.col(parts).sum()
    )
    products = [
        (pl.col(f"{name}:{a}") * pl.col(f"{name}:{b}")).sum().alias(f"{name}:{a}*{b}")
        for name in found
        for a, b in (("sum", "sum"), ("sum", "of"), ("of", "of"))
    ]
    cells = one.group_by(*CELL).agg(
        pl.len().cast(pl.Int64).alias("relationships"),
        pl.col("sessions").cast(pl.Int64).sum(),
        pl.col("trust").sum().alias("trust:sum"),
        (pl.col("trust") ** 2).sum().alias("trust:squares"),
        pl.col("doubt").sum().alias("trust:doubt"),
        pl.col(parts).sum(),
        *products,
        *((pl.col(f"{name}:of") > 0).sum().cast(pl.Int64).alias(f"{name}:who") for name in found),
    )
    by = pl.col("therapist").cast(pl.String) if "therapist" in keys else pl.lit("")
    therapists = one.group_by(*CELL, by.alias("therapist")).agg(
        pl.len().cast(pl.Int64).alias("relationships")
    )
    return Sums(cells, therapists)


def _month(frame: pl.DataFrame) -> pl.Expr:
    if "date" not in frame.columns:
        since = (pl.col("week") * (7 * 12 / 365.25)).floor().cast(pl.Int64) + 1
        return pl.format("month {}", since.cast(pl.String).str.zfill(3))
    if frame.schema["date"] == pl.String:
        return pl.col("date").str.strip_chars().str.slice(0, 7)
    return pl.col("date").dt.strftime("%Y-%m")


def table(parts: Sequence[Sums], *, open_month: bool = False) -> pl.DataFrame:
    """The table of clinics and months, small cells hidden.

    Args:
        parts: of :func:`sums`, one a part.
        open_month: keep the latest month, which may not be over.

    Returns:
        one row a clinic and month, and one a month for all clinics: `clinic`, `month`, `hidden` (empty, or
        why every figure is null), `relationships`, `sessions`, `trust_mean` with its 95 % interval, and the
        columns of :data:`SHARES` that the data allow, each followed by the number of sessions it is a share
        of (`_n`) and its interval (`_lo95`, `_hi95`).
    """
    cells = pl.concat([part.cells for part in parts], how="diagonal").group_by(*CELL).sum()
    therapists = pl.concat([part.therapists for part in parts]).group_by(*CELL, "therapist").sum()
    if not open_month:
        cells = cells.filter(pl.col("month") < pl.col("month").max())
        therapists = therapists.filter(pl.col("month").is_in(cells["month"].unique().implode()))
    cells = pl.concat([cells, _together(cells)], how="diagonal")
    therapists = pl.concat([therapists, _together(therapists, "therapist")], how="diagonal_relaxed")
    cells = _hide(cells.join(_few(therapists), on=CELL, how="left").sort("month", "clinic"))
    return cells.select(*CELL, "hidden", *_figures(cells))


def _together(cells: pl.DataFrame, *more: str) -> pl.DataFrame:
    """The sums of all clinics, where there is more than one."""
    several = cells.filter(pl.col("clinic").n_unique().over("month") > 1).drop("clinic")
    return several.group_by("month", *more).sum().with_columns(clinic=pl.lit(ALL))


def _few(therapists: pl.DataFrame) -> pl.DataFrame:
    """For each cell, whether too few people stand behind it or one therapist stands out."""
    known = therapists.filter(pl.col("therapist") != "")
    most, people = pl.col("relationships").max(), pl.col("relationships").sum()
    shape = known.group_by(*CELL).agg(narrow=(pl.len() < LEAST) | (2 * most >= people))
    small = therapists.group_by(*CELL).agg(few=pl.col("relationships").sum() < LEAST)
    return small.join(shape, on=CELL, how="left").select(
        *CELL, few=pl.col("few") | pl.col("narrow").fill_null(False)
    )


def _hide(cells: pl.DataFrame) -> pl.DataFrame:
    """A column `hidden`: why a cell must not be seen; empty where it may."""
    reasons = dict.fromkeys(range(cells.height), "")
    rows = cells.with_row_index("at").select("at", *CELL, "few", "relationships")
    for _, month in rows.group_by("month"):
        clinics = month.filter(pl.col("clinic") != ALL).sort("relationships", "clinic")
        small = clinics.filter(pl.col("few"))
        reasons |= dict.fromkeys(small["at"].to_list(), "few")
        whole = month.filter(pl.col("clinic") == ALL)
        reasons |= dict.fromkeys(whole.filter(pl.col("few"))["at"].to_list(), "few")
        if whole.filter(~pl.col("few")).is_empty() or small.is_empty():
            continue
        count, behind = small.height, small["relationships"].sum()
        for at, people in clinics.filter(~pl.col("few")).select("at", "relationships").iter_rows():
            if count >= 2 and behind >= LEAST:
                break
            reasons[at], count, behind = "beside one that is hidden", count + 1, behind + people
    return cells.with_columns(hidden=pl.Series([reasons[at] for at in range(cells.height)], dtype=pl.String))


def _figures(cells: pl.DataFrame) -> list[pl.Expr]:
    """Means and shares, null where they are hidden."""
    shown, n = pl.col("hidden") == "", pl.col("relationships")
    mean = pl.col("trust:sum") / n
    between = (pl.col("trust:squares") / n - mean**2).clip(lower_bound=0.0) * n / (n - 1)
    half = _student(cells["relationships"]) * ((between + pl.col("trust:doubt") / n) / n).sqrt()
    trust = dict(zip(TRUST, (mean, mean - half, mean + half), strict=True))
    out = [pl.when(shown).then(pl.col(name)).alias(name) for name in ("relationships", "sessions")]
    out += [pl.when(shown).then(value).alias(name) for name, value in trust.items()]
    for name in SHARES:
        if f"{name}:who" in cells.columns:
            seen = _may_be_seen(shown, pl.col(f"{name}:who"))
            figure = _ratio(name, _student(cells[f"{name}:who"]))
            out += [pl.when(seen).then(value).alias(f"{name}{part}") for part, value in figure.items()]
    return out


def _ratio(name: str, t: pl.Series) -> dict[str, pl.Expr]:
    """A figure, the number it is a share of, and its 95 % interval."""
    above, n, who = (pl.col(f"{name}:{part}") for part in ("sum", "of", "who"))
    ratio = above / n
    spread = pl.col(f"{name}:sum*sum") - 2 * ratio * pl.col(f"{name}:sum*of")
    spread = (spread + ratio**2 * pl.col(f"{name}:of*of")).clip(lower_bound=0.0)
    variance = who / (who - 1) * spread / n**2
    if name in AMOUNTS:
        half = pl.lit(t) * variance.sqrt()
        low, high = (ratio - half).clip(lower_bound=0.0), ratio + half
    else:
        worth = pl.when(variance > 0).then(pl.min_horizontal(ratio * (1 - ratio) / variance, n)).otherwise(n)
        pull = pl.lit(t) ** 2 / worth
        centre, half = ratio + pull / 2, (pull * (ratio * (1 - ratio) + pull / 4)).sqrt()
        low = ((centre - half) / (1 + pull)).clip(0.0, ratio)
        high = ((centre + half) / (1 + pull)).clip(ratio, 1.0)
    return {"": ratio, "_n": n.cast(pl.Int64), "_lo95": low, "_hi95": high}


def _may_be_seen(shown: pl.Expr, who: pl.Expr) -> pl.Expr:
    """Whether enough relationships stand behind a figure, and behind what all clinics would give away."""
    whole, enough = pl.col("clinic") == ALL, shown & (who >= LEAST)
    out_of_sight = ~whole & ~enough & (who > 0)
    behind = pl.when(out_of_sight).then(who).otherwise(0).sum().over("month")
    several = out_of_sight.sum().over("month") >= 2
    return enough & (~whole | (behind == 0) | ((behind >= LEAST) & several))


def _student(people: pl.Series) -> pl.Series:
    """The 97.5 % point of Student's t for a number of relationships."""
    from scipy.stats import t

    return pl.Series(t.ppf(0.975, people.to_numpy().clip(2) - 1))
