"""Marks, handing on, reports and appeals, how soon a channel answers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0002_guards'),
        ('people', '0006_first_letters'),
        ('places', '0003_end_of_adoption'),
    ]

    operations = [
        migrations.AddField(
            model_name='channel',
            name='answer_minutes',
            field=models.PositiveSmallIntegerField(db_default=30),
        ),
        migrations.AddConstraint(
            model_name='channel',
            constraint=models.CheckConstraint(condition=models.Q(('answer_minutes__in', (15, 30, 60, 120, 240, 480))), name='channel_answer_minutes'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(fields=['channel', 'at'], name='posts_by_month'),
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('hid_at', models.DateTimeField()),
                ('hid_why', models.CharField(max_length=200)),
                ('outcome', models.CharField(blank=True, choices=[('restored', '恢复显示'), ('stays', '维持隐藏')], db_default='', max_length=8)),
                ('answer', models.CharField(blank=True, db_default='', max_length=300)),
                ('judged_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('hid_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('judged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appeals', to='channels.post')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('post', 'hid_at'), name='one_appeal_a_hiding'), models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='appeal_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('judged_at', None), ('judged_by', None), ('outcome', '')), models.Q(('judged_at__isnull', False), ('judged_by__isnull', False), ('outcome__in', ['restored', 'stays']), models.Q(('answer', ''), _negated=True), models.Q(('judged_by', models.F('hid_by')), _negated=True), models.Q(('judged_by', models.F('by')), _negated=True)), _connector='OR'), name='appeal_judged_by_another')],
                'indexes': [models.Index(condition=models.Q(('outcome', '')), fields=['post'], name='appeals_open')],
            },
        ),
        migrations.CreateModel(
            name='Handing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(blank=True, db_default='', max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handings', to='channels.post')),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
            ],
            options={
                'indexes': [models.Index(fields=['post', '-id'], name='handing_last')],
            },
        ),
        migrations.CreateModel(
            name='Mark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('upto', models.BigIntegerField(db_default=0)),
                ('muted', models.BooleanField(db_default=False)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='channels.channel')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'channel'), name='mark_once')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, choices=[('hidden', '隐藏了'), ('kept', '留着')], db_default='', max_length=6)),
                ('answer', models.CharField(blank=True, db_default='', max_length=200)),
                ('settled_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='channels.post')),
                ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('post', 'by'), name='reported_once'), models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='report_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('outcome', ''), ('settled_at', None), ('settled_by', None)), models.Q(('outcome__in', ['hidden', 'kept']), ('settled_at__isnull', False), ('settled_by__isnull', False), models.Q(('answer', ''), _negated=True), models.Q(('settled_by', models.F('by')), _negated=True)), _connector='OR'), name='report_settled_whole')],
                'indexes': [models.Index(condition=models.Q(('outcome', '')), fields=['post'], name='reports_open')],
            },
        ),
    ]
