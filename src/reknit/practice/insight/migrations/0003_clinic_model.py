import django.db.models.deletion
import reknit.practice.clock
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("insight", "0002_clinic_quarters"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClinicModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("params", models.TextField()),
                ("ask_from", models.FloatField()),
                ("relationships", models.PositiveIntegerField()),
                ("fitted_at", models.DateTimeField(default=reknit.practice.clock.now)),
                (
                    "clinic",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="trust_model", to="people.clinic"
                    ),
                ),
            ],
        ),
    ]
