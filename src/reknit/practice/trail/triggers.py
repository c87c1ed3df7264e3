"""The database itself refuses to change or remove a line of the trail, whoever asks."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_ACTS = ("UPDATE", "DELETE")
_MESSAGE = "the trail is append-only"

_POSTGRES = f"""
CREATE OR REPLACE FUNCTION trail_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers (SQLite and PostgreSQL; another database relies on the model's own refusal)."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRES)
        for act in _ACTS:
            name = f"trail_entry_no_{act.lower()}"
            if connection.vendor == "postgresql":
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER {name} BEFORE {act} ON trail_entry "
                    "FOR EACH ROW EXECUTE FUNCTION trail_append_only()"
                )
            elif connection.vendor == "sqlite":
                cursor.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {act} ON trail_entry "
                    f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
                )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers (to reverse the migration, and for tests that must empty their tables)."""
    table = " ON trail_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for act in _ACTS:
            cursor.execute(f"DROP TRIGGER IF EXISTS trail_entry_no_{act.lower()}{table}")
