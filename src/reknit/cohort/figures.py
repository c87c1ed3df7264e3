"""One relationship's trust curve from a table, and figures to files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from reknit.cohort import runs
from reknit.cohort.tables import SessionTable, TableError, check_output, write_bytes
from reknit.plot import Point, trust_sentence, trust_svg

if TYPE_CHECKING:
    from reknit.trust.params import Params

KINDS = (".svg", ".pdf", ".png")


def one_relationship(table: SessionTable, client: str, therapist: str | None = None) -> SessionTable:
    """Only the sessions of one client with one therapist.

    Raises:
        TableError: there is no such client, or the client has several therapists and none was named.
    """
    keep = table.work["client"].cast(pl.String) == client
    if not keep.any():
        raise TableError(f"{table.path}: column client: there is no client {client!r}")
    if "therapist" in table.work.columns:
        names = table.work.filter(keep)["therapist"].unique(maintain_order=True).to_list()
        if therapist is None and len(names) > 1:
            known = " or ".join(names[:6])
            raise TableError(
                f"{table.path}: client {client!r} has several therapists; add --therapist {known}"
            )
        if therapist is not None and therapist not in names:
            raise TableError(f"{table.path}: client {client!r} has no therapist {therapist!r}")
        keep &= table.work["therapist"] == (names[0] if therapist is None else therapist)
    elif therapist is not None:
        raise TableError(f"{table.path}: column therapist is missing")
    return replace(table, raw=table.raw.filter(keep), work=table.work.filter(keep))


def curve(
    table: SessionTable,
    *,
    params: Params | None = None,
    smooth: bool = False,
    lower_is_better: bool = False,
) -> list[Point]:
    """The points of one relationship's curve, with the events that were reported or recorded.

    Args:
        table: one relationship, from :func:`one_relationship`.
        params: of the trust model; None takes the shipped ones.
        smooth: look back from the end of the series.
        lower_is_better: the ratings are of something bad; the points are mirrored so that up is better.
    """
    if lower_is_better:
        table = replace(table, work=runs.mirrored(table))
    out = runs.estimate(table, params=params, smooth=smooth)
    frame = table.work.hstack(out.get_columns())
    if "date" in table.raw.columns and "week" not in table.raw.columns:
        frame = frame.with_columns(day=table.raw["date"].cast(pl.String).str.slice(0, 10))
    order = ["week", "session"] if "session" in frame.columns else ["week"]
    points = [_point(row) for row in frame.sort(order, maintain_order=True).iter_rows(named=True)]
    return _whole_weeks(_with_exceeded(points, table, params))


def axis_of(table: SessionTable) -> str:
    """What the labels under the curve count."""
    if _numbered(table):
        return "session"
    return "week" if "week" in table.raw.columns else ""


def _numbered(table: SessionTable) -> bool:
    return "session" in table.work.columns and bool(table.work["session"].str.contains(r"^\d+$").all())


def _point(row: dict[str, object]) -> Point:
    def number(name: str) -> float:
        value = row[name]
        return float(value) if isinstance(value, int | float) else math.nan

    session, day = str(row.get("session") or ""), str(row.get("day") or "")
    label = session if session.isdigit() else day or f"{number('week'):.3g}"
    said, mended = row.get("difficulty"), row.get("repair")
    event = "difficulty" if isinstance(said, float) and said >= 1 else None
    event = "repair" if isinstance(mended, float) and mended >= 1 else event
    rating = number("alliance")
    return Point(
        week=number("week"),
        label=label,
        rating=None if math.isnan(rating) else rating,
        trust=number("trust"),
        lo80=number("trust_lo80"),
        hi80=number("trust_hi80"),
        lo95=number("trust_lo95"),
        hi95=number("trust_hi95"),
        p_rupture=number("p_rupture"),
        p_repair=number("p_repair"),
        event=event,
        name="" if session.isdigit() else day or f"week {label}",
    )


def _whole_weeks(points: Sequence[Point]) -> list[Point]:
    """Where weeks are fractions, only the point nearest to each whole week keeps its label."""
    if not any("." in p.label for p in points) or any("-" in p.label[1:] for p in points):
        return list(points)
    whole = range(math.ceil(points[0].week), math.floor(points[-1].week) + 1)
    nearest = {min(range(len(points)), key=lambda k, w=w: abs(points[k].week - w)): w for w in whole}  # type: ignore[misc]
    return [replace(p, label=str(nearest[k]) if k in nearest else "") for k, p in enumerate(points)]


def _with_exceeded(points: Sequence[Point], table: SessionTable, params: Params | None) -> list[Point]:
    """Mark the repairs after which trust is more likely than not above what was to be expected anyway."""
    from reknit.trust.forecast import recovery
    from reknit.trust.params import DEFAULT
    from reknit.trust.series import Series

    out = list(points)
    hurt = [k for k, p in enumerate(points) if p.named in ("difficulty", "rupture") and k > 0]
    for k, start in enumerate(hurt):
        end = hurt[k + 1] if k + 1 < len(hurt) else len(points)
        mended = [j for j in range(start + 1, end) if points[j].named == "repair"]
        if not mended:
            continue
        ratings = [math.nan if p.rating is None else p.rating for p in points[:end]]
        series = Series(week=[p.week for p in points[:end]], rating=ratings, scale=table.scale)
        if recovery(series, start, DEFAULT if params is None else params).p_exceeded >= 0.5:
            out[mended[-1]] = replace(points[mended[-1]], event="exceeded")
    return out


def draw(
    points: Sequence[Point],
    scale: tuple[float, float],
    *,
    title: str,
    axis: str = "",
    zoom: bool = False,
    turned: bool = False,
) -> str:
    """A figure that stands alone, with its sentence below.

    Args:
        points: from :func:`curve`.
        scale: lowest and highest possible rating.
        title: what a screen reader calls it.
        axis: what the labels count.
        zoom: show only the part of the scale that is used.
        turned: the points are mirrored, see :func:`reknit.plot.trust_svg`.
    """
    lo, hi = scale
    if zoom:
        seen = [p.rating for p in points if p.rating is not None]
        low, high = min([*seen, *(p.lo95 for p in points)]), max([*seen, *(p.hi95 for p in points)])
        room = 0.05 * max(high - low, 0.05 * (hi - lo))
        beyond = 0.12 * (hi - lo)
        lo, hi = max(lo - beyond, low - room), min(hi + beyond, high + room)
        digits = max(0, 2 - math.floor(math.log10(hi - lo)))
        lo, hi = round(lo, digits), round(hi, digits)
    said = trust_sentence(points)
    return trust_svg(
        points,
        lo,
        hi,
        title=title,
        desc=said,
        standalone=True,
        caption=said,
        axis=axis,
        turned=sum(scale) if turned else None,
    )


def save(svg: str, path: str | Path) -> None:
    """Write a figure; the ending of the file name says how: ``.svg``, ``.pdf`` or ``.png``.

    Raises:
        TableError: another ending, the extra ``reknit[figures]`` is missing, or the file cannot be written.
    """
    path = check_output(path, KINDS)
    kind = path.suffix.lower()
    if kind == ".svg":
        write_bytes(svg.encode(), path, KINDS)
        return
    try:
        import cairosvg
    except (ImportError, OSError):
        raise TableError(
            f"{path}: {kind[1:].upper()} needs CairoSVG and the Cairo library;"
            " install the extra reknit[figures], or write .svg"
        ) from None
    if kind == ".pdf":
        written = cairosvg.svg2pdf(bytestring=svg.encode())
    else:
        written = cairosvg.svg2png(bytestring=svg.encode(), scale=3)
    write_bytes(written, path, KINDS)
