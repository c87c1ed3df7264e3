"""Estimates that an earlier version kept, one mapping a session, are carried into columns and back."""

from importlib import import_module

from reknit.practice.insight.estimates import Point, points_of
from reknit.practice.insight.models import TrustRecord

MOVED = import_module("reknit.practice.insight.migrations.0004_points_in_columns")

POINTS = [
    Point(7, 1, "2026-03-02", 6.5, True, 6.1, 5.0, 7.2, 4.4, 7.8, 0.02, 0.1, 0.0, 0.03, [], 0.4),
    Point(
        9, 2, "2026-03-09", None, False, 5.8, 4.6, 7.0, 3.9, 7.7, 0.3, 0.4, 0.1, 0.2, [("missed", 0.7)], 0.4
    ),
]


def test_there_and_back() -> None:
    kept = [point._asdict() for point in POINTS]
    columns = MOVED.into_columns(kept)
    assert points_of(TrustRecord(points=columns)) == POINTS
    assert MOVED.into_columns(columns) is columns
    assert MOVED.into_sessions(columns) == kept


def test_before_the_first_session() -> None:
    assert MOVED.into_columns([]) == {}
    assert MOVED.into_sessions({}) == []
    assert points_of(TrustRecord(points={})) == []


def test_the_oldest_records_did_not_keep_the_alarm() -> None:
    oldest = [
        {name: value for name, value in point._asdict().items() if name != "ask_from"} for point in POINTS
    ]
    (first, _second) = points_of(TrustRecord(points=MOVED.into_columns(oldest)))
    assert first.ask_from == MOVED.NOT_ALWAYS_KEPT["ask_from"]
