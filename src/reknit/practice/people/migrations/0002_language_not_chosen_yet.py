"""A language is empty until somebody chose it; until then the browser's own is spoken."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AlterField("client", "language", models.CharField(blank=True, default="", max_length=16, verbose_name="language")),
        migrations.AlterField("user", "language", models.CharField(blank=True, default="", max_length=16, verbose_name="language")),
    ]
