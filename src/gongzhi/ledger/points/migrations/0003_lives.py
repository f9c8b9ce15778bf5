"""Teams have members, hours a witness, quarters are looked at; books say how long points last."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_first_letters"),
        ("places", "0003_end_of_adoption"),
        ("points", "0002_guards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("joined_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="points.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("left_at", None)),
                        fields=("team", "person"),
                        name="member_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_at", None),
                            ("left_at__gte", models.F("joined_at")),
                            _connector="OR",
                        ),
                        name="member_in_order",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["person"], name="teams_of_person"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Quarter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place_path", models.TextField()),
                ("first_on", models.DateField()),
                ("totals", models.JSONField()),
                ("agrees", models.BooleanField()),
                ("words", models.CharField(blank=True, default="", max_length=500)),
                ("at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(null=True)),
                ("second_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.place",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("place", "first_on"), name="quarter_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_on__day", 1), ("first_on__month__in", (1, 4, 7, 10))
                        ),
                        name="quarter_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signed_at", None), ("signed_by", None)),
                            models.Q(("signed_at__isnull", False), ("signed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="quarter_signed_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("second", None), ("second_at", None)),
                            models.Q(
                                ("second__isnull", False),
                                ("second_at__isnull", False),
                                ("signed_by__isnull", False),
                                models.Q(("second", models.F("signed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="quarter_signed_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("signed_by", None),
                            ("agrees", True),
                            models.Q(("words", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="quarter_differs_with_words",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("found", models.BooleanField(null=True)),
                ("words", models.CharField(blank=True, default="", max_length=200)),
                ("at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="points.claim",
                    ),
                ),
                (
                    "quarter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="samples",
                        to="points.quarter",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("quarter", "claim"), name="sample_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("at", None), ("by", None), ("found", None)),
                            models.Q(
                                ("at__isnull", False),
                                ("by__isnull", False),
                                ("found__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="sample_looked_at_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("found", None),
                            ("found", True),
                            models.Q(("words", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="sample_missing_why",
                    ),
                ],
                "indexes": [],
            },
        ),
        migrations.AddField(
            model_name="claim",
            name="reversed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="claim",
            name="reversed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="guardianconsent",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="lasts",
            field=models.CharField(
                choices=[
                    ("months", "从得到那天起若干个月"),
                    ("year", "每年结算，到第二年若干月底"),
                ],
                default="months",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="lost_motion",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="months",
            field=models.PositiveSmallIntegerField(default=24),
        ),
        migrations.AddField(
            model_name="rulebook",
            name="resolution",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="service",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="service",
            name="ended_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="reason",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="service",
            name="witness",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="about",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddConstraint(
            model_name="rulebook",
            constraint=models.UniqueConstraint(fields=("motion_id",), name="one_book_a_motion"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                fields=["place_path", "entered_at"],
                name="claims_entered",
                opclasses=["text_pattern_ops", "timestamptz_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(
                condition=models.Q(("confirmed_at", None), ("ended_at", None)),
                fields=["witness"],
                name="services_to_witness",
            ),
        ),
        migrations.AddIndex(
            model_name="service",
            index=models.Index(
                fields=["place_path", "-id"],
                name="services_of_place",
                opclasses=["text_pattern_ops", "int8_ops"],
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("reversed_at__isnull", False),
                        ("reversed_by__isnull", False),
                        ("state", "reversed"),
                        models.Q(("reason", ""), _negated=True),
                        models.Q(("reversed_by", models.F("doer")), _negated=True),
                    ),
                    models.Q(
                        models.Q(("state", "reversed"), _negated=True),
                        ("reversed_at", None),
                        ("reversed_by", None),
                    ),
                    _connector="OR",
                ),
                name="reversed_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="guardianconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at", None), ("withdrawn_at__gte", models.F("at")), _connector="OR"
                ),
                name="guardian_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="rulebook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lasts", "months"), ("months__range", (1, 60))),
                    models.Q(("lasts", "year"), ("months__range", (1, 12))),
                    _connector="OR",
                ),
                name="book_points_last",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_by", None), ("reason", "")),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="service_ended_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("witness", models.F("by")), _negated=True),
                    models.Q(("witness", models.F("person")), _negated=True),
                ),
                name="service_witness_is_another",
            ),
        ),
        migrations.DeleteModel(
            name="Code",
        ),
    ]
