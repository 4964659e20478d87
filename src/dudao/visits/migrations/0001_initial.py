import django.db.models.deletion
from django.db import migrations, models

import dudao.shell.keys


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("findings", "0004_counting"),
        ("places", "0002_succession_by_kind"),
    ]

    operations = [
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.UUIDField(default=dudao.shell.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("county", models.CharField(max_length=6, verbose_name="县代码")),
                ("month", models.DateField(verbose_name="月份")),
                ("planned_on", models.DateField(blank=True, null=True, verbose_name="计划日期")),
                ("is_planned", models.BooleanField(default=True, verbose_name="列入计划")),
                ("theme", models.CharField(max_length=40, verbose_name="主题")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "计划"),
                            ("on_site", "到校"),
                            ("told", "已反馈"),
                            ("filed", "已归档"),
                            ("undone", "未完成"),
                        ],
                        default="planned",
                        max_length=8,
                        verbose_name="状态",
                    ),
                ),
                ("visited_on", models.DateField(blank=True, null=True, verbose_name="到校日期")),
                ("arrived_at", models.TimeField(blank=True, null=True, verbose_name="到校时间")),
                ("left_at", models.TimeField(blank=True, null=True, verbose_name="离校时间")),
                ("minutes", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="在校时长（分钟）")),
                ("companions", models.CharField(blank=True, max_length=200, verbose_name="同行人员")),
                ("notes", models.TextField(blank=True, verbose_name="督导记录")),
                ("is_on_paper", models.BooleanField(default=False, verbose_name="纸质记录")),
                ("told", models.TextField(blank=True, verbose_name="反馈意见")),
                ("told_on", models.DateField(blank=True, null=True, verbose_name="反馈日期")),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[("read", "当面宣读，校（园）长确认"), ("paper", "纸质签字，照片附后")],
                        max_length=8,
                        verbose_name="反馈方式",
                    ),
                ),
                ("head_name", models.CharField(blank=True, max_length=64, verbose_name="校（园）方在场人")),
                ("head_words", models.CharField(blank=True, max_length=500, verbose_name="校（园）方意见")),
                ("seen_on", models.DateField(blank=True, null=True, verbose_name="阅知日期")),
                ("seen_by", models.UUIDField(blank=True, null=True, verbose_name="阅知人")),
                ("seen_name", models.CharField(blank=True, max_length=64, verbose_name="阅知人姓名")),
                ("seen_words", models.CharField(blank=True, max_length=500, verbose_name="阅知意见")),
                ("filed_on", models.DateField(blank=True, null=True, verbose_name="归档日期")),
                ("undone_words", models.CharField(blank=True, max_length=300, verbose_name="未完成的原因")),
                ("made_by", models.UUIDField(null=True, verbose_name="登记人")),
                ("made_name", models.CharField(max_length=64, verbose_name="登记人姓名")),
                ("recorded_at", models.DateTimeField(verbose_name="登记时间")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.person",
                        verbose_name="督学",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.unit",
                        verbose_name="学校（园）",
                    ),
                ),
            ],
            options={
                "verbose_name": "经常性督导",
                "ordering": ["-month", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.UUIDField(default=dudao.shell.keys.uuid7, editable=False, primary_key=True, serialize=False),
                ),
                ("item", models.CharField(max_length=40, verbose_name="事项")),
                ("text", models.CharField(max_length=200, verbose_name="事项内容")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("yes", "符合"), ("no", "不符合"), ("none", "不适用")],
                        max_length=4,
                        verbose_name="结果",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="看到了什么")),
                ("by_person", models.UUIDField(null=True, verbose_name="记录人")),
                ("by_name", models.CharField(max_length=64, verbose_name="记录人姓名")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "finding",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="findings.finding",
                        verbose_name="登记为问题",
                    ),
                ),
                (
                    "visit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="visits.visit"
                    ),
                ),
            ],
            options={
                "verbose_name": "督导事项记录",
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["county", "month", "state"], name="visit_by_month"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["unit", "visited_on"], name="visit_by_unit"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(fields=["person", "month"], name="visit_by_person"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "planned")),
                fields=("unit", "person", "month"),
                name="visit_planned_once_a_month",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("planned", "undone")), ("visited_on__isnull", True)),
                    models.Q(("state__in", ("on_site", "told", "filed")), ("visited_on__isnull", False)),
                    _connector="OR",
                ),
                name="visit_done_has_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "undone"), _negated=True),
                    models.Q(("undone_words", ""), _negated=True),
                    _connector="OR",
                ),
                name="visit_undone_has_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("told", "filed")), _negated=True),
                    models.Q(("head_name__gt", ""), ("told__gt", ""), ("told_on__isnull", False), ("way__gt", "")),
                    _connector="OR",
                ),
                name="visit_told_has_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("arrived_at__isnull", True),
                    ("left_at__isnull", True),
                    ("left_at__gte", models.F("arrived_at")),
                    _connector="OR",
                ),
                name="visit_hours",
            ),
        ),
        migrations.AddConstraint(
            model_name="answer",
            constraint=models.UniqueConstraint(fields=("visit", "item"), name="visit_answer_once"),
        ),
    ]
