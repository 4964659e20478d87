"""The year's plan: a notice, what was read in it, the tasks it becomes, and each unit's part."""

from django.db import models
from django.db.models import F, Q

from dudao.shell.keys import uuid7


class Notice(models.Model):
    """An official notice as handed in. Its words are kept for ever; from any task one gets back to them."""

    class State(models.TextChoices):
        CHECKING = "checking", "核对中"
        CONFIRMED = "confirmed", "已确认"
        DROPPED = "dropped", "已作废"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("标题", max_length=300)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    issuer = models.CharField("发文机关", max_length=200, blank=True)
    dated_on = models.DateField("成文日期", null=True, blank=True)
    metadata = models.JSONField("元数据", default=dict)
    text = models.TextField("原文")
    file_name = models.CharField("来源文件", max_length=200, blank=True)
    digest = models.CharField("原文 SHA-256", max_length=64)
    reader = models.CharField("识读引擎版本", max_length=32)
    state = models.CharField("状态", max_length=12, choices=State, default=State.CHECKING)
    drop_reason = models.CharField("作废原因", max_length=200, blank=True)
    handed_in_at = models.DateTimeField("导入时间")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "要点"
        ordering = ["-year", "-handed_in_at"]
        constraints = [
            # The same words again are refused, until the earlier reading is dropped.
            models.UniqueConstraint(
                fields=["county", "digest"], condition=~Q(state="dropped"), name="notice_once_in_county"
            ),
            models.CheckConstraint(
                name="notice_confirmed_with_moment",
                condition=Q(state="confirmed", confirmed_at__isnull=False)
                | (~Q(state="confirmed") & Q(confirmed_at__isnull=True)),
            ),
        ]

    class Data:
        plain = frozenset(
            "id county year title doc_no issuer dated_on metadata text file_name digest reader state drop_reason"
            " handed_in_at confirmed_at version".split()
        )

    def __str__(self) -> str:
        return self.title


class Section(models.Model):
    """A section of the outline, with its place in the text."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="sections")
    position = models.PositiveSmallIntegerField("次序")
    no = models.CharField("序号", max_length=16, blank=True)
    heading = models.CharField("标题", max_length=300, blank=True)
    is_repaired = models.BooleanField("补过序号", default=False)
    start = models.PositiveIntegerField("起", null=True)
    end = models.PositiveIntegerField("止", null=True)

    class Meta:
        verbose_name = "部分"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["notice", "position"], name="section_position")]

    class Data:
        plain = frozenset("id notice position no heading is_repaired start end".split())

    def __str__(self) -> str:
        return f"{self.no}、{self.heading}" if self.no else self.heading


class Point(models.Model):
    """A work point: its words in the notice, and what a person made of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="points")
    position = models.PositiveSmallIntegerField("次序")
    no = models.CharField("序号", max_length=16, blank=True)
    title = models.CharField("标题", max_length=300, blank=True)
    words = models.TextField("原文")
    start = models.PositiveIntegerField("起", null=True)
    end = models.PositiveIntegerField("止", null=True)
    is_duty = models.BooleanField("列为任务", default=True)
    is_corrected = models.BooleanField("已更正", default=False)
    checked_at = models.DateTimeField("核对时间", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "工作要点"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["section", "position"], name="point_position")]

    class Data:
        plain = frozenset(
            "id section position no title words start end is_duty is_corrected checked_at version".split()
        )

    def __str__(self) -> str:
        return f"{self.no}．{self.title}" if self.no and self.title else self.title or self.words[:20]


class Flag(models.Model):
    """Something in the text that the reader repaired or doubts; a person accepts it."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="flags")
    code = models.CharField("类别", max_length=64)
    quote = models.CharField("原文", max_length=300)
    why = models.CharField("说明", max_length=300)
    start = models.PositiveIntegerField("起", null=True)
    end = models.PositiveIntegerField("止", null=True)
    accepted_at = models.DateTimeField("认可时间", null=True, blank=True)

    class Meta:
        verbose_name = "识读提示"
        ordering = ["start", "pk"]

    class Data:
        plain = frozenset("id notice code quote why start end accepted_at".split())


class Task(models.Model):
    """One duty of the year: what, from which words, who leads, until when."""

    class State(models.TextChoices):
        DRAFT = "draft", "未下达"
        HANDED = "handed", "已下达"
        WITHDRAWN = "withdrawn", "已撤回"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    year = models.PositiveSmallIntegerField("年度")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="tasks")
    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="tasks")
    number = models.CharField("编号", max_length=16)
    title = models.CharField("任务", max_length=300)
    lead = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    due_on = models.DateField("完成时限", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "任务"
        ordering = ["-year", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "number"], condition=~Q(state="withdrawn"), name="task_number_in_notice"
            )
        ]
        indexes = [
            models.Index(fields=["county", "state"], name="task_county_state"),
            models.Index(fields=["county", "-year", "number", "id"], name="task_county_year"),
        ]

    class Data:
        plain = frozenset("id county year notice point number title lead due_on state version".split())

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class TaskPart(models.Model):
    """What one unit has of a task: handed down, signed for."""

    class State(models.TextChoices):
        WAITING = "waiting", "待签收"
        SIGNED = "signed", "进行中"
        ANSWERED = "answered", "待审核"
        DONE = "done", "办结"
        WITHDRAWN = "withdrawn", "已撤回"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    county = models.CharField("县代码", max_length=6)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="parts")
    unit = models.ForeignKey("places.Unit", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=12, choices=State, default=State.WAITING)
    handed_on = models.DateField("下达日期")
    sign_by = models.DateField("签收期限")
    withdraw_reason = models.CharField("撤回原因", max_length=200, blank=True)
    signed_on = models.DateField("签收日期", null=True, blank=True)
    signed_by = models.CharField("签收人", max_length=64, blank=True)
    signed_how = models.CharField("签收方式", max_length=200, blank=True, help_text="代为登记时写明：电话、纸质、OA 等")
    answer = models.TextField("办理情况", blank=True)
    answered_on = models.DateField("报送日期", null=True, blank=True)
    answered_by = models.CharField("报送人", max_length=64, blank=True)
    review_note = models.CharField("审核意见", max_length=500, blank=True)
    done_on = models.DateField("办结日期", null=True, blank=True)

    class Meta:
        verbose_name = "单位承办"
        indexes = [
            models.Index(fields=["county", "state", "sign_by", "task"], name="taskpart_waiting"),
            models.Index(fields=["unit", "state", "sign_by"], name="taskpart_of_unit"),
            models.Index(fields=["task", "state", "sign_by"], name="taskpart_of_task"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "unit"], condition=~Q(state="withdrawn"), name="taskpart_unit_once"
            ),
            models.CheckConstraint(
                name="taskpart_signed_with_day",
                condition=Q(state__in=("signed", "answered", "done"), signed_on__isnull=False)
                | Q(state="waiting", signed_on__isnull=True)
                | Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                name="taskpart_answered_with_day",
                condition=~Q(state__in=("answered", "done")) | Q(answered_on__isnull=False),
            ),
            models.CheckConstraint(
                name="taskpart_done_with_day",
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="taskpart_signed_after_handed",
                condition=Q(signed_on__isnull=True) | Q(signed_on__gte=F("handed_on")),
            ),
        ]

    class Data:
        plain = frozenset(
            "id county task unit state handed_on sign_by withdraw_reason signed_on signed_how answer answered_on"
            " review_note done_on".split()
        )
        personal = frozenset({"signed_by", "answered_by"})
