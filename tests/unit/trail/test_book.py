"""The trail: numbered, chained, sealed, and unwilling to be rewritten."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from reknit.practice.trail import entries_for_relationship, record, triggers, verify
from reknit.practice.trail.models import AppendOnly, Chain, Entry

pytestmark = pytest.mark.django_db


def write_some() -> None:
    for number in range(3):
        record("user:1", "read_words", f"checkin:{number}", relationship_id=7)
        record("client:2", "created", f"checkin:{number}", relationship_id=8)
    record("system", "started", "house")


def tamper(sql: str, *values: object) -> None:
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_entries_are_numbered_within_their_chain() -> None:
    write_some()
    assert list(Entry.objects.filter(chain="relationship:7").values_list("number", flat=True)) == [1, 2, 3]
    assert list(Entry.objects.filter(chain="house").values_list("subject", flat=True)) == [
        "relationship:7",
        "relationship:8",
        "house",
    ]


def test_a_trail_left_alone_verifies() -> None:
    assert verify() == []
    write_some()
    assert verify() == []


@pytest.mark.parametrize("column", ["actor", "verb", "subject", "detail", "at", "relationship_id"])
def test_an_altered_entry_is_named(column: str) -> None:
    write_some()
    new = {"at": "2026-01-01 00:00:00+00:00", "relationship_id": 9}.get(column, "user:9")
    tamper(f"UPDATE trail_entry SET {column} = %s WHERE chain_id = 'relationship:7' AND number = 2", new)
    assert [(b.chain, b.number) for b in verify()] == [("relationship:7", 2)]


def test_a_removed_entry_is_named() -> None:
    write_some()
    tamper("DELETE FROM trail_entry WHERE chain_id = 'relationship:8' AND number = 2")
    assert [(b.chain, b.number) for b in verify()] == [("relationship:8", 2)]


def test_a_cut_off_end_is_noticed_even_when_the_chain_is_shortened_too() -> None:
    write_some()
    tamper("DELETE FROM trail_entry WHERE chain_id = 'relationship:8' AND number = 3")
    assert [(b.chain, b.number) for b in verify()] == [("relationship:8", 3)]


def test_a_chain_that_vanished_whole_is_named() -> None:
    write_some()
    tamper("DELETE FROM trail_entry WHERE chain_id = 'relationship:8'")
    tamper("DELETE FROM trail_chain WHERE name = 'relationship:8'")
    assert [(b.chain, b.number) for b in verify()] == [("relationship:8", 1)]


def test_an_entry_forged_without_the_key_is_noticed(keys) -> None:  # type: ignore[no-untyped-def]
    write_some()
    (keys / "trail.keys").write_text((keys / "records.keys").read_text())
    assert len(verify()) == 9


def test_the_model_refuses_change_and_removal() -> None:
    entry = record("user:1", "shared", "reply:4", relationship_id=7)
    entry.detail = "something else"
    for attempt in (
        entry.save,
        entry.delete,
        Entry.objects.all().delete,
        lambda: Entry.objects.update(actor="nobody"),
    ):
        with pytest.raises(AppendOnly):
            attempt()


@pytest.mark.parametrize("sql", ["UPDATE trail_entry SET actor = 'nobody'", "DELETE FROM trail_entry"])
def test_the_database_refuses_change_and_removal(sql: str) -> None:
    triggers.install(connection)
    record("user:1", "shared", "reply:4", relationship_id=7)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert verify() == []


def test_a_rolled_back_act_leaves_no_line() -> None:
    record("user:1", "created", "session:1", relationship_id=7)
    with transaction.atomic():
        record("user:1", "created", "session:2", relationship_id=7)
        transaction.set_rollback(True)
    assert verify() == []
    assert Chain.objects.get(pk="relationship:7").length == 1


def test_a_client_sees_their_own_relationship_only_newest_first() -> None:
    write_some()
    assert [entry.subject for entry in entries_for_relationship(7)] == ["checkin:2", "checkin:1", "checkin:0"]


def test_a_line_costs_three_statements(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    record("user:1", "created", "session:1", relationship_id=7)
    with django_assert_num_queries(3):
        record("user:1", "created", "session:2", relationship_id=7)
