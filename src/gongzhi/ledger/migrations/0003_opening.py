"""Paper books brought in: who put them in, who let them in, and that these are two people."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_functions"),
        ("people", "0001_initial"),
        ("places", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("filename", models.CharField(max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.BinaryField(null=True)),
                ("state", models.CharField(choices=[("checked", "已检查"), ("applied", "已入账"), ("undone", "已撤销")], default="checked", max_length=8)),
                ("counts", models.JSONField(default=dict)),
                ("errors", models.JSONField(default=list)),
                ("at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_why", models.CharField(blank=True, default="", max_length=200)),
                ("applied_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person")),
                ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person")),
                ("place", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="places.place")),
                ("undone_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="checked", applied_by=None, applied_at=None, undone_at=None)
                        | Q(state="applied", applied_by__isnull=False, applied_at__isnull=False, undone_at=None)
                        | Q(state="undone", applied_by__isnull=False, applied_at__isnull=False, undone_by__isnull=False, undone_at__isnull=False) & ~Q(undone_why=""),
                        name="opening_state",
                    ),
                    models.CheckConstraint(
                        condition=Q(applied_by=None) | ~Q(applied_by=F("by")), name="opening_by_two_people"
                    ),
                    models.UniqueConstraint(
                        fields=["place", "sha256"], condition=Q(state="applied"), name="opening_file_once"
                    ),
                ],
                "indexes": [models.Index(fields=["place", "-id"], name="ledger_opening_place")],
            },
        ),
    ]
