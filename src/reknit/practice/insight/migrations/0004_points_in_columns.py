from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from reknit.trust.alarm import SHIPPED_ALARM

AT_ONCE = 500
NOT_ALWAYS_KEPT = {"ask_from": SHIPPED_ALARM}


def into_columns(points: Any) -> Any:
    """One list a field from one mapping a session; what is in columns already stays."""
    if isinstance(points, dict):
        return points
    whole = [NOT_ALWAYS_KEPT | point for point in points]
    return {name: [point[name] for point in whole] for name in whole[0]} if whole else {}


def into_sessions(points: Any) -> Any:
    """The way back."""
    if isinstance(points, list):
        return points
    return [dict(zip(points, values, strict=True)) for values in zip(*points.values(), strict=True)]


def _each(change: Callable[[Any], Any]) -> Callable[[StateApps, BaseDatabaseSchemaEditor], None]:
    def run(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        records = apps.get_model("insight", "TrustRecord").objects.using(editor.connection.alias)
        for record in records.only("points").iterator(chunk_size=AT_ONCE):
            records.filter(pk=record.pk).update(points=change(record.points))

    return run


class Migration(migrations.Migration):
    dependencies = [("insight", "0003_clinic_model")]
    operations = [
        migrations.RunPython(_each(into_columns), _each(into_sessions)),
        migrations.AlterField("trustrecord", "points", models.JSONField(default=dict)),
    ]
