"""Regular visits of responsible inspectors (经常性督导, 教育督导条例 articles 14 and 15).

Rows that are made at a school have keys made where they are written (UUIDv7), so that later they can be made without a network:
the same row sent twice is written once, and a change names the version it was made from.
"""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Visit(models.Model):
    """One visit of an inspector to a school or kindergarten, from the plan to the file. A unit sees it once it was told."""

    class State(models.TextChoices):
        PLANNED = "planned", "计划"
        ON_SITE = "on_site", "到校"
        TOLD = "told", "已反馈"
        FILED = "filed", "已归档"
        UNDONE = "undone", "未完成"

    class Way(models.TextChoices):
        READ = "read", "当面宣读，校（园）长确认"
        PAPER = "paper", "纸质签字，照片附后"

    #: The inspector was there.
    DONE = (State.ON_SITE, State.TOLD, State.FILED)
    #: The school has been told what was seen: from here on its head sees the visit, and it counts towards what is owed.
    KNOWN_TO_SCHOOL = (State.TOLD, State.FILED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", verbose_name="学校（园）")
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+", verbose_name="督学")
    #: First day of the month it is planned for; of one that nobody planned, of its own month.
    month = models.DateField("月份")
    planned_on = models.DateField("计划日期", null=True, blank=True)
    is_planned = models.BooleanField("列入计划", default=True)
    #: A code of ``library/visits.yaml``.
    theme = models.CharField("主题", max_length=40)
    state = models.CharField("状态", max_length=8, choices=State, default=State.PLANNED)
    visited_on = models.DateField("到校日期", null=True, blank=True)
    arrived_at = models.TimeField("到校时间", null=True, blank=True)
    left_at = models.TimeField("离校时间", null=True, blank=True)
    #: Counted from the two; empty where one of them is not known.
    minutes = models.PositiveSmallIntegerField("在校时长（分钟）", null=True, blank=True)
    companions = models.CharField("同行人员", max_length=200, blank=True)
    notes = models.TextField("督导记录", blank=True)
    #: Filled in by hand; the photo lies with it.
    is_on_paper = models.BooleanField("纸质记录", default=False)
    told = models.TextField("反馈意见", blank=True)
    told_on = models.DateField("反馈日期", null=True, blank=True)
    way = models.CharField("反馈方式", max_length=8, choices=Way, blank=True)
    head_name = models.CharField("校（园）方在场人", max_length=64, blank=True)
    head_words = models.CharField("校（园）方意见", max_length=500, blank=True)
    #: The head's own word on the page, after the visit.
    seen_on = models.DateField("阅知日期", null=True, blank=True)
    seen_by = models.UUIDField("阅知人", null=True, blank=True)
    seen_name = models.CharField("阅知人姓名", max_length=64, blank=True)
    seen_words = models.CharField("阅知意见", max_length=500, blank=True)
    filed_on = models.DateField("归档日期", null=True, blank=True)
    undone_words = models.CharField("未完成的原因", max_length=300, blank=True)
    made_by = models.UUIDField("登记人", null=True)
    made_name = models.CharField("登记人姓名", max_length=64)
    recorded_at = models.DateTimeField("登记时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "经常性督导"
        ordering = ["-month", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "person", "month"], condition=Q(state="planned"), name="visit_planned_once_a_month"
            ),
            models.CheckConstraint(name="visit_done_has_day", condition=Q(state__in=("planned", "undone"), visited_on__isnull=True) | Q(state__in=("on_site", "told", "filed"), visited_on__isnull=False)),
            models.CheckConstraint(name="visit_undone_has_words", condition=~Q(state="undone") | ~Q(undone_words="")),
            models.CheckConstraint(name="visit_told_has_name", condition=~Q(state__in=("told", "filed")) | Q(told_on__isnull=False, told__gt="", head_name__gt="", way__gt="")),
            models.CheckConstraint(name="visit_hours", condition=Q(arrived_at__isnull=True) | Q(left_at__isnull=True) | Q(left_at__gte=F("arrived_at"))),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["county", "month", "state"], name="visit_by_month"),
            models.Index(fields=["unit", "visited_on"], name="visit_by_unit"),
            models.Index(fields=["person", "month"], name="visit_by_person"),
        ]

    class Data:
        plain = frozenset(
            "id county unit person month planned_on is_planned theme state visited_on arrived_at left_at minutes is_on_paper told_on way"
            " seen_on seen_by filed_on made_by recorded_at version".split()
        )
        personal = frozenset(
            "companions notes told head_name head_words seen_name seen_words undone_words made_name".split()
        )

    def __str__(self) -> str:
        return f"经常性督导 {self.month:%Y-%m}"

    @property
    def is_done(self) -> bool:
        return self.state in self.DONE


class Answer(models.Model):
    """What was seen of one thing of the list."""

    class Outcome(models.TextChoices):
        YES = "yes", "符合"
        NO = "no", "不符合"
        NONE = "none", "不适用"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="answers")
    #: A code of ``library/visits.yaml``, and its words as they stood: the file may change.
    item = models.CharField("事项", max_length=40)
    text = models.CharField("事项内容", max_length=200)
    outcome = models.CharField("结果", max_length=4, choices=Outcome)
    note = models.CharField("看到了什么", max_length=500, blank=True)
    finding = models.ForeignKey(
        "findings.Finding", on_delete=models.PROTECT, related_name="+", null=True, blank=True, verbose_name="登记为问题"
    )
    by_person = models.UUIDField("记录人", null=True)
    by_name = models.CharField("记录人姓名", max_length=64)
    recorded_at = models.DateTimeField("记录时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "督导事项记录"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["visit", "item"], name="visit_answer_once")]

    class Data:
        plain = frozenset("id visit item text outcome finding by_person recorded_at version".split())
        personal = frozenset({"note", "by_name"})

    def __str__(self) -> str:
        return self.text
