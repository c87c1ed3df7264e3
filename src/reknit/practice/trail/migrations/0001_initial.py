import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('length', models.PositiveBigIntegerField(default=0)),
                ('head', models.CharField(blank=True, default='', max_length=64)),
            ],
            options={
                'verbose_name': 'trail chain',
                'verbose_name_plural': 'trail chains',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField()),
                ('relationship_id', models.PositiveBigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('actor', models.CharField(max_length=60)),
                ('verb', models.CharField(max_length=40)),
                ('subject', models.CharField(max_length=80)),
                ('detail', models.CharField(blank=True, default='', max_length=200)),
                ('previous', models.CharField(blank=True, default='', max_length=64)),
                ('seal', models.CharField(max_length=64)),
                ('chain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='trail.chain')),
            ],
            options={
                'verbose_name': 'trail entry',
                'verbose_name_plural': 'trail entries',
                'ordering': ['chain', 'number'],
                'constraints': [models.UniqueConstraint(fields=('chain', 'number'), name='trail_one_entry_per_number')],
            },
        ),
    ]
